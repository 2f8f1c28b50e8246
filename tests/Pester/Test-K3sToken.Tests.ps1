BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Failures.ps1
    . $PSScriptRoot/Kubeconfigs.ps1
    . $PSScriptRoot/Supervisor.ps1
    $supervisor = Start-Supervisor
    $other = Start-Supervisor
    $server = $supervisor.Server
    $full = "K10$($supervisor.Hash)::"
}

AfterAll {
    Stop-Supervisor $supervisor
    Stop-Supervisor $other
}

Describe 'Test-K3sToken' {
    It 'tells the tokens apart: <Text>' -ForEach @(
        @{ Text = 'server:server-password'; Kind = 'Server'; As = 'Server' }
        @{ Text = 'node:agent-password'; Kind = 'Agent'; As = 'Agent' }
        @{ Text = ':agent-password'; Kind = 'Agent'; As = 'Agent' }
        @{ Text = 'abcdef.0123456789abcdef'; Kind = 'Bootstrap'; As = 'Agent' }
    ) {
        $result = Test-K3sToken "$full$Text" -Server $server
        $result | Should -BeOfType ([K3sToken.TokenTestResult])
        $result.Succeeded | Should -BeTrue
        $result.Kind | Should -Be $Kind
        $result.Role | Should -Be $As
        $result.Server | Should -BeExactly $server
        $result.CAVerified | Should -BeTrue
        $result.Reason | Should -BeNullOrEmpty
        $result.Steps.Name | Should -Be 'Download', 'Hash', 'Chain', 'HostName', 'Credentials'
        $result.Steps.Succeeded | Should -Not -Contain $false
    }

    It 'shows the token as the role does: <Role>' -ForEach @(
        @{ Role = 'Server'; Shown = '/v1-k3s/token server:any-password' }
        @{ Role = 'Agent'; Shown = '/v1-k3s/readyz node:any-password' }
    ) {
        $supervisor.Log.Clear()
        $result = Test-K3sToken "${full}alice:any-password" -Server $server -Role $Role
        $result.Succeeded | Should -BeFalse
        $result.Role | Should -Be $Role
        $result.Kind | Should -Be 'User'
        $result.Reason | Should -BeLike '*401*'
        $supervisor.Log | Where-Object { $_ -ne '/cacerts' } | Should -Be $Shown
    }

    It 'warns where the CA is taken on trust' {
        $result = Test-K3sToken server-password -Server $server -WarningVariable said -WarningAction SilentlyContinue
        $result.Succeeded | Should -BeTrue
        $result.CAVerified | Should -BeFalse
        $said | Should -BeLike '*taken on trust*'
    }

    It 'shows nothing to a server with another CA' {
        $other.Log.Clear()
        $result = Test-K3sToken "${full}server:server-password" -Server $other.Server
        $result.Succeeded | Should -BeFalse
        $result.CAVerified | Should -BeFalse
        ($result.Steps | Where-Object Name -EQ Hash).Succeeded | Should -BeFalse
        ($result.Steps | Where-Object Name -EQ Credentials).Detail | Should -BeExactly 'Not reached.'
        $other.Log | Select-Object -Unique | Should -Be '/cacerts'
    }

    It 'says one thing of each server, in their order' {
        $dead = Get-DeadServer
        $results = Test-K3sToken "${full}server:server-password" -Server $dead, $server, $other.Server
        $results.Server | Should -Be $dead, $server, $other.Server
        $results.Succeeded | Should -Be $false, $true, $false
    }

    It 'trusts a file in place of the server' {
        Set-Content "$TestDrive/ca.pem" $supervisor.CA -NoNewline
        $result = Test-K3sToken server-password -Server $server -CACertificate "$TestDrive/ca.pem" -WarningVariable said
        $result.Succeeded, $result.CAVerified | Should -Be $true, $true
        $said | Should -BeNullOrEmpty
        (Test-K3sToken server-password -Server $other.Server -CACertificate "$TestDrive/ca.pem").Succeeded | Should -BeFalse
    }

    It 'asks K3S_URL unless told otherwise' {
        $env:K3S_URL = $server
        (Test-K3sToken "${full}server:server-password").Server | Should -BeExactly $server
        Remove-Item env:K3S_URL
    }

    It 'says that a server is starting, or too old to say' {
        $starting = Start-Supervisor -Answers Starting
        $old = Start-Supervisor -Answers TooOld
        (Test-K3sToken "K10$($starting.Hash)::server:x" -Server $starting.Server).Reason | Should -BeLike '*is starting*'
        (Test-K3sToken "K10$($old.Hash)::server:x" -Server $old.Server).Reason | Should -BeLike '*too old*'
        (Get-Failure { Test-K3sToken "K10$($old.Hash)::server:x" -Server $old.Server -Quiet }).Id | Should -BeExactly 'ServerTooOld'
        Stop-Supervisor $starting
        Stop-Supervisor $old
    }

    Context '-Quiet' {
        It 'is exactly one bool a token' {
            "${full}server:server-password", "${full}server:wrong" | Test-K3sToken -Server $server -Quiet | Should -Be $true, $false
            Test-K3sToken "${full}server:server-password" -Server $server, $other.Server -Quiet | Should -BeExactly $false
            Test-K3sToken "${full}server:server-password" -Server $server, $server -Quiet | Should -BeExactly $true
        }

        It 'is false, with an error, where a server cannot be reached' {
            $dead = Get-DeadServer
            $failure = Get-Failure { Test-K3sToken "${full}server:server-password" -Server $server, $dead -Quiet }
            $failure.Id | Should -BeExactly 'ClusterUnreachable'
            $failure.Category | Should -Be 'ConnectionError'
            $failure.Target | Should -BeExactly $dead
            $failure.Errors | Should -HaveCount 1
            $failure.Output | Should -Be $false
        }

        It 'is false, with an error, for what is no token or no server' {
            $failure = Get-Failure { Test-K3sToken K10x -Server $server -Quiet }
            $failure.Id, $failure.Output | Should -Be 'InvalidTokenFormat', $false
            $failure = Get-Failure { Test-K3sToken "${full}server:server-password" -Server $server, 'http://x' -Quiet }
            $failure.Id, $failure.Output | Should -Be 'ClusterUnreachable', $false
        }
    }

    Context 'pipelines' {
        It 'tests the tokens that New-K3sBootstrapToken makes' {
            $sandbox = Start-Sandbox
            try {
                $results = New-K3sBootstrapToken -Count 2 | Test-K3sToken
                $plain = New-K3sBootstrapToken -AsPlainText | Test-K3sToken
                @($results) + $plain | ForEach-Object { $_.Server | Should -BeExactly (Get-KubeconfigValue server) }
                @($results) + $plain | ForEach-Object { $_.Steps[0..3].Succeeded | Should -Not -Contain $false }
                $results | Should -HaveCount 2
            }
            finally {
                Stop-Sandbox $sandbox
            }
        }

        It 'tests tokens taken apart, and objects with a ShortToken' {
            ("${full}node:agent-password" | ConvertFrom-K3sToken | Test-K3sToken -Server $server).Kind | Should -Be 'Agent'
            $object = [pscustomobject]@{ ShortToken = 'agent-password'; Server = $server }
            ($object | Test-K3sToken -WarningAction Ignore).Kind | Should -Be 'Agent'
        }

        It 'says of an object without a token that it has none' {
            (Get-Failure { [pscustomobject]@{ Other = 1 } | Test-K3sToken -Server $server }).Output | Should -BeNullOrEmpty
        }
    }

    It 'writes no secret anywhere' {
        # What is typed on the command line stands in the errors of PowerShell itself.
        $secret = 'secret-{0}' -f 'password'
        $long = "K10$('a' * 64)::node:$secret"
        $all = & {
            Test-K3sToken $secret -Server $server, $other.Server, (Get-DeadServer) -Verbose
            Test-K3sToken $long -Server $server -Verbose
            Test-K3sToken $secret -Server $long -Quiet
            Test-K3sToken $secret -Server (Get-DeadServer) -Quiet
        } *>&1
        $all.Count | Should -BeGreaterThan 10
        $all | ForEach-Object { $_ | Format-List * -Force | Out-String; "$_"; $_ | Out-String } | Should -Not -BeLike "*$secret*"
    }

    It 'fits the screen' {
        $shown = Test-K3sToken "${full}server:server-password" -Server $server | Out-String -Width 80
        $shown | Should -Match 'Server +Succeeded +Kind +Role +Reason'
    }
}
