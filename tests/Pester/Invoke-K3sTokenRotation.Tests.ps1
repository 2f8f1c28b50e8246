BeforeDiscovery {
    # Each value that a real server was told to rotate to, as far as a text can hold it.
    $values = Get-ChildItem "$PSScriptRoot/../recorded/rotation" -Filter *.json | ForEach-Object {
        $steps = (ConvertFrom-Json (Get-Content $_ -Raw) -Depth 20).steps
        $hash = [regex]::Match((Get-Content $_ -Raw), 'K10([0-9a-f]{64})::server').Groups[1].Value
        foreach ($step in $steps | Where-Object { $_.exchange.request.method -eq 'PUT' -and $_.status -in 200, 500 }) {
            # What stands shortened in the recording, and what is no JSON, is no value.
            if ($step.exchange.request.bodyText -match '^\s*\{.*\}\s*$') {
                $value = (ConvertFrom-Json $step.exchange.request.bodyText -AsHashtable)['newToken']
                if ($value) {
                    # The cluster's own CA hash stands where the real one's stood.
                    @{ Value = if ($hash) { $value.Replace("K10$hash", 'K10<own>') } else { $value }; Status = $step.status; Note = $step.note; After = $step.tokenFileAfter }
                }
            }
        }
    } | Sort-Object { $_.Value } -Unique -CaseSensitive
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Failures.ps1
    . $PSScriptRoot/Kubeconfigs.ps1
    . $PSScriptRoot/Cluster.ps1
    $new = 'the-new-password'

    # The 12 hex digits by which a snapshot names the token of its time.
    function Get-TokenHash([string] $Password) {
        $hash = [Security.Cryptography.SHA256]::HashData([Text.Encoding]::UTF8.GetBytes($Password))
        [Convert]::ToHexString($hash).ToLowerInvariant().Substring(0, 12)
    }

    function Get-Change($Cluster) {
        Get-Request $Cluster | Where-Object Method -NE GET
    }
}

