BeforeAll {
    . $PSScriptRoot/Common.ps1
    $hash = '5386ced363485a1cf64b13e5d3ecc4e97b824a3d570147e36fca79c2bebe427b'
    $text = "K10${hash}::server:dfddfb1cd1a96721b22740095d6431b9"

    function New-DataDir([string] $Name, [string] $Token) {
        $server = New-Item "TestDrive:/$Name/server" -ItemType Directory -Force
        if ($PSBoundParameters.ContainsKey('Token')) {
            Set-Content "$server/token" $Token -NoNewline
            Protect-File (Get-Item "$server/token").FullName
        }
        (Get-Item "TestDrive:/$Name").FullName
    }
}

Describe 'Get-K3sServerToken' {
    It 'reads the token file of a data directory' {
        $token = Get-K3sServerToken -DataDir (New-DataDir 'one' "$text`n")
        $token | Should -BeOfType K3sToken.ServerToken
        $token.Token | Should -BeOfType securestring
        $token.Kind, $token.Format, $token.CAHash, $token.UserName | Should -Be 'Server', 'Secure', $hash, 'server'
        $token.Path | Should -BeLike '*server*token'
    }

    It 'hands out text where it is asked for' {
        (Get-K3sServerToken (New-DataDir 'one' "$text`n") -AsPlainText).Token | Should -BeExactly $text
    }

    It 'takes a path that is relative to the current location' {
        $null = New-DataDir 'relative' $text
        Push-Location TestDrive:/
        try {
            (Get-K3sServerToken -DataDir relative).Kind | Should -Be 'Server'
        }
        finally {
            Pop-Location
        }
    }

    It 'finds the directory in K3S_DATA_DIR' {
        $env:K3S_DATA_DIR = New-DataDir 'environment' $text
        try {
            (Get-K3sServerToken).CAHash | Should -Be $hash
        }
        finally {
            Remove-Item env:K3S_DATA_DIR
        }
    }

    It 'follows a link of a mounted disk inside that disk' -Skip:($env:OS -eq 'Windows_NT') {
        if (Test-FrameworkBuild) {
            Set-ItResult -Skipped -Because '.NET Framework cannot read where a link leads'
        }

        $dir = New-DataDir 'mounted' $text
        $null = New-Item "$dir/server/agent-token" -ItemType SymbolicLink -Value '/var/lib/rancher/k3s/server/token' -Force
        $token = Get-K3sServerToken -DataDir $dir -Kind Agent -AsPlainText
        $token.Token | Should -BeExactly $text
        $token.LinkTarget | Should -Be "$dir/server/token"
    }

    It 'does not follow a link where it cannot read where it leads' -Skip:($env:OS -eq 'Windows_NT') {
        if (-not (Test-FrameworkBuild)) {
            Set-ItResult -Skipped -Because 'only .NET Framework cannot read it'
        }

        $dir = New-DataDir 'linked' $text
        $null = New-Item "$dir/server/agent-token" -ItemType SymbolicLink -Value "$dir/server/token" -Force
        Get-K3sServerToken -DataDir $dir -Kind Agent -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed.FullyQualifiedErrorId | Should -BeLike 'TokenNotFound,*'
        "$failed" | Should -BeLike '*PowerShell 7*'
    }

    It 'says TokenNotFound for <what>' -ForEach @(
        @{ what = 'a directory without a token'; dir = { New-DataDir 'bare' } }
        @{ what = 'a directory that is not there'; dir = { 'TestDrive:/nowhere' } }
        @{ what = 'an empty file'; dir = { New-DataDir 'empty' '' } }
    ) {
        Get-K3sServerToken -DataDir (& $dir) -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed.FullyQualifiedErrorId | Should -BeLike 'TokenNotFound,*'
        $failed.CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }
}
