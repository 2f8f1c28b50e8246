# What a person tries first after an installation. Package.Tests.ps1 runs it.
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
        Get-StoredToken | Should -BeNullOrEmpty
    }
}