Describe 'Invoke-K3sTokenRotation' {
    BeforeAll {
        $kept = @{}
    }

    BeforeEach {
        $cluster = Get-FreshCluster $kept '--servers', '2', '--agents', '1'
        $rotation = @{ Server = $cluster.Servers; Token = $cluster.Token; Confirm = $false; WarningAction = 'Ignore' }
    }

    AfterAll {
        Stop-Cluster $kept.Cluster
    }

    Context 'of a cluster that is well' {
        It 'sends one change, to the first server, and says that all wait for their restart' {
            $result = Invoke-K3sTokenRotation @rotation -NewToken $new -AsPlainText
            $result | Should -HaveCount 1
            $result | Should -BeOfType ([K3sToken.TokenRotation])
            $result.State | Should -Be 'PendingRestart'
            $result.Server | Should -Be $cluster.Servers
            $result.Servers.Server | Should -Be $cluster.Servers
            $result.Servers.State | Should -Be 'PendingRestart', 'PendingRestart'
            $result.Servers.Detail | Should -BeLike '*Restart*'
            $result.Token | Should -BeExactly $cluster.Token
            $result.NewToken | Should -BeExactly "K10$($cluster.Hash)::server:$new"
            $result.NewShortToken | Should -BeExactly $new
            $result.OldTokenHash | Should -BeExactly (Get-TokenHash $cluster.Password)
            $result.NewTokenHash | Should -BeExactly (Get-TokenHash $new)

            $change = @(Get-Change $cluster)
            $change | Should -HaveCount 1
            $change[0].Server, $change[0].Method, $change[0].Path, $change[0].Status | Should -Be 'server-1', 'PUT', '/v1-k3s/token', 200
            Get-FilePassword $cluster 1 | Should -BeExactly $new
            Get-FilePassword $cluster 2 | Should -BeExactly $cluster.Password
        }

        It 'hands tokens out as SecureStrings' {
            $result = Invoke-K3sTokenRotation @rotation -NewToken $new
            $result.Token, $result.NewToken, $result.NewShortToken | ForEach-Object { $_ | Should -BeOfType securestring }
            ConvertFrom-SecureString $result.NewShortToken -AsPlainText | Should -BeExactly $new
            ConvertFrom-SecureString $result.NewToken -AsPlainText | Should -BeExactly "K10$($cluster.Hash)::server:$new"
        }

        It 'makes a value itself, another one each time' {
            $one = Invoke-K3sTokenRotation @rotation -AsPlainText
            $one.NewShortToken | Should -Match '^[0-9a-f]{32}$'
            Get-FilePassword $cluster 1 | Should -BeExactly $one.NewShortToken
            (Invoke-K3sTokenRotation @rotation -AsPlainText).NewShortToken | Should -Not -Be $one.NewShortToken
        }

        It 'asks every server before the change and after it' {
            Invoke-K3sTokenRotation @rotation | Out-Null
            $first, $second = Get-Request $cluster | Where-Object Path -EQ '/v1-k3s/token' | Group-Object Server
            $first.Group | ForEach-Object { "$($_.Method) $($_.Status)" } | Should -Be 'GET 405', 'GET 401', 'PUT 200', 'GET 405', 'GET 401'
            $second.Group | ForEach-Object { "$($_.Method) $($_.Status)" } | Should -Be 'GET 405', 'GET 401', 'GET 405', 'GET 401'
        }

        It 'reduces a whole token to its password, whatever its user name' {
            $result = Invoke-K3sTokenRotation @rotation -NewToken "K10::node:$new" -AsPlainText
            $result.NewToken | Should -BeExactly "K10$($cluster.Hash)::server:$new"
            Get-FilePassword $cluster 1 | Should -BeExactly $new
        }

        It 'takes the objects of Get-K3sServerToken' {
            (Get-K3sServerToken $cluster.Data[0] | Invoke-K3sTokenRotation -Server $cluster.Servers -Confirm:$false -WarningAction Ignore).State |
                Should -Be 'PendingRestart'
        }

        It 'leaves a value that it was given in the hands of the caller' {
            $value = New-K3sTokenValue -Kind Server
            Invoke-K3sTokenRotation @rotation -NewToken $value | Out-Null
            Get-FilePassword $cluster 1 | Should -BeExactly (ConvertFrom-SecureString $value -AsPlainText)
        }
    }

    Context '-WhatIf' {
        It 'says of each server what would happen, changes nothing and hands out nothing' {
            $run = Invoke-Unattended "Invoke-K3sTokenRotation $($cluster.Servers -join ', ') -Token '$($cluster.Token)' -NewToken $new -WhatIf -WarningAction Ignore"
            $run.Failed | Should -BeFalse
            $said = $run.Output.Trim() -split '\r?\n'
            $said | Should -HaveCount 2
            $said[0] | Should -BeLike "What if: $($cluster.Servers[0]) gets the new token*until it is restarted*"
            $said[1] | Should -BeLike "$($cluster.Servers[1]) gets nothing*until it is restarted*"
            "$($run.Output)$($run.Problems)" | Should -Not -Match "$new|$($cluster.Password)"
            (Get-Request $cluster).Method | Select-Object -Unique | Should -Be 'GET'
            Get-FilePassword $cluster 1 | Should -BeExactly $cluster.Password
        }

        It 'still says what is wrong' {
            (Get-Failure { Invoke-K3sTokenRotation @rotation -NewToken 'a b' -WhatIf }).Id | Should -Be 'InvalidTokenFormat'
            $rotation.Token = "K10$($cluster.Hash)::server:wrong-password"
            (Get-Failure { Invoke-K3sTokenRotation @rotation -WhatIf }).Id | Should -Be 'AuthenticationFailed'
        }
    }

    Context 'the question before it' {
        It 'is asked unless told otherwise, and nothing changes where nobody can answer it: <Options>' -ForEach @(
            @{ Options = '' }
            @{ Options = '-Force' }
            @{ Options = '-Confirm' }
        ) {
            $run = Invoke-Unattended "Invoke-K3sTokenRotation $($cluster.Servers -join ', ') -Token '$($cluster.Token)' -NewToken $new $Options"
            $run.Failed | Should -BeTrue
            "$($run.Output)$($run.Problems)" | Should -Match 'NonInteractive'
            "$($run.Output)$($run.Problems)" | Should -Not -Match "(?<!-NewToken )$new|(?<!server:)$($cluster.Password)"
            Get-Change $cluster | Should -BeNullOrEmpty
            Get-FilePassword $cluster 1 | Should -BeExactly $cluster.Password
        }

        It 'is answered by -Confirm:$false' {
            $run = Invoke-Unattended "Invoke-K3sTokenRotation $($cluster.Servers -join ', ') -Token '$($cluster.Token)' -NewToken $new -Confirm:`$false"
            $run.Failed | Should -BeFalse
            Get-FilePassword $cluster 1 | Should -BeExactly $new
        }
    }

    Context 'of a new value that K3s trips over' {
        It 'is refused before a byte is sent: <Name>' -ForEach @(
            @{ Name = 'a bootstrap token'; Value = 'abcdef.0123456789abcdef' }
            @{ Name = 'a bare K10'; Value = 'K10abcdefgh' }
            @{ Name = 'K10 with half a hash'; Value = 'K10abc::server:new-secret' }
            @{ Name = 'no password'; Value = 'K10::server:' }
            @{ Name = 'a bootstrap token in full'; Value = 'K10::abcdef.0123456789abcdef' }
            @{ Name = 'a line end'; Value = "new-secret-value`n" }
            @{ Name = 'a space'; Value = 'new-secret value' }
            @{ Name = 'white space alone'; Value = '   ' }
            @{ Name = 'a control character'; Value = "new-secret$([char] 0)value" }
        ) {
            $failure = Get-Failure { Invoke-K3sTokenRotation @rotation -NewToken $Value -Force }
            $failure.Id, $failure.Category | Should -Be 'InvalidTokenFormat', 'InvalidArgument'
            $failure.Output | Should -BeNullOrEmpty
            "$($failure.Errors | Out-String)" | Should -Not -Match 'new-secret|0123456789abcdef'
            Get-Request $cluster | Should -BeNullOrEmpty
        }

        It 'is refused in binding, and not repeated: <Name>' -ForEach @(
            @{ Name = 'nothing'; Value = '' }
            @{ Name = 'null'; Value = $null }
        ) {
            { Invoke-K3sTokenRotation @rotation -NewToken $Value } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*'
            Get-Request $cluster | Should -BeNullOrEmpty
        }

        It 'is refused where it names another cluster' {
            (Get-Failure { Invoke-K3sTokenRotation @rotation -NewToken "K10$('0' * 64)::server:$new" }).Id | Should -Be 'CAHashMismatch'
            Get-Request $cluster | Should -BeNullOrEmpty
        }

        It 'is refused where it is the current one: <Form>' -ForEach @(
            @{ Form = 'in full'; Value = { $cluster.Token } }
            @{ Form = 'bare'; Value = { $cluster.Password } }
        ) {
            (Get-Failure { Invoke-K3sTokenRotation @rotation -NewToken (. $Value) -Force }).Id | Should -Be 'RotationRejected'
            Get-Request $cluster | Should -BeNullOrEmpty
        }
    }

    Context 'of a current token that will not do' {
        It 'is AuthenticationFailed where no server accepts it' {
            $rotation.Token = "K10$($cluster.Hash)::server:wrong-password"
            $failure = Get-Failure { Invoke-K3sTokenRotation @rotation -NewToken $new -Force }
            $failure.Id, $failure.Category | Should -Be 'AuthenticationFailed', 'AuthenticationError'
            $failure.Target | Should -BeExactly $cluster.Servers[0]
            $failure.Message | Should -BeLike '*Nothing was changed*'
            Get-Change $cluster | Should -BeNullOrEmpty
        }

        It 'is AuthenticationFailed where one of them does not' {
            Invoke-K3sTokenRotation @rotation -NewToken 'in-between' | Out-Null
            Invoke-Prompt $cluster 'restart 2 in-between' | Out-Null
            Get-Request $cluster | Out-Null
            $failure = Get-Failure { Invoke-K3sTokenRotation @rotation -NewToken $new -Force }
            $failure.Id | Should -Be 'AuthenticationFailed'
            $failure.Message | Should -BeLike "$($cluster.Servers[1]) does not accept*"
            Get-Change $cluster | Should -BeNullOrEmpty
        }

        It 'is InvalidTokenFormat for a bootstrap token' {
            $rotation.Token = 'abcdef.0123456789abcdef'
            (Get-Failure { Invoke-K3sTokenRotation @rotation -Force }).Id | Should -Be 'InvalidTokenFormat'
            Get-Request $cluster | Should -BeNullOrEmpty
        }

        It 'is CAHashMismatch for one of another cluster, with -Force, too' {
            $rotation.Token = "K10$('0' * 64)::server:$($cluster.Password)"
            (Get-Failure { Invoke-K3sTokenRotation @rotation -Force }).Id | Should -Be 'CAHashMismatch'
            (Get-Request $cluster).Credentials | Should -Not -Contain $true
        }
    }

    It 'is RotationRejected where a server accepts the new value already' {
        Invoke-K3sTokenRotation @rotation -NewToken $new | Out-Null
        Invoke-Prompt $cluster "restart 2 $new" | Out-Null
        Get-Request $cluster | Out-Null
        $failure = Get-Failure { Invoke-K3sTokenRotation @rotation -NewToken $new -Force }
        $failure.Id, $failure.Category | Should -Be 'RotationRejected', 'InvalidOperation'
        $failure.Message | Should -BeLike "$($cluster.Servers[1]) accepts the new token already*"
        Get-Change $cluster | Should -BeNullOrEmpty
    }

    Context 'without a CA hash in the token, on a machine that does not trust the server' {
        BeforeEach {
            $rotation.Token = $cluster.Password
        }

        It 'is refused, and the token not sent' {
            $failure = Get-Failure { Invoke-K3sTokenRotation @rotation -NewToken $new }
            $failure.Id, $failure.Category | Should -Be 'ServerCertificateUntrusted', 'SecurityError'
            $failure.Message | Should -Match '-CACertificate.*-Force'
            (Get-Request $cluster).Credentials | Should -Not -Contain $true
        }

        It 'goes on with -Force, and names each server that it took on trust' {
            $result = Invoke-K3sTokenRotation @rotation -NewToken $new -Force -AsPlainText -WarningVariable said
            $result.State | Should -Be 'PendingRestart'
            foreach ($server in $cluster.Servers) {
                $result.Warnings -like "*$server was taken on trust*" | Should -HaveCount 1
                @($said) -like "*$server was taken on trust*" | Should -HaveCount 1
            }

            $result.NewToken | Should -BeExactly "K10$($cluster.Hash)::server:$new"
        }

        It 'goes on with -CACertificate, and takes nothing on trust' {
            Set-Content "$TestDrive/ca.pem" (Get-K3sClusterCA $cluster.Servers[0] -WarningAction Ignore).Pem -NoNewline
            $result = Invoke-K3sTokenRotation @rotation -NewToken $new -CACertificate "$TestDrive/ca.pem"
            $result.State | Should -Be 'PendingRestart'
            "$($result.Warnings)" | Should -Not -BeLike '*on trust*'
        }

        It 'is refused with the CA of another cluster, with -Force, too' {
            $other = Start-Cluster
            Set-Content "$TestDrive/other.pem" (Get-K3sClusterCA $other.Servers[0] -WarningAction Ignore).Pem -NoNewline
            Stop-Cluster $other
            (Get-Failure { Invoke-K3sTokenRotation @rotation -CACertificate "$TestDrive/other.pem" -Force }).Id | Should -Be 'ServerCertificateUntrusted'
            (Get-Request $cluster).Credentials | Should -Not -Contain $true
        }
    }

    Context 'where warnings end commands' {
        It 'changes nothing without a value that the caller has' {
            $rotation.Remove('WarningAction')
            $rotation.Kubeconfig = $env:KUBECONFIG
            (Get-Failure { Invoke-K3sTokenRotation @rotation -WarningAction Stop }).Id | Should -Be 'RotationRejected'
            & { $WarningPreference = 'Stop'; (Get-Failure { Invoke-K3sTokenRotation @rotation }).Id } | Should -Be 'RotationRejected'
            Get-Change $cluster | Should -BeNullOrEmpty
            (Invoke-K3sTokenRotation @rotation -NewToken $new -WarningAction Stop).State | Should -Be 'PendingRestart'
        }
    }

    Context 'after a rotation that no restart followed' {
        It 'says so where the token file can be read' {
            $null = Invoke-K3sTokenRotation @rotation -NewToken first-value
            $result = Invoke-K3sTokenRotation @rotation -NewToken $new -DataDir $cluster.Data[0]
            $result.State | Should -Be 'PendingRestart'
            $result.Warnings | Should -Contain ($result.Warnings -like 'The token file holds another token*')[0]
        }
    }

    Context 'with a server that cannot be reached' {
        It 'is refused without -Force' {
            Invoke-Prompt $cluster 'stop 2' | Out-Null
            $failure = Get-Failure { Invoke-K3sTokenRotation @rotation -NewToken $new }
            $failure.Id | Should -Be 'ClusterUnreachable'
            $failure.Message | Should -BeLike "$($cluster.Servers[1]) cannot be reached*Nothing was changed*-Force*"
            $failure.Target | Should -Be $cluster.Servers[1]
            Get-Change $cluster | Should -BeNullOrEmpty
        }

        It 'goes on with -Force, and names it' {
            Invoke-Prompt $cluster 'stop 2' | Out-Null
            $result = Invoke-K3sTokenRotation @rotation -NewToken $new -Force -WarningVariable said
            $result.State | Should -Be 'PendingRestart'
            $result.Servers.State | Should -Be 'PendingRestart', 'Unreachable'
            $result.Warnings[0], "$($said[0])" | ForEach-Object { $_ | Should -BeLike "$($cluster.Servers[1]) could not be asked*restarted with the new token*" }
            Get-FilePassword $cluster 1 | Should -BeExactly $new
        }

        It 'is refused where that is the one which gets the change, with -Force, too' {
            Invoke-Prompt $cluster 'stop 1' | Out-Null
            (Get-Failure { Invoke-K3sTokenRotation @rotation -NewToken $new -Force }).Id | Should -Be 'ClusterUnreachable'
            Get-Change $cluster | Should -BeNullOrEmpty
        }

        It 'is an error with another scheme than https' {
            $rotation.Server = 'http://127.0.0.1:1'
            (Get-Failure { Invoke-K3sTokenRotation @rotation }).Id | Should -Be 'ClusterUnreachable'
        }
    }

    Context 'the current token' {
        BeforeEach {
            $rotation.Remove('Token')
        }

        AfterEach {
            Remove-Item env:K3S_TOKEN, env:K3S_DATA_DIR, env:K3S_URL -ErrorAction Ignore
        }

        It 'comes from K3S_TOKEN, and the server from K3S_URL' {
            $env:K3S_TOKEN = $cluster.Token
            $env:K3S_URL = $cluster.Servers[0]
            $result = Invoke-K3sTokenRotation -Confirm:$false -AsPlainText -WarningAction Ignore
            $result.Token | Should -BeExactly $cluster.Token
            $result.Server | Should -Be $cluster.Servers[0]
        }

        It 'comes from the token file in -DataDir, also by a relative path' {
            Push-Location $cluster.Folder
            try {
                (Invoke-K3sTokenRotation @rotation -DataDir data/server-1 -AsPlainText).Token | Should -BeExactly $cluster.Token
            }
            finally {
                Pop-Location
            }
        }

        It 'comes from the token file in K3S_DATA_DIR' {
            $env:K3S_DATA_DIR = $cluster.Data[0]
            (Invoke-K3sTokenRotation @rotation -AsPlainText).Token | Should -BeExactly $cluster.Token
        }

        It 'comes from K3S_TOKEN before a file, and from -Token before that' {
            $env:K3S_DATA_DIR = $cluster.Data[0]
            $env:K3S_TOKEN = "K10$($cluster.Hash)::server:not-the-token"
            (Get-Failure { Invoke-K3sTokenRotation @rotation }).Id | Should -Be 'AuthenticationFailed'
            (Invoke-K3sTokenRotation @rotation -Token $cluster.Token).State | Should -Be 'PendingRestart'
        }

        It 'must come from somewhere' {
            $env:K3S_DATA_DIR = "$TestDrive/none"
            $failure = Get-Failure { Invoke-K3sTokenRotation @rotation }
            $failure.Id, $failure.Category | Should -Be 'TokenNotFound', 'ObjectNotFound'
            Get-Request $cluster | Should -BeNullOrEmpty
        }
    }

    Context 'when the answer does not say what became of the change' {
        It 'asks once more where it was lost, and knows then: <Fault>' -ForEach @(
            @{ Fault = 'lostBeforeChange' }
            @{ Fault = 'lostAfterChange' }
        ) {
            Invoke-Prompt $cluster "fail 1 $Fault 1" | Out-Null
            $result = Invoke-K3sTokenRotation @rotation -NewToken $new -AsPlainText -ErrorAction Stop
            $result.State, $result.NewShortToken | Should -Be 'PendingRestart', $new
            (Get-Change $cluster).Status | Should -Be 0, 200
            Get-FilePassword $cluster 1 | Should -BeExactly $new
        }

        It 'hands out the new value all the same, to a script that ends at errors, too: <Fault>' -ForEach @(
            @{ Fault = 'lostBeforeChange'; Times = 2; File = 'old' }
            @{ Fault = 'lostAfterChange'; Times = 2; File = 'new' }
            @{ Fault = 'errorBeforeChange'; Times = 1; File = 'old' }
            @{ Fault = 'errorAfterFiles'; Times = 1; File = 'new' }
            @{ Fault = 'errorWithOtherKey'; Times = 1; File = 'new' }
            @{ Fault = 'errorAfterDatastore'; Times = 1; File = 'new' }
        ) {
            Invoke-Prompt $cluster "fail 1 $Fault $Times" | Out-Null
            $rotation.Remove('WarningAction')
            $ErrorActionPreference = 'Stop'
            $result = Invoke-K3sTokenRotation @rotation -AsPlainText -DataDir $cluster.Data[0] -WarningVariable said 3> $null
            $result.State | Should -Be 'Unknown'
            $result.NewShortToken | Should -Match '^[0-9a-f]{32}$'
            $last = $result.Warnings[-1]
            "$($said[-1])" | Should -BeExactly $last
            $last | Should -BeLike "$($cluster.Servers[0]) *may have been rotated*"
            $last | Should -BeLike '*restart no server yet*Rotate back first*k3s token rotate --token OLD --new-token OLD*'
            $last | Should -BeLike "*$(Join-Path $cluster.Data[0] server token) holds the $File token."
            $last | Should -Not -Match "$($result.NewShortToken)|$($cluster.Password)"
            if ($File -eq 'new') {
                Get-FilePassword $cluster 1 | Should -BeExactly $result.NewShortToken
            }
        }

        It 'names the number by which the log of the server has the cause' {
            Invoke-Prompt $cluster 'fail 1 errorAfterFiles 1' | Out-Null
            (Invoke-K3sTokenRotation @rotation).Warnings[-1] | Should -Match 'answered 500 \(token error ID \d+\)'
        }

        It 'says nothing of the token file where it was not told where that is' {
            Invoke-Prompt $cluster 'fail 1 errorAfterFiles 1' | Out-Null
            (Invoke-K3sTokenRotation @rotation).Warnings[-1] | Should -Not -BeLike '* holds *'
        }

        It 'is healed as its message says' {
            Invoke-Prompt $cluster 'fail 1 errorAfterFiles 1' | Out-Null
            Invoke-K3sTokenRotation @rotation -NewToken $new | Out-Null
            $back = @{
                Uri                  = "$($cluster.Servers[0])/v1-k3s/token"
                Method               = 'Put'
                Headers              = @{ Authorization = 'Basic ' + [Convert]::ToBase64String([Text.Encoding]::ASCII.GetBytes("server:$($cluster.Password)")) }
                Body                 = ConvertTo-Json @{ newToken = $cluster.Password }
                SkipCertificateCheck = $true
            }
            Invoke-RestMethod @back
            Invoke-Prompt $cluster 'restart 1' | Should -BeExactly 'server-1 has started.'
            (Invoke-K3sTokenRotation @rotation -NewToken $new).State | Should -Be 'PendingRestart'
        }
    }

    Context 'RestartNodes' {
        It 'are null, with a warning, where no kubeconfig was named' {
            $result = Invoke-K3sTokenRotation @rotation
            $null -eq $result.RestartNodes | Should -BeTrue
            $result.Warnings | Should -BeLike '*-Kubeconfig*'
        }

        It 'are servers and agents where they have the same token' {
            $result = Invoke-K3sTokenRotation @rotation -Kubeconfig $env:KUBECONFIG
            $result.RestartNodes | Should -Be 'server-1', 'server-2', 'agent-1'
            $result.Warnings | Should -BeNullOrEmpty
        }

        It 'are servers alone where agents have a token of their own' {
            $own = Start-Cluster '--agents', '2', '--agent-token', 'agent-password'
            try {
                $result = Invoke-K3sTokenRotation $own.Servers[0] -Token $own.Token -Context default -Kubeconfig "$($own.Folder)/k3s.yaml" -Confirm:$false
                , $result.RestartNodes | Should -BeOfType ([string[]])
                $result.RestartNodes | Should -Be 'server-1'
            }
            finally {
                Stop-Cluster $own
            }
        }

        It 'come with a warning of servers that were not named' {
            $rotation.Server = $cluster.Servers[0]
            $result = Invoke-K3sTokenRotation @rotation -Kubeconfig $env:KUBECONFIG -WarningVariable said
            $result.RestartNodes | Should -Be 'server-1', 'server-2', 'agent-1'
            $result.Warnings, "$said" | ForEach-Object { $_ | Should -BeLike '*more servers than were named with -Server*' }
            $result.State | Should -Be 'PendingRestart'
        }

        It 'are null where the kubeconfig leads to another cluster' {
            $other = Start-Cluster
            try {
                $result = Invoke-K3sTokenRotation @rotation -Kubeconfig "$($other.Folder)/k3s.yaml"
                $null -eq $result.RestartNodes | Should -BeTrue
                $result.Warnings | Should -BeLike "*does not verify $($cluster.Servers[0])*"
                $result.State | Should -Be 'PendingRestart'
            }
            finally {
                Stop-Cluster $other
            }
        }

        It 'are asked for before the question, and a kubeconfig that is not there ends the command before a byte is sent' {
            $failure = Get-Failure { Invoke-K3sTokenRotation @rotation -Kubeconfig "$TestDrive/none.yaml" }
            $failure.Id, $failure.Terminating | Should -Be 'KubeconfigNotFound', $true
            (Get-Failure { Invoke-K3sTokenRotation @rotation -Kubeconfig $env:KUBECONFIG -Context nowhere }).Id | Should -Be 'ContextNotFound'
            Get-Request $cluster | Should -BeNullOrEmpty
        }
    }

    Context 'and secrets' {
        It 'shows none on the screen, with -AsPlainText neither' {
            $result = Invoke-K3sTokenRotation @rotation -NewToken $new -AsPlainText
            $shown = ($result | Out-String) + ($result | Format-Table | Out-String) + "$result"
            $shown | Should -Match 'PendingRestart'
            $shown | Should -Not -Match "$new|$($cluster.Password)"
        }

        It 'writes none to any stream, and none to the screen' {
            Invoke-Prompt $cluster 'fail 1 errorAfterFiles 1' | Out-Null
            $value = "secret-$new"
            $secret = ConvertTo-SecureString $value -AsPlainText -Force
            $rotation.Remove('WarningAction')
            $all = & {
                $DebugPreference = 'Continue'
                Invoke-K3sTokenRotation @rotation -NewToken $secret -Verbose -DataDir $cluster.Data[0] -Kubeconfig $env:KUBECONFIG
                Invoke-K3sTokenRotation @rotation -NewToken $cluster.Password -Verbose
                $wrong = @{ Server = $cluster.Servers; Token = "K10$($cluster.Hash)::server:$value"; Confirm = $false }
                Invoke-K3sTokenRotation @wrong -Verbose
                Invoke-Prompt $cluster 'stop 1' | Out-Null
                Invoke-K3sTokenRotation @rotation -NewToken $secret -Verbose
            } *>&1
            $all.Count | Should -BeGreaterThan 20
            $encoded = $cluster.Password, $value | ForEach-Object { [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("server:$_")) }
            $never = ($encoded + $value + $cluster.Password | ForEach-Object { [regex]::Escape($_) }) -join '|'
            # What was typed stands in the invocation that an error keeps; this suite types variables.
            $all | ForEach-Object { $_ | Format-List * -Force | Out-String; "$_"; $_ | Out-String } | Should -Not -Match $never
        }
    }
}

