BeforeDiscovery {
    # Each cmdlet that meets the cluster, and what its error is about there: the token's id where one was named, else the server.
    $commands = @(
        @{ Command = 'Get'; Run = { Get-K3sBootstrapToken @args }; About = 'server' }
        @{ Command = 'Get of an id'; Run = { Get-K3sBootstrapToken abc123 @args }; About = 'id' }
        @{ Command = 'New'; Run = { New-K3sBootstrapToken @args }; About = 'server' }
        @{ Command = 'New of an id'; Run = { New-K3sBootstrapToken xyz789.0123456789abcdef @args }; About = 'xyz789' }
        @{ Command = 'Set'; Run = { Set-K3sBootstrapToken abc123 -Description changed @args }; About = 'id' }
        @{ Command = 'Remove'; Run = { Remove-K3sBootstrapToken abc123 @args }; About = 'id' }
        @{ Command = 'Remove -PassThru'; Run = { Remove-K3sBootstrapToken abc123 -PassThru @args }; About = 'id' }
    )
    $changes = @($commands | Where-Object Command -NotLike 'Get*')

    $durations = @(
        @{ What = 'negative'; Value = '-5m'; Says = "'-5m' is negative" }
        @{ What = 'a negative number'; Value = -5; Says = "'-5' is negative" }
        @{ What = 'a negative TimeSpan'; Value = [TimeSpan]::FromHours(-1); Says = 'is negative' }
        @{ What = 'without a unit'; Value = '24'; Says = 'write 24h' }
        @{ What = 'a number'; Value = 24; Says = 'write 24h' }
        @{ What = 'too long to be counted in days'; Value = '99999999999d'; Says = 'is too long' }
        @{ What = 'too long to be counted at all'; Value = ('9' * 400 + 'h'); Says = 'is too long' }
        @{ What = 'too long a TimeSpan'; Value = [TimeSpan]::MaxValue; Says = 'is too long' }
        @{ What = 'no duration'; Value = 'a while'; Says = 'is not a duration' }
        @{ What = 'of an unknown unit'; Value = '2w'; Says = 'is not a duration' }
        @{ What = 'empty'; Value = ''; Says = 'is empty' }
        @{ What = 'null'; Value = $null; Says = 'is null' }
    )
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Failures.ps1
    . $PSScriptRoot/Kubeconfigs.ps1
    $sandbox = Start-Sandbox '--cleaner', 'off'
    New-StoredToken abc123 @{ description = 'as it was' }
    $good = $env:KUBECONFIG
    $url = Get-KubeconfigValue server
}

AfterAll {
    Stop-Sandbox $sandbox
}

