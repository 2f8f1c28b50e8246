BeforeDiscovery {
    # Each credential that a real server was shown just as a node shows it, and whether it was accepted.
    $shown = foreach ($name in 'with-agent-token', 'without-agent-token') {
        $recording = ConvertFrom-Json (Get-Content "$PSScriptRoot/../recorded/supervisor-auth/$name.json" -Raw) -Depth 20
        foreach ($exchange in $recording.exchanges | Where-Object { $_.request.method -eq 'GET' -and $_.request.path -in '/v1-k3s/token', '/v1-k3s/readyz' }) {
            $header = @($exchange.request.headers | Where-Object { $_[0] -eq 'Authorization' } | ForEach-Object { $_[1] })[0]
            $credential = switch -Regex -CaseSensitive ($header) {
                '^Basic ([A-Za-z0-9+/]{4})+([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$' {
                    [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($header.Substring(6)))
                }
                '^Bearer ([a-z0-9]{6}\.[a-z0-9]{16})$' { $Matches[1] }
            }
            $role = if ($exchange.request.path -eq '/v1-k3s/token') { 'Server' } else { 'Agent' }
            $asNodesDo = if ($role -eq 'Server') { '(?s)^server:.' } else { '(?s)^(node:.|[a-z0-9]{6}\.)' }
            # Of a server that is still starting the unit tests have more.
            if ($credential -cmatch $asNodesDo -and $exchange.response.status -ne 503) {
                @{ Setup = $name; Case = $exchange.id; Role = $role; Credential = $credential; Accepted = $exchange.response.status -in 200, 405 }
            }
        }
    }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Failures.ps1
    . $PSScriptRoot/Kubeconfigs.ps1
    . $PSScriptRoot/Supervisor.ps1
    . $PSScriptRoot/Cluster.ps1
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
        $shown | Should -Match 'Server +Succeeded +Kind +Reason'
    }
}

