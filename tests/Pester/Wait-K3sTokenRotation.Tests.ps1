BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Failures.ps1
    . $PSScriptRoot/Kubeconfigs.ps1
    . $PSScriptRoot/Cluster.ps1
    $new = 'the-new-password'

    # Waits elsewhere; its progress and output can be looked at meanwhile.
    function Start-Waiting([hashtable] $Parameters) {
        $session = [initialsessionstate]::CreateDefault2()
        $session.ImportPSModule((Get-Module K3sToken).Path)
        $shell = [powershell]::Create($session)
        $null = $shell.AddCommand('Wait-K3sTokenRotation').AddParameters($Parameters)
        [pscustomobject]@{ Shell = $shell; Running = $shell.BeginInvoke(); Progress = $shell.Streams.Progress }
    }

    # Until the progress shows it. The loop is bounded; what it waits for has no time of its own.
    function Wait-Progress($Waiting, [string] $Status) {
        $limit = [DateTime]::UtcNow.AddSeconds(60)
        while (-not ($Waiting.Progress | Where-Object StatusDescription -EQ $Status)) {
            if ($Waiting.Running.IsCompleted -or [DateTime]::UtcNow -gt $limit) {
                throw "The progress never was '$Status', but: $($Waiting.Progress.StatusDescription -join '; ')"
            }

            Start-Sleep -Milliseconds 50
        }

        $Waiting.Progress | Where-Object StatusDescription -EQ $Status | Select-Object -First 1
    }
}

Describe 'Wait-K3sTokenRotation' {
    BeforeAll {
        $kept = @{}
    }

    BeforeEach {
        $cluster = Get-FreshCluster $kept '--servers', '2'
        $one, $two = $cluster.Servers
        $rotation = Invoke-K3sTokenRotation $cluster.Servers -Token $cluster.Token -NewToken $new -Confirm:$false -WarningAction Ignore
    }

    AfterAll {
        Stop-Cluster $kept.Cluster
    }

    It 'shows the servers that are still waiting, and ends when all have the new token' {
        $waiting = Start-Waiting @{ Token = $cluster.Token; NewToken = $new; Server = $cluster.Servers; State = 'PendingRestart' }
        (Wait-Progress $waiting "$one (PendingRestart), $two (PendingRestart)").PercentComplete | Should -Be 0
        Invoke-Prompt $cluster "restart 1 $new" | Out-Null
        (Wait-Progress $waiting "$two (PendingRestart)").PercentComplete | Should -Be 50
        Invoke-Prompt $cluster 'stop 2' | Out-Null
        $null = Wait-Progress $waiting "$two (Unreachable)"
        Invoke-Prompt $cluster "restart 2 $new" | Out-Null
        $servers = $waiting.Shell.EndInvoke($waiting.Running)
        $servers.State | Should -Be 'Rotated', 'Rotated'
        $servers.Server | Should -Be $one, $two
        $waiting.Shell.Streams.Error | Should -BeNullOrEmpty
        $waiting.Progress[-1].RecordType | Should -Be 'Completed'
        "$($waiting.Progress | Out-String)" | Should -Not -Match "$new|$($cluster.Password)"
    }

    It 'takes what Invoke-K3sTokenRotation writes' {
        1..2 | ForEach-Object { Invoke-Prompt $cluster "restart $_ $new" } | Out-Null
        $servers = $rotation | Wait-K3sTokenRotation -Timeout 30s
        $servers | Should -BeOfType ([K3sToken.TokenRotationServer])
        $servers.State | Should -Be 'Rotated', 'Rotated'
    }

    It 'ends with RotationIncomplete and the servers that still wait, when the time is over' {
        Invoke-Prompt $cluster "restart 1 $new" | Out-Null
        $failure = Get-Failure { $rotation | Wait-K3sTokenRotation -Timeout 1s }
        $failure.Id, $failure.Category | Should -Be 'RotationIncomplete', 'InvalidResult'
        $failure.Target | Should -Be $two
        $failure.Message | Should -BeLike "1 of 2 servers*$two is PendingRestart*Restart*"
        $failure.Message | Should -Not -Match "$one|$new|$($cluster.Password)"
        $failure.Output.State | Should -Be 'Rotated', 'PendingRestart'
        $failure.Terminating | Should -BeFalse
    }

    It 'names each server that nobody hears' {
        $dead = Get-DeadServer
        $failure = Get-Failure { Wait-K3sTokenRotation $cluster.Token $new -Server $one, $dead -Timeout 1s }
        $failure.Message | Should -BeLike "2 of 2 servers*$one is OldAccepted*$dead is Unreachable*"
    }

    It 'takes -Timeout <Form>' -ForEach @(
        @{ Form = '1s'; Timeout = { '1s' } }
        @{ Form = 'unquoted 1s'; Timeout = { 1s } }
        @{ Form = '0:0:1'; Timeout = { '0:0:1' } }
        @{ Form = 'a TimeSpan'; Timeout = { [timespan]::FromSeconds(1) } }
    ) {
        $failure = if ($Form -like 'unquoted*') {
            Get-Failure { Wait-K3sTokenRotation $cluster.Token $new -Server $one -Timeout 1s }
        }
        else {
            $time = . $Timeout
            Get-Failure { Wait-K3sTokenRotation $cluster.Token $new -Server $one -Timeout $time }
        }
        $failure.Id | Should -Be 'RotationIncomplete'
        $failure.Message | Should -BeLike '*after 1s*'
    }

    It 'takes no -Timeout <Value>' -ForEach @(
        @{ Value = 30 }
        @{ Value = '-1s' }
        @{ Value = 'soon' }
        @{ Value = '' }
    ) {
        Get-Request $cluster | Out-Null
        { Wait-K3sTokenRotation $cluster.Token $new -Server $one -Timeout $Value } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*'
        Get-Request $cluster | Should -BeNullOrEmpty
    }

    It 'waits half an hour unless told otherwise' {
        $command = (Get-Command Wait-K3sTokenRotation).ImplementingType
        [Activator]::CreateInstance($command).Timeout | Should -Be ([timespan]::FromMinutes(30))
    }

    It 'does not wait for a server that cannot be trusted, and sends it nothing' {
        Get-Request $cluster | Out-Null
        $failure = Get-Failure { Wait-K3sTokenRotation "K10$('0' * 64)::server:old" $new -Server $cluster.Servers }
        $failure.Errors.FullyQualifiedErrorId -replace ',.*' | Should -Be 'CAHashMismatch', 'CAHashMismatch', 'RotationIncomplete'
        $failure.Errors[-1].Exception.Message | Should -BeLike '2 of 2 servers*not waited for*'
        (Get-Request $cluster).Credentials | Should -Not -Contain $true
    }

    It 'changes nothing' {
        Get-Request $cluster | Out-Null
        $rotation | Wait-K3sTokenRotation -Timeout 1s -ErrorAction Ignore | Out-Null
        (Get-Request $cluster).Method | Select-Object -Unique | Should -Be 'GET'
    }

    It 'can be stopped' {
        $waiting = Start-Waiting @{ Token = $cluster.Token; NewToken = $new; Server = $cluster.Servers }
        $null = Wait-Progress $waiting "$one (OldAccepted), $two (OldAccepted)"
        $waiting.Shell.Stop()
        $waiting.Shell.InvocationStateInfo.State | Should -Be 'Stopped'
    }
}
