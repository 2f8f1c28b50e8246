# Many tokens, slow servers, and commands that are stopped.
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Failures.ps1
    . $PSScriptRoot/Kubeconfigs.ps1

    # A command in a session of its own, so that it can be watched and stopped.
    function Start-Command([string] $Script, [hashtable] $Variables = @{}) {
        $state = [initialsessionstate]::CreateDefault2()
        $state.ImportPSModule((Join-Path (Find-Module) K3sToken.psd1))
        foreach ($name in $Variables.Keys) {
            $state.Variables.Add([Management.Automation.Runspaces.SessionStateVariableEntry]::new($name, $Variables[$name], ''))
        }

        $session = [powershell]::Create($state).AddScript($Script)
        $output = [Management.Automation.PSDataCollection[psobject]]::new()
        $nothing = [Management.Automation.PSDataCollection[psobject]]::new()
        $nothing.Complete()
        [pscustomobject]@{ Session = $session; Output = $output; Result = $session.BeginInvoke($nothing, $output) }
    }

    # Names alone: to take thousands of Secrets apart takes its time.
    function Get-StoredName {
        (Invoke-Api $SecretsPath).Body.items.metadata.name
    }

    # The limit keeps a test that hangs from hanging for ever; it measures nothing.
    function Wait-Until([scriptblock] $Condition) {
        $limit = [DateTime]::UtcNow.AddSeconds(60)
        while (-not (& $Condition)) {
            if ([DateTime]::UtcNow -gt $limit) {
                throw "This did not come true: $Condition"
            }

            Start-Sleep -Milliseconds 20
        }
    }

    # Ctrl+C: returns once the command has ended.
    function Stop-Command($Command) {
        $stopped = $Command.Session.BeginStop($null, $null)
        $stopped.AsyncWaitHandle.WaitOne(20000) | Should -BeTrue -Because 'a command ends when it is stopped'
        $Command.Session.EndStop($stopped)
        $Command.Session.InvocationStateInfo.State | Should -Be 'Stopped'
        $Command.Session.Streams.Error | Should -BeNullOrEmpty
    }
}

Describe 'Thousands of tokens' {
    BeforeAll {
        $sandbox = Start-Sandbox '--tokens', '5000', '--cleaner', 'off'
    }

    AfterAll {
        Stop-Sandbox $sandbox
    }

    It 'are listed completely, each once' {
        $ids = (Get-K3sBootstrapToken).Id
        $ids | Should -HaveCount 5000
        $ids[0] | Should -BeExactly 's00000'
        $ids[4999] | Should -BeExactly 's04999'
        [Collections.Generic.HashSet[string]]::new([string[]] $ids).Count | Should -Be 5000
    }

    It 'come out before the last page is there' {
        $said = @(Get-K3sBootstrapToken -Verbose 4>&1)
        $isPage = { $_ -is [Management.Automation.VerboseRecord] -and "$_" -match 'GET \S+/secrets\?.*limit=\S+ answered 200' }
        $pages = @($said | Where-Object $isPage)
        $pages.Count | Should -BeGreaterOrEqual 4
        $first = @($said | ForEach-Object { $_ -is [K3sToken.BootstrapToken] }).IndexOf($true)
        @($said[0..$first] | Where-Object $isPage).Count | Should -BeLessThan ($pages.Count - 1)
    }

    It 'are not all asked for where the pipeline has enough' {
        $pages = [Collections.Generic.List[string]]::new()
        Get-K3sBootstrapToken -Verbose 4>&1 |
            ForEach-Object { if ($_ -is [Management.Automation.VerboseRecord]) { $pages.Add("$_") } else { $_ } } |
            Select-Object -First 1 |
            ForEach-Object Id | Should -BeExactly 's00000'
        $pages.Count | Should -BeLessOrEqual 2
    }

    It 'are found by a wildcard' {
        (Get-K3sBootstrapToken 's0499?').Id | Should -HaveCount 10
    }

    It 'are removed in their order, past those that are not there' {
        $ids = (100..199 | ForEach-Object { "s00$_" }) + 'zzzzz1' + (200..299 | ForEach-Object { "s00$_" }) + 'zzzzz2'
        $said = Remove-K3sBootstrapToken $ids -PassThru 2>&1 | ForEach-Object {
            if ($_ -is [Management.Automation.ErrorRecord]) { $_.TargetObject } else { $_.Id }
        }
        $said | Should -Be $ids
        's00100', 's00222', 's00299' | ForEach-Object { (Invoke-Api "$SecretsPath/bootstrap-token-$_").Status } | Should -Be 404, 404, 404
    }

    It 'are changed in their order' {
        $ids = 300..399 | ForEach-Object { "s00$_" }
        ($ids | Set-K3sBootstrapToken -Description changed -PassThru).Id | Should -Be $ids
        's00300', 's00333', 's00399' | ForEach-Object { (Invoke-Api "$SecretsPath/bootstrap-token-$_").Body.data.description } |
            Should -Be 'Y2hhbmdlZA==', 'Y2hhbmdlZA==', 'Y2hhbmdlZA=='
    }

    It 'are created by the hundred' {
        $created = New-K3sBootstrapToken -Count 200
        $created.Id | Sort-Object -Unique | Should -HaveCount 200
        $created[0, 100, 199].SecretName | ForEach-Object { (Invoke-Api "$SecretsPath/$_").Status } | Should -Be 200, 200, 200
    }

    It 'are left alone by -WhatIf' {
        $before = Get-Revision
        Get-K3sBootstrapToken 's0499?' | Remove-K3sBootstrapToken -WhatIf
        Get-Revision | Should -Be $before
    }

    It 'show no progress for what is quickly done' {
        $command = Start-Command 'New-K3sBootstrapToken | Remove-K3sBootstrapToken'
        Wait-Until { $command.Result.IsCompleted }
        $command.Session.Streams.Progress | Should -BeNullOrEmpty
        $command.Session.Dispose()
    }
}