Describe 'Test-K3sToken, of the servers of a cluster' {
    BeforeAll {
        $cluster = Start-Cluster '--servers', '3', '--agent-token', 'agent-password', '--cleaner', 'off'
        New-StoredToken 'abcdef'
        $known = @{
            Server    = $cluster.Token
            Password  = $cluster.Password
            User      = "K10$($cluster.Hash)::alice:$($cluster.Password)"
            Agent     = "K10$($cluster.Hash)::node:agent-password"
            Bootstrap = "K10$($cluster.Hash)::abcdef.0123456789abcdef"
        }
    }

    AfterAll {
        Stop-Cluster $cluster
    }

    It 'sends no whole token that has something around it: <Before>' -ForEach @(
        @{ Before = ' '; After = '' }
        @{ Before = '"'; After = '"' }
        @{ Before = 'K3S_TOKEN='; After = '' }
    ) {
        $null = Get-Request $cluster
        $null = Test-K3sToken "$Before$($cluster.Token)$After" -Server $cluster.Servers -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'InvalidTokenFormat,*'
        Get-Request $cluster | Should -BeNullOrEmpty
    }

    It 'accepts the <Token> token as <As> on each, and tells what it is' -ForEach @(
        @{ Token = 'Server'; Role = $null; Kind = 'Server'; As = 'Server' }
        @{ Token = 'Server'; Role = 'Server'; Kind = 'Server'; As = 'Server' }
        @{ Token = 'User'; Role = $null; Kind = 'Server'; As = 'Server' }
        @{ Token = 'User'; Role = 'Server'; Kind = 'Server'; As = 'Server' }
        @{ Token = 'Agent'; Role = $null; Kind = 'Agent'; As = 'Agent' }
        @{ Token = 'Agent'; Role = 'Agent'; Kind = 'Agent'; As = 'Agent' }
        @{ Token = 'Bootstrap'; Role = $null; Kind = 'Bootstrap'; As = 'Agent' }
        @{ Token = 'Bootstrap'; Role = 'Agent'; Kind = 'Bootstrap'; As = 'Agent' }
    ) {
        $role = if ($Role) { @{ Role = $Role } } else { @{} }
        $results = Test-K3sToken $known[$Token] -Server $cluster.Servers @role
        $results.Server | Should -Be $cluster.Servers
        $results.Succeeded | Should -Be $true, $true, $true
        $results.Kind | Select-Object -Unique | Should -Be $Kind
        $results.Role | Select-Object -Unique | Should -Be $As
        $results.Steps.Succeeded | Should -Not -Contain $false
        Test-K3sToken $known[$Token] -Server $cluster.Servers @role -Quiet | Should -BeExactly $true
    }

    It 'does not accept the <Token> token as <Role>' -ForEach @(
        @{ Token = 'Server'; Role = 'Agent' }
        @{ Token = 'User'; Role = 'Agent' }
        @{ Token = 'Agent'; Role = 'Server' }
        @{ Token = 'Bootstrap'; Role = 'Server' }
    ) {
        $result = Test-K3sToken $known[$Token] -Server $cluster.Servers[0] -Role $Role
        $result.Succeeded, $result.Role | Should -Be $false, $Role
        ($result.Steps | Where-Object { -not $_.Succeeded }).Name | Should -Be 'Credentials'
        Test-K3sToken $known[$Token] -Server $cluster.Servers[0] -Role $Role -Quiet -ErrorAction Stop | Should -BeExactly $false
    }

    It 'accepts the server token as Agent where there is no agent token' {
        $common = Start-Cluster
        try {
            (Test-K3sToken $common.Token -Server $common.Servers[0] -Role Agent).Kind | Should -Be 'Agent'
            (Test-K3sToken "K10$($common.Hash)::node:$($common.Password)" -Server $common.Servers[0] -Role Server).Kind | Should -Be 'Server'
        }
        finally {
            Stop-Cluster $common
            $env:KUBECONFIG = "$($cluster.Folder)/k3s.yaml"
        }
    }

    It 'changes nothing' {
        $before = Get-Revision
        Get-Request $cluster | Out-Null
        $known.Values | Test-K3sToken -Server $cluster.Servers -WarningAction Ignore | Out-Null
        $requests = Get-Request $cluster
        $requests.Method | Select-Object -Unique | Should -Be 'GET'
        $requests.Path | Sort-Object -Unique | Should -Be '/cacerts', '/v1-k3s/readyz', '/v1-k3s/token'
        Get-Revision | Should -Be $before
    }

    It 'takes texts from the pipeline' {
        ($known.Agent, $known.Server | Test-K3sToken -Server $cluster.Servers[0]).Kind | Should -Be 'Agent', 'Server'
    }

    It 'takes token objects from the pipeline: <From>' -ForEach @(
        @{ From = 'ConvertFrom-K3sToken'; Make = { $known.Agent | ConvertFrom-K3sToken }; Kind = 'Agent' }
        @{ From = 'ConvertFrom-K3sToken -AsPlainText'; Make = { $known.Server | ConvertFrom-K3sToken -AsPlainText }; Kind = 'Server' }
        @{ From = 'Get-K3sServerToken'; Make = { Get-K3sServerToken $cluster.Data[1] }; Kind = 'Server' }
        @{ From = 'Get-K3sServerToken -Kind Agent'; Make = { Get-K3sServerToken $cluster.Data[1] -Kind Agent }; Kind = 'Agent' }
        @{ From = 'New-K3sBootstrapToken'; Make = { New-K3sBootstrapToken }; Kind = 'Bootstrap' }
    ) {
        $result = . $Make | Test-K3sToken -Server $cluster.Servers[2]
        $result.Succeeded, $result.Kind, $result.CAVerified | Should -Be $true, $Kind, $true
    }

    It 'says which server of several cannot be reached, and what the others say' {
        $servers = $cluster.Servers[0], (Get-DeadServer), $cluster.Servers[1]
        $results = Test-K3sToken $known.Server -Server $servers
        $results.Succeeded | Should -Be $true, $false, $true
        $results[1].Reason | Should -BeLike '*cannot be reached*'
        $failure = Get-Failure { Test-K3sToken $known.Server -Server $servers -Quiet }
        $failure.Id, $failure.Target | Should -Be 'ClusterUnreachable', $servers[1]
        $failure.Output | Should -HaveCount 1
        $failure.Output[0] | Should -BeExactly $false
    }

    It 'sends no token to a server whose CA has another hash' {
        Get-Request $cluster | Out-Null
        $result = Test-K3sToken "K10$('0' * 64)::server:$($cluster.Password)" -Server $cluster.Servers[0]
        $result.Succeeded, $result.CAVerified | Should -Be $false, $false
        ($result.Steps | Where-Object Succeeded).Name | Should -Be 'Download'
        $result.Reason | Should -BeLike "*$($cluster.Hash)*"
        (Get-Request $cluster).Credentials | Should -Not -Contain $true
    }

    It 'sends no token to a server whose certificate is for another name' {
        $elsewhere = Start-Cluster '--host-name', 'wrong'
        try {
            $result = Test-K3sToken $elsewhere.Token -Server $elsewhere.Servers[0]
            $result.Succeeded | Should -BeFalse
            ($result.Steps | Where-Object Succeeded).Name | Should -Be 'Download', 'Hash', 'Chain'
            $result.Reason | Should -BeLike '*elsewhere.example*'
            (Get-Request $elsewhere).Credentials | Should -Not -Contain $true
        }
        finally {
            Stop-Cluster $elsewhere
            $env:KUBECONFIG = "$($cluster.Folder)/k3s.yaml"
        }
    }

    It 'trusts a file of CAs, and still looks at the hash' {
        $file = "$TestDrive/cluster-ca.pem"
        Set-Content $file (Get-K3sClusterCA $cluster.Servers[0]).Pem -NoNewline
        (Test-K3sToken $known.Password -Server $cluster.Servers[0] -CACertificate $file).CAVerified | Should -BeTrue
        $result = Test-K3sToken "K10$('0' * 64)::server:$($cluster.Password)" -Server $cluster.Servers[0] -CACertificate $file
        ($result.Steps | Where-Object Succeeded).Name | Should -Be 'Download'
    }

    It 'ends with a file of CAs that cannot be used' {
        $failure = Get-Failure { Test-K3sToken $known.Server -Server $cluster.Servers[0] -CACertificate "$TestDrive/none.pem" }
        $failure.Terminating | Should -BeTrue
    }

    # Elsewhere the CAs that a machine trusts are not those of one process.
    Context 'on a machine that trusts the server' -Skip:(-not $IsLinux) {
        BeforeAll {
            function Test-Trusting([string] $Token) {
                $file = "$TestDrive/host-ca.pem"
                Set-Content $file (Get-K3sClusterCA $cluster.Servers[0]).Pem -NoNewline
                $run = Invoke-Unattended "Test-K3sToken '$Token' -Server $($cluster.Servers[0]) -WarningVariable said -WarningAction Ignore |
                    Select-Object Succeeded, CAVerified, @{ n = 'Passed'; e = { @(`$_.Steps | Where-Object Succeeded).Count } }, @{ n = 'Warnings'; e = { `$said.Count } } |
                    ConvertTo-Json -Compress" @{ SSL_CERT_FILE = $file }
                $run.Output | ConvertFrom-Json
            }
        }

        It 'checks a hash that is given all the same' {
            $right = Test-Trusting $known.Server
            $right.Succeeded, $right.CAVerified, $right.Passed | Should -Be $true, $true, 5
            Get-Request $cluster | Out-Null
            $wrong = Test-Trusting "K10$('0' * 64)::server:$($cluster.Password)"
            $wrong.Succeeded, $wrong.Passed | Should -Be $false, 1
            (Get-Request $cluster).Credentials | Should -Not -Contain $true
        }

        It 'needs no hash' {
            $bare = Test-Trusting $known.Password
            $bare.Succeeded, $bare.CAVerified, $bare.Warnings | Should -Be $true, $true, 0
        }
    }
}

Describe 'Test-K3sToken, with what a real server was shown: <Setup>' -ForEach @(
    @{ Setup = 'with-agent-token'; Cases = @($shown | Where-Object Setup -EQ 'with-agent-token') }
    @{ Setup = 'without-agent-token'; Cases = @($shown | Where-Object Setup -EQ 'without-agent-token') }
) {
    BeforeAll {
        $recorded = (ConvertFrom-Json (Get-Content "$PSScriptRoot/../recorded/supervisor-auth/$Setup.json" -Raw) -Depth 20).setup
        $options = '--cleaner', 'off', '--token', $recorded.serverToken
        $cluster = Start-Cluster ($options + @(if ($recorded.agentTokenSetSeparately) { '--agent-token', $recorded.agentToken }))
        # Those that were accepted are there and good, those that had expired are there.
        foreach ($case in $Cases | Where-Object Case -Like '*/bearer-*' | Sort-Object { $_.Credential } -Unique) {
            $id, $secret = $case.Credential -split '\.'
            if ($case.Accepted) {
                New-StoredToken $id @{ 'token-secret' = $secret }
            }
            elseif ($case.Case -like '*expired') {
                New-StoredToken $id @{ 'token-secret' = $secret; expiration = '2020-01-01T00:00:00Z' }
            }
        }
    }

    AfterAll {
        Stop-Cluster $cluster
    }

    It 'has enough of it' {
        $Cases.Count | Should -BeGreaterThan 6
        $Cases.Accepted | Should -Contain $true
    }

    It 'says what that server said: <Case>' -ForEach $Cases {
        $result = Test-K3sToken "K10$($cluster.Hash)::$Credential" -Server $cluster.Servers[0] -Role $Role
        $result.Steps[0..3].Succeeded | Should -Not -Contain $false
        $result.Succeeded | Should -Be $Accepted
    }
}
