# What a person tries first after an installation, in either edition. Package.Tests.ps1 runs it, and Windows PowerShell.
BeforeAll {
    . $PSScriptRoot/Common.ps1
    $sandbox = Start-Sandbox
}

AfterAll {
    Stop-Sandbox $sandbox
}

Describe 'The installed module' {
    It 'shows the help of <_>' -ForEach 'Get-K3sBootstrapToken', 'Invoke-K3sTokenRotation' {
        (Get-Help $_).Synopsis | Should -Not -BeLike "*$_*" -Because 'that is what PowerShell says where there is no help'
    }

    It 'makes, lists and removes a token' {
        $token = New-K3sBootstrapToken -Description 'installed' -Ttl 1h
        (Get-K3sBootstrapToken).Description | Should -Be 'installed'
        $token | Remove-K3sBootstrapToken
        Get-K3sBootstrapToken | Should -BeNullOrEmpty
    }

    It 'takes a server token apart, and tries it on the server it is of' {
        $server = (Get-Content "$($sandbox.Folder)/output" -Raw) -replace "(?s).*K3S_URL = '(.+?)'.*", '$1'
        $token = Get-K3sServerToken "$($sandbox.Folder)/data/server-1"
        $token.Kind | Should -Be 'Server'
        $token | Test-K3sToken -Server $server -Quiet | Should -BeTrue
    }
}