Describe 'A slow server' {
    BeforeAll {
        $sandbox = Start-Sandbox '--cleaner', 'off', '--delay', '200'
    }

    AfterAll {
        Stop-Sandbox $sandbox
    }

    AfterEach {
        $command.Session.Dispose()
    }

    It 'gets many requests at a time' {
        # One after the other these would take longer than the wait.
        $command = Start-Command 'New-K3sBootstrapToken -Count 500 -Description bulk; New-K3sBootstrapToken -Description last'
        Wait-Until { $command.Result.IsCompleted }
        $command.Output | Should -HaveCount 501
    }

    It 'makes long work show how far it is' {
        $command = Start-Command 'New-K3sBootstrapToken -Count 1500'
        Wait-Until { $command.Result.IsCompleted }
        $progress = $command.Session.Streams.Progress
        $progress.Count | Should -BeGreaterOrEqual 2
        $progress[0].Activity | Should -BeExactly 'Create bootstrap tokens'
        $progress[0].RecordType | Should -Be 'Processing'
        $progress[0].StatusDescription | Should -Match '^\d+ of 1500$'
        $progress[0].PercentComplete | Should -BeIn (1..99)
        $progress[-1].RecordType | Should -Be 'Completed'
    }

    It 'counts what each object that comes down the pipeline asks for' {
        $command = Start-Command '1..3 | ForEach-Object { [pscustomobject]@{ Description = "rack $_" } } | New-K3sBootstrapToken -Count 300'
        Wait-Until { $command.Result.IsCompleted }
        $command.Session.Streams.Error | Should -BeNullOrEmpty
        $command.Output | Should -HaveCount 900
        $command.Session.Streams.Progress | Where-Object RecordType -EQ Processing | ForEach-Object { $_.PercentComplete | Should -BeIn (1..100) }
    }

    It 'makes long work of unknown length show how much is done' {
        $command = Start-Command 'Get-K3sBootstrapToken | Select-Object -First 1200 | Remove-K3sBootstrapToken'
        Wait-Until { $command.Result.IsCompleted }
        $progress = $command.Session.Streams.Progress
        $progress[0].Activity | Should -BeExactly 'Remove bootstrap tokens'
        $progress[0].StatusDescription | Should -Match '^\d+ so far$'
        $progress[0].PercentComplete | Should -Be -1
        $progress[-1].RecordType | Should -Be 'Completed'
    }

    It 'and Ctrl+C: what was said to be created is there' {
        $command = Start-Command 'New-K3sBootstrapToken -Count 5000'
        Wait-Until { $command.Output.Count -ge 10 }
        Stop-Command $command
        $command.Output.Count | Should -BeLessThan 5000
        $stored = Get-StoredName
        $command.Output.SecretName | Where-Object { $_ -notin $stored } | Should -BeNullOrEmpty
    }

    It 'and Ctrl+C: what was said to be removed is gone' {
        $ids = (Get-StoredName) -replace '^bootstrap-token-'
        $ids.Count | Should -BeGreaterThan 100
        $command = Start-Command 'Remove-K3sBootstrapToken $ids -PassThru' @{ ids = $ids }
        Wait-Until { $command.Output.Count -ge 10 }
        Stop-Command $command
        $left = Get-StoredName
        $left | Should -Not -BeNullOrEmpty
        $command.Output.SecretName | Where-Object { $_ -in $left } | Should -BeNullOrEmpty
    }
}

Describe 'A server that never answers' {
    BeforeAll {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $sandbox = Start-Sandbox
        $silent = New-Kubeconfig 'server: \S+' "server: https://127.0.0.1:$($listener.LocalEndpoint.Port)"
        Stop-Sandbox $sandbox
    }

    AfterAll {
        $listener.Stop()
    }

    It 'does not keep Ctrl+C from ending <_>' -ForEach @(
        'Get-K3sBootstrapToken'
        'Get-K3sBootstrapToken abc123'
        'New-K3sBootstrapToken'
        'Set-K3sBootstrapToken abc123 -Ttl 1h'
        'Remove-K3sBootstrapToken abc123'
    ) {
        $command = Start-Command "`$started.Set(); $_ -Kubeconfig `$silent -TimeoutSec 600" @{
            silent = $silent; started = ($started = [Threading.ManualResetEventSlim]::new())
        }
        Wait-Until { $started.IsSet }
        Start-Sleep -Milliseconds 300
        $command.Result.IsCompleted | Should -BeFalse
        Stop-Command $command
        $command.Output | Should -BeNullOrEmpty
        $command.Session.Dispose()
    }
}