Describe 'What goes wrong' {
    BeforeEach {
        $revision = Get-Revision
    }

    AfterEach {
        $env:KUBECONFIG = $good
        Get-Revision | Should -Be $revision
    }

    Context 'no kubeconfig, <Command>' -ForEach $commands {
        It 'ends the command if the path was typed' {
            $missing = Join-Path $TestDrive missing.yaml
            $failure = Get-Failure { & $Run -Kubeconfig $missing }
            $failure.Id | Should -BeExactly 'KubeconfigNotFound'
            $failure.Category | Should -Be 'InvalidOperation'
            $failure.Terminating | Should -BeTrue
            $failure.Message | Should -BeLike "*$missing*"
        }

        It 'is an error of the item if it is the environment''s' {
            $env:KUBECONFIG = Join-Path $TestDrive missing.yaml
            $failure = Get-Failure { & $Run }
            $failure.Id | Should -BeExactly 'KubeconfigNotFound'
            $failure.Category | Should -Be 'InvalidOperation'
            $failure.Terminating | Should -BeFalse
            $failure.Message | Should -BeLike "*KUBECONFIG*$env:KUBECONFIG*"
        }
    }

    Context 'broken YAML, <Command>' -ForEach $commands {
        It 'is KubeconfigInvalid, with the file' {
            $broken = New-Kubeconfig '(?s)\A' "a: [`n"
            $failure = Get-Failure { & $Run -Kubeconfig $broken }
            $failure.Id | Should -BeExactly 'KubeconfigInvalid'
            $failure.Category | Should -Be 'InvalidOperation'
            $failure.Terminating | Should -BeTrue
            $failure.Message | Should -BeLike "*$broken*"
        }
    }

    Context 'an unknown context, <Command>' -ForEach $commands {
        It 'is ContextNotFound, with the contexts there are' {
            $failure = Get-Failure { & $Run -Context elsewhere }
            $failure.Id | Should -BeExactly 'ContextNotFound'
            $failure.Category | Should -Be 'InvalidOperation'
            $failure.Terminating | Should -BeTrue
            $failure.Message | Should -BeLike "*'elsewhere'*: default.*"
        }

        It 'does not end the command if it is the kubeconfig''s own current one' {
            $env:KUBECONFIG = New-Kubeconfig 'current-context: default' 'current-context: elsewhere'
            $failure = Get-Failure { & $Run }
            $failure.Id | Should -BeExactly 'ContextNotFound'
            $failure.Terminating | Should -BeFalse
            $env:KUBECONFIG = $good
        }
    }

    Context '<Situation>' -ForEach @(
        @{
            Situation = 'a dead server'
            Id = 'ClusterUnreachable'; Category = 'ConnectionError'; Says = '*cannot be reached: the connection was refused*'
            Kubeconfig = { New-Kubeconfig 'server: \S+' "server: $(Get-DeadServer)" }
        }
        @{
            Situation = 'a host that nobody knows'
            Id = 'ClusterUnreachable'; Category = 'ConnectionError'; Says = '*https://nowhere.invalid:6443*'
            Kubeconfig = { New-Kubeconfig 'server: \S+' 'server: https://nowhere.invalid:6443' }
        }
        @{
            Situation = 'a wrong CA'
            Id = 'ServerCertificateUntrusted'; Category = 'SecurityError'; Says = '*does not chain to the CA*CN=another*'
            Kubeconfig = {
                $other = New-Certificate 'CN=another' ([DateTimeOffset]::Now.AddDays(-1)) ([DateTimeOffset]::Now.AddDays(1))
                New-Kubeconfig 'certificate-authority-data: \S+' "certificate-authority-data: $($other.Certificate)"
            }
        }
        @{
            Situation = 'the right CA and the wrong host name'
            Id = 'ServerCertificateUntrusted'; Category = 'SecurityError'; Says = "*is not for the name 'elsewhere.example'*"
            Kubeconfig = { New-Kubeconfig '( +)server: ' "`$1tls-server-name: elsewhere.example`n`$1server: " }
        }
        @{
            Situation = 'an expired client certificate'
            Id = 'ClientCertificateExpired'; Category = 'SecurityError'; Says = '*CN=system:admin*expired on*'
            Kubeconfig = {
                $now = [DateTimeOffset]::Now
                $old = New-Certificate 'CN=system:admin, O=system:masters' $now.AddDays(-2) $now.AddDays(-1)
                New-UserKubeconfig "client-certificate-data: $($old.Certificate)", "client-key-data: $($old.Key)"
            }
        }
        @{
            Situation = 'credentials that the server does not accept (401)'
            Id = 'AuthenticationFailed'; Category = 'AuthenticationError'; Says = '*401*'
            Kubeconfig = { New-UserKubeconfig 'token: not-a-token' }
        }
        @{
            Situation = 'a user who may not do it (403)'
            Id = 'AccessDenied'; Category = 'PermissionDenied'; Says = '*403*User "nobody" cannot * resource "secrets"*'
            Kubeconfig = { New-Kubeconfig '(?m)^    client-certificate-data:' "    as: nobody`n    client-certificate-data:" }
        }
    ) {
        It 'is <Id>, for <Command>' -ForEach $commands {
            $kubeconfig = & $Kubeconfig
            $failure = Get-Failure { & $Run -Kubeconfig $kubeconfig }
            $failure.Id | Should -BeExactly $Id
            $failure.Category | Should -Be $Category
            $failure.Message | Should -BeLike $Says
            $failure.Terminating | Should -BeFalse
            $failure.Errors | Should -HaveCount 1
            $failure.Output | Should -BeNullOrEmpty
            $server = [regex]::Match((Get-Content $kubeconfig -Raw), 'server: (\S+)').Groups[1].Value
            $failure.Target | Should -BeExactly $(switch ($About) { 'server' { $server } 'id' { 'abc123' } default { $_ } })
        }
    }

    Context 'a server that does not answer' {
        It 'is OperationTimedOut after the time that was given' {
            $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
            $listener.Start()
            try {
                $silent = New-Kubeconfig 'server: \S+' "server: https://127.0.0.1:$($listener.LocalEndpoint.Port)"
                $failure = Get-Failure { Get-K3sBootstrapToken -Kubeconfig $silent -TimeoutSec 1 }
            }
            finally {
                $listener.Stop()
            }
            $failure.Id | Should -BeExactly 'OperationTimedOut'
            $failure.Category | Should -Be 'OperationTimeout'
            $failure.Message | Should -BeLike '*within 1 s.*-TimeoutSec*'
        }
    }

    Context 'an id that is taken' {
        It 'is TokenAlreadyExists' {
            $failure = Get-Failure { New-K3sBootstrapToken abc123.fedcba9876543210 }
            $failure.Id | Should -BeExactly 'TokenAlreadyExists'
            $failure.Category | Should -Be 'ResourceExists'
            $failure.Target | Should -BeExactly 'abc123'
            $failure.Terminating | Should -BeFalse
        }
    }

    Context 'an id that is not there, <Command>' -ForEach @($commands | Where-Object About -EQ id) {
        It 'is TokenNotFound' {
            $other = [scriptblock]::Create("$Run".Replace('abc123', 'zzzzzz'))
            $failure = Get-Failure { & $other }
            $failure.Id | Should -BeExactly 'TokenNotFound'
            $failure.Category | Should -Be 'ObjectNotFound'
            $failure.Target | Should -BeExactly 'zzzzzz'
            $failure.Terminating | Should -BeFalse
            $failure.Message | Should -BeLike "*'zzzzzz' on $url*"
        }
    }

    Context 'an id that is none: <Id>' -ForEach @(
        @{ Id = 'abc'; Shown = 'abc' }
        @{ Id = 'ABC123'; Shown = 'ABC123' }
        @{ Id = 'abc-12'; Shown = 'abc-12' }
        @{ Id = 'abc1234'; Shown = 'abc123...' }
        @{ Id = 'abc123 '; Shown = 'abc123...' }
        @{ Id = 'abc123.short'; Shown = 'abc123...' }
        @{ Id = 'abc123.0123456789abcdeX'; Shown = 'abc123...' }
        @{ Id = 'abc123.0123456789abcdef*'; Shown = 'abc123...' }
        @{ Id = 'K10xyz::abc123.0123456789abcdef'; Shown = 'K10xyz...' }
        @{ Id = "K10$('0' * 64)::server:password"; Shown = 'K10000...' }
        @{ Id = '@abc123'; Shown = '@abc12...' }
    ) {
        It 'is InvalidTokenFormat for <Command>, and shows no more of it than an id has' -ForEach @(
            @{ Command = 'Get'; Run = { Get-K3sBootstrapToken -Id $args[0] } }
            @{ Command = 'Set'; Run = { Set-K3sBootstrapToken -Id $args[0] -Description changed } }
            @{ Command = 'Remove'; Run = { Remove-K3sBootstrapToken -Id $args[0] } }
            @{ Command = 'Remove in a pipeline'; Run = { $args[0] | Remove-K3sBootstrapToken } }
        ) {
            $failure = Get-Failure { & $Run $Id }
            $failure.Id | Should -BeExactly 'InvalidTokenFormat'
            $failure.Category | Should -Be 'InvalidArgument'
            $failure.Target | Should -BeExactly $Shown
            $failure.Message | Should -BeLike "'$($Shown)' is not the id of a bootstrap token.*"
            $failure.Terminating | Should -BeFalse
            $failure.Output | Should -BeNullOrEmpty
        }
    }

    Context 'a token to create that is none' {
        It 'is InvalidTokenFormat: <Value>' -ForEach @(
            @{ Value = 'abc123' }
            @{ Value = 'xyz789.0123456789abcdeX' }
            @{ Value = 'XYZ789.0123456789abcdef' }
            @{ Value = 'xyz789.0123456789abcdef ' }
            @{ Value = "xyz789.0123456789abcdef`n" }
            @{ Value = 'xyz789:0123456789abcdef' }
        ) {
            $failure = Get-Failure { New-K3sBootstrapToken -Token $Value }
            $failure.Id | Should -BeExactly 'InvalidTokenFormat'
            $failure.Category | Should -Be 'InvalidArgument'
            $failure.Target | Should -BeNullOrEmpty
            $failure.Message | Should -Not -BeLike "*$Value*"
            $failure.Terminating | Should -BeFalse
        }
    }

    Context 'a group that Kubernetes refuses' {
        It 'is InvalidGroup for New-: <Group>' -ForEach @(
            @{ Group = 'system:masters' }
            @{ Group = 'system:bootstrappers:' }
            @{ Group = 'system:bootstrappers:Upper' }
            @{ Group = 'system:bootstrappers:ends-with-' }
            @{ Group = 'system:bootstrappers' }
            @{ Group = ' ' + 'admins' }
            @{ Group = 'system:bootstrappers:' + 'a' * 257 }
        ) {
            $failure = Get-Failure { New-K3sBootstrapToken -Groups 'system:bootstrappers:good', $Group }
            $failure.Id | Should -BeExactly 'InvalidGroup'
            $failure.Category | Should -Be 'InvalidArgument'
            $failure.Message | Should -BeLike "'$($Group.Trim())'*system:bootstrappers:*"
            $failure.Terminating | Should -BeFalse
        }

        It 'is InvalidGroup for Set-' {
            $failure = Get-Failure { Set-K3sBootstrapToken abc123 -Groups system:masters }
            $failure.Id | Should -BeExactly 'InvalidGroup'
            $failure.Category | Should -Be 'InvalidArgument'
            $failure.Target | Should -BeExactly 'abc123'
        }
    }

    Context 'a usage that is none' {
        It 'is InvalidUsage: <Name>' -ForEach @(
            @{ Name = 'an unknown one'; Usages = 'authentication', 'everything'; Says = "'everything' is not a usage*" }
            @{ Name = 'one in capitals'; Usages = @('Signing'); Says = "'Signing' is not a usage*" }
            @{ Name = 'no usage at all'; Usages = @(); Says = '*without any usage*' }
        ) {
            foreach ($failure in
                (Get-Failure { New-K3sBootstrapToken -Usages $Usages }),
                (Get-Failure { Set-K3sBootstrapToken abc123 -Usages $Usages })) {
                $failure.Id | Should -BeExactly 'InvalidUsage'
                $failure.Category | Should -Be 'InvalidArgument'
                $failure.Message | Should -BeLike $Says
                $failure.Terminating | Should -BeFalse
            }
        }
    }

    Context 'a time to live that is <What>' -ForEach $durations {
        It 'fails in binding, and shows the right form' {
            foreach ($failure in
                (Get-Failure { New-K3sBootstrapToken -Ttl $Value }),
                (Get-Failure { Set-K3sBootstrapToken abc123 -TimeToLive $Value })) {
                $failure.Id | Should -BeLike 'ParameterArgumentTransformationError*'
                $failure.Category | Should -Be 'InvalidData'
                $failure.Message | Should -BeLike "*$Says*"
                $failure.Terminating | Should -BeTrue
            }
        }

        It 'is no -ExpiringWithin either' {
            (Get-Failure { Get-K3sBootstrapToken -ExpiringWithin $Value }).Terminating | Should -BeTrue
        }
    }

    Context '-ExpiringWithin of no time' {
        It 'fails in binding' {
            (Get-Failure { Get-K3sBootstrapToken -ExpiringWithin 0 }).Message | Should -BeLike '*longer than zero*'
        }
    }

    Context 'an expiry that has passed' {
        It 'is ExpirationInPast for New-' {
            $failure = Get-Failure { New-K3sBootstrapToken xyz789.0123456789abcdef -ExpiresOn 2020-01-01 }
            $failure.Id | Should -BeExactly 'ExpirationInPast'
            $failure.Category | Should -Be 'InvalidArgument'
            $failure.Target | Should -BeExactly 'xyz789'
            $failure.Terminating | Should -BeFalse
            $failure.Message | Should -BeLike '*2020-01-01 00:00:00*'
        }

        It 'is ExpirationInPast for Set-' {
            $failure = Get-Failure { Set-K3sBootstrapToken abc123 -ExpiresOn 2020-01-01 }
            $failure.Id | Should -BeExactly 'ExpirationInPast'
            $failure.Target | Should -BeExactly 'abc123'
        }

        It 'is said once, however many tokens were wanted' {
            $failure = Get-Failure { New-K3sBootstrapToken -Count 20 -ExpiresOn 2020-01-01 }
            $failure.Id | Should -BeExactly 'ExpirationInPast'
            $failure.Errors | Should -HaveCount 1
        }
    }

    Context 'both -TimeToLive and -ExpiresOn' {
        It 'ends the command' {
            foreach ($failure in
                (Get-Failure { New-K3sBootstrapToken -Ttl 1h -ExpiresOn 2999-01-01 }),
                (Get-Failure { Set-K3sBootstrapToken abc123 -Ttl 1h -ExpiresOn 2999-01-01 })) {
                $failure.Id | Should -BeExactly 'AmbiguousParameterSet'
                $failure.Category | Should -Be 'InvalidArgument'
                $failure.Message | Should -BeLike '*-TimeToLive or -ExpiresOn*'
                $failure.Terminating | Should -BeTrue
            }
        }
    }

    Context 'one of several clusters is dead' {
        It 'lists the others' {
            $dead = New-NamedKubeconfig dead (New-Kubeconfig 'server: \S+' "server: $(Get-DeadServer)")
            $both = $dead, $good -join [IO.Path]::PathSeparator
            $failure = Get-Failure { Get-K3sBootstrapToken -Kubeconfig $both -Context * }
            $failure.Errors.FullyQualifiedErrorId | Should -BeLike 'ClusterUnreachable,*'
            $failure.Output.Id | Should -Be 'abc123'
        }
    }

    Context 'a listed token whose context leads elsewhere by now' {
        It 'is ConflictingChange, and stays' {
            $listed = [pscustomobject]@{ Id = 'abc123'; SecretName = 'bootstrap-token-abc123'; Server = 'https://10.0.0.1:6443' }
            $failure = Get-Failure { $listed | Remove-K3sBootstrapToken }
            $failure.Id | Should -BeExactly 'ConflictingChange'
            $failure.Category | Should -Be 'ResourceBusy'
            $failure.Target | Should -BeExactly 'abc123'
        }
    }
}
