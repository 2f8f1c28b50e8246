BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Failures.ps1
    . $PSScriptRoot/Kubeconfigs.ps1
    . $PSScriptRoot/Supervisor.ps1
    $supervisor = Start-Supervisor
    $hash = $supervisor.Hash
    $file = "$TestDrive/ca.pem"
    Set-Content $file $supervisor.CA -NoNewline
}

AfterAll {
    Stop-Supervisor $supervisor
}

Describe 'ConvertTo-K3sToken' {
    It 'names the CA in <Token>' -ForEach @(
        @{ Token = 'password'; Expected = 'server:password' }
        @{ Token = 'pass:word'; Expected = 'server:pass:word' }
        @{ Token = 'K10::node:password'; Expected = 'node:password' }
        @{ Token = 'K10server:password'; Expected = 'server:password' }
        @{ Token = 'K10::alice:password'; Expected = 'alice:password' }
        @{ Token = 'abcdef.0123456789abcdef'; Expected = 'abcdef.0123456789abcdef' }
        @{ Token = 'K10::abcdef.0123456789abcdef'; Expected = 'abcdef.0123456789abcdef' }
    ) {
        ConvertTo-K3sToken $Token -CACertificate $file -AsPlainText | Should -BeExactly "K10${hash}::$Expected"
        ConvertTo-K3sToken $Token -Server $supervisor.Server -AsPlainText -WarningAction Ignore | Should -BeExactly "K10${hash}::$Expected"
    }

    It 'leaves a token that names the CA already as it is' {
        "K10${hash}::node:password" | ConvertTo-K3sToken -Server $supervisor.Server -AsPlainText -WarningVariable said |
            Should -BeExactly "K10${hash}::node:password"
        $said | Should -BeNullOrEmpty
    }

    It 'refuses a token that names another CA' {
        $other = "K10$('a' * 64)::node:password"
        $failure = Get-Failure { ConvertTo-K3sToken $other -CACertificate $file }
        $failure.Id | Should -BeExactly 'CAHashMismatch'
        $failure.Category | Should -Be 'SecurityError'
        (Get-Failure { ConvertTo-K3sToken $other -Server $supervisor.Server }).Id | Should -BeExactly 'CAHashMismatch'
    }

    It 'warns where the hash is taken on trust' {
        $null = ConvertTo-K3sToken password -Server $supervisor.Server -WarningVariable said -WarningAction SilentlyContinue
        $said | Should -BeLike "*taken on trust from $($supervisor.Server)*"
        $null = ConvertTo-K3sToken password -CACertificate $file -WarningVariable said
        $said | Should -BeNullOrEmpty
    }

    It 'sends the token nowhere' {
        $supervisor.Log.Clear()
        $null = ConvertTo-K3sToken password -Server $supervisor.Server -WarningAction Ignore
        $supervisor.Log | Select-Object -Unique | Should -Be '/cacerts'
    }

    It 'takes another user name' {
        ConvertTo-K3sToken password -CACertificate $file -UserName node -AsPlainText | Should -BeExactly "K10${hash}::node:password"
        ConvertTo-K3sToken K10::server:password -CACertificate $file -UserName node -AsPlainText |
            Should -BeExactly "K10${hash}::node:password"
        (Get-Failure { ConvertTo-K3sToken password -CACertificate $file -UserName a:b }).Id | Should -BeExactly 'InvalidTokenFormat'
        (Get-Failure { ConvertTo-K3sToken abcdef.0123456789abcdef -CACertificate $file -UserName node }).Id |
            Should -BeExactly 'InvalidTokenFormat'
    }

    It 'writes a SecureString' {
        $secure = ConvertTo-K3sToken password -CACertificate $file
        $secure | Should -BeOfType ([securestring])
        ($secure | ConvertFrom-K3sToken).CAHash | Should -BeExactly $hash
    }

    It 'binds tokens and servers by property name' {
        [pscustomobject]@{ ShortToken = 'abcdef.0123456789abcdef'; Server = $supervisor.Server } |
            ConvertTo-K3sToken -AsPlainText -WarningAction Ignore | Should -BeExactly "K10${hash}::abcdef.0123456789abcdef"
    }

    It 'is InvalidTokenFormat for what is no token, before any server is asked' {
        (Get-Failure { ConvertTo-K3sToken K10x -Server (Get-DeadServer) }).Id | Should -BeExactly 'InvalidTokenFormat'
    }

    It 'is ClusterUnreachable for a dead server' {
        $dead = Get-DeadServer
        $failure = Get-Failure { ConvertTo-K3sToken password -Server $dead }
        $failure.Id | Should -BeExactly 'ClusterUnreachable'
        $failure.Target | Should -BeExactly $dead
    }

    It 'takes a server or a file, not both' {
        $failure = Get-Failure { ConvertTo-K3sToken password -Server $supervisor.Server -CACertificate $file }
        $failure.Id | Should -BeExactly 'AmbiguousParameterSet'
    }
}