Describe 'Invoke-K3sTokenRotation, to what a real server was told to rotate to' {
    BeforeAll {
        $cluster = Start-Cluster
        $script:current = $cluster.Token
    }

    AfterAll {
        Stop-Cluster $cluster
    }

    It 'rotates to what does no harm, and refuses the rest before a byte is sent: <Note>' -ForEach $values {
        $given = $Value.Replace('<own>', $cluster.Hash)
        $wanted = if ($After -and $After -notlike '*characters)') { $After -replace '\n$' -replace '^K10.*?::server:' } else { $given }
        $isRefused = $Status -eq 500 -and $Note -notlike '*plain value*' -or $given -match '[\s\p{Cc}\p{Cs}]' -and $given -notmatch '[\ud800-\udbff][\udc00-\udfff]' -or
            $Note -like '*another CA hash*'
        Get-Request $cluster | Out-Null
        $try = @{ Server = $cluster.Servers; Token = $current; NewToken = $given; Confirm = $false; WarningAction = 'Ignore' }
        if ($isRefused) {
            (Get-Failure { Invoke-K3sTokenRotation @try -Force }).Id | Should -BeIn 'InvalidTokenFormat', 'CAHashMismatch'
            Get-Request $cluster | Should -BeNullOrEmpty
            return
        }

        $result = Invoke-K3sTokenRotation @try -AsPlainText
        $result.State | Should -Be 'PendingRestart'
        $result.NewShortToken | Should -BeExactly $wanted
        Get-FilePassword $cluster 1 | Should -BeExactly $wanted
        Invoke-Prompt $cluster 'restart 1' | Should -BeExactly 'server-1 has started.'
        ($result | Get-K3sTokenRotation).State | Should -Be 'Rotated'
        $script:current = $result.NewToken
    }
}

Describe 'Invoke-K3sTokenRotation, stopped' {
    BeforeAll {
        # Begins a rotation elsewhere, and returns once the cluster was asked for that which is to be there.
        function Start-Rotation($Cluster, [securestring] $Value, [string] $Until) {
            $session = [initialsessionstate]::CreateDefault2()
            $session.ImportPSModule((Get-Module K3sToken).Path)
            $shell = [powershell]::Create($session)
            $null = $shell.AddCommand('Invoke-K3sTokenRotation').AddParameters(@{
                    Server = $Cluster.Servers; Token = $Cluster.Token; NewToken = $Value; Confirm = $false; WarningAction = 'Ignore'
                })
            $output = [Management.Automation.PSDataCollection[psobject]]::new()
            $none = [Management.Automation.PSDataCollection[psobject]]::new()
            $none.Complete()
            $running = $shell.BeginInvoke($none, $output)
            $limit = [DateTime]::UtcNow.AddSeconds(60)
            while (-not ((Invoke-Prompt $Cluster requests '^These are all requests') -match $Until)) {
                if ($running.IsCompleted -or [DateTime]::UtcNow -gt $limit) {
                    throw "The rotation is over and did not $Until."
                }
            }

            [pscustomobject]@{ Shell = $shell; Output = $output }
        }
    }

    BeforeEach {
        $cluster = Start-Cluster '--delay', '400'
        $value = ConvertTo-SecureString 'the-new-password' -AsPlainText -Force
    }

    AfterEach {
        Stop-Cluster $cluster
    }

    It 'changes nothing before the change was sent' {
        $rotation = Start-Rotation $cluster $value 'GET /v1-k3s/token'
        $rotation.Shell.Stop()
        $rotation.Shell.InvocationStateInfo.State | Should -Be 'Stopped'
        (Get-Request $cluster).Method | Select-Object -Unique | Should -Be 'GET'
        Get-FilePassword $cluster 1 | Should -BeExactly $cluster.Password
    }

    It 'does not abort the change once it was sent, and leaves the value that it was given with the caller' {
        $rotation = Start-Rotation $cluster $value 'PUT /v1-k3s/token'
        $rotation.Shell.Stop()
        $rotation.Output | Should -BeNullOrEmpty
        $change = Get-Request $cluster | Where-Object Method -EQ PUT
        $change.Status | Should -Be 200
        Get-FilePassword $cluster 1 | Should -BeExactly 'the-new-password'
        ConvertFrom-SecureString $value -AsPlainText | Should -BeExactly 'the-new-password'
    }
}
