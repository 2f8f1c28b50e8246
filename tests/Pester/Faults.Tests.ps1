BeforeDiscovery {
    . $PSScriptRoot/Faults.ps1
    $rows = Get-FaultRow | ForEach-Object { @{ Row = $_; Fault = $_.Fault; When = $_.When } }
    $commands = @(Get-FaultyCommand)
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Kubeconfigs.ps1
    . $PSScriptRoot/Cluster.ps1
    . $PSScriptRoot/Faults.ps1
    $password = '0123456789abcdef0123456789abcdef'
    $secret = '0123456789abcdef'
    $cluster = Start-Cluster '--servers', '5', '--token', $password, '--cleaner', 'off', '--tokens', '300'
    $nowhere = 'https://nowhere.invalid:6443'

    $state = [initialsessionstate]::CreateDefault2()
    $state.ImportPSModule((Get-Module K3sToken).Path)
    $pool = [runspacefactory]::CreateRunspacePool($state)
    $null = $pool.SetMaxRunspaces(8)
    $pool.Open()

    $categories = @{
        ClusterUnreachable = 'ConnectionError'; OperationTimedOut = 'OperationTimeout'; ServerError = 'InvalidResult'
        ServerCertificateUntrusted = 'SecurityError'; AuthenticationFailed = 'AuthenticationError'; AccessDenied = 'PermissionDenied'
        ConflictingChange = 'ResourceBusy'; RotationRejected = 'InvalidOperation'; RotationIncomplete = 'InvalidResult'
    }
    $count = 0

    # A kubeconfig of its own for each command: another's connection, on which all requests are lost at once, is not its.
    $kept = @{}
    function Get-OwnKubeconfig([hashtable] $Command, [string] $Server) {
        $key = "$($Command.Command) $($Command.Of) $Server"
        if (-not $kept[$key]) {
            $kept[$key] = "$($cluster.Folder)/$($kept.Count).yaml"
            (Get-Content "$($cluster.Folder)/k3s.yaml" -Raw) -replace 'server: \S+', "server: $Server" | Set-Content $kept[$key]
        }

        $kept[$key]
    }

    # The last server is well: what the cluster holds is looked up there.
    $env:KUBECONFIG = Get-OwnKubeconfig @{} $cluster.Servers[4]

    # The cmdlet's parameters: a token of its own, and one server.
    function Get-Parameter([hashtable] $Command, $Row, [string] $Server, [string] $Id) {
        $all = @{ TimeoutSec = [int] $Row.Seconds; WarningAction = 'Continue' }
        $own = $Command.Parameters
        if ($own) { foreach ($name in $own.Keys) { $all[$name] = $own[$name] } }
        if ($Command.Command -like '*BootstrapToken') {
            $all.Kubeconfig = Get-OwnKubeconfig $Command $Server
        }
        else {
            $all.Server = $Server
        }

        switch ($Command.Operation) {
            { $_ -in 'Find', 'Change', 'Remove' } { $all.Id = $Id }
            'Create' { $all.Token = "$Id.$secret" }
            { $_ -in 'Test', 'Rotate', 'Look' -or $Command.Command -eq 'ConvertTo-K3sToken' } { $all.Token = $cluster.Token }
            { $_ -in 'Rotate', 'Look' } { $all.NewToken = "new-$Id" }
        }

        $all
    }

    # Whether the change is one that the server has made.
    function Test-Change([string] $Operation, [string] $Id) {
        switch ($Operation) {
            'Create' { (Invoke-Api "$SecretsPath/bootstrap-token-$Id").Status -eq 200 }
            'Remove' { (Invoke-Api "$SecretsPath/bootstrap-token-$Id").Status -eq 404 }
            'Change' { (Invoke-Api "$SecretsPath/bootstrap-token-$Id").Body.data.description -eq 'Y2hhbmdlZA==' }
            'Rotate' { (Get-FilePassword $cluster 1) -eq "new-$Id" }
            default { $false }
        }
    }

    # All commands under one fault: of those that last, at once and at the first server; else each at a server that fails once.
    function Invoke-Row($Row) {
        $isOnce = $Row.When -like 'once*'
        $left = @(Get-FaultyCommand)
        $results = @{}
        while ($left) {
            # A token is rotated at the first server: the others would not know of it.
            $batch = if ($isOnce) { @($left | Select-Object -First 4) } else { $left }
            $left = @($left | Select-Object -Skip $batch.Count)
            $free = [Collections.Generic.List[int]] (2..4 + 1)
            $begun = foreach ($command in $batch) {
                $script:count++
                $id = 'f{0:d5}' -f $script:count
                if ($command.Operation -in 'Find', 'Change', 'Remove') {
                    New-StoredToken $id
                }

                $number = if (-not $isOnce -or $command.Operation -eq 'Rotate') { 1 } else { $free[0] }
                $null = $free.Remove($number)
                @{ Command = $command; Id = $id; Number = $number }
            }

            foreach ($number in $begun.Number | Select-Object -Unique) { Start-Fault $cluster $number $Row }
            foreach ($one in $begun) {
                $one.Server = if ($Row.Fault -eq 'UnknownHost') { $nowhere } else { $cluster.Servers[$one.Number - 1] }
                $one.Started = Start-Command $pool $one.Command.Command (Get-Parameter $one.Command $Row $one.Server $one.Id)
            }

            foreach ($one in $begun) { $one.Result = Wait-Command $one.Started }
            foreach ($number in $begun.Number | Select-Object -Unique) { Stop-Fault $cluster $number $Row }
            foreach ($one in $begun) {
                $one.IsDone = Test-Change $one.Command.Operation $one.Id
                $results["$($one.Command.Command) $($one.Command.Of)"] = $one
            }
        }

        $results
    }

    # An error as every one must be: of its category, about the server or the id, in words that name the server and no secret, and that
    # do not end the command.
    function Assert-Error($Record, [string] $Id, $One) {
        $Record.FullyQualifiedErrorId.Split(',')[0] | Should -BeExactly $Id
        $Record.CategoryInfo.Category | Should -Be $categories[$Id]
        $Record.Exception.Message | Should -BeLike "*$($One.Server)*"
        $Record | Should -Not -Match "$secret|$password"
        "$($Record.TargetObject)" | Should -BeIn $(
            switch ($One.Command.Operation) {
                { $_ -in 'Find', 'Create', 'Change', 'Remove' } { $One.Id }
                'Look' { '', $One.Server }
                default { $One.Server }
            })
    }
}

AfterAll {
    $pool.Dispose()
    Stop-Cluster $cluster
}

Describe 'Under <Fault>, <When>' -ForEach $rows {
    BeforeAll {
        $sw=[Diagnostics.Stopwatch]::StartNew(); $results = Invoke-Row $Row; Add-Content /tmp/s1rows.txt "$($sw.ElapsedMilliseconds) $Fault $When"
    }

    It '<Command> <Of> is as the table says' -ForEach $commands {
        $one = $results["$Command $Of"]
        $result = $one.Result
        $expected = $Row.$Operation
        $warned = $expected -like '*, warned'
        $id, $doubt = $expected -replace ', warned' -split ', '

        $result.Ending | Should -BeNullOrEmpty
        switch ($Operation) {
            { $id -eq 'ok' -and $_ -ne 'Test' } {
                $result.Errors | Should -BeNullOrEmpty
                $result.Succeeded | Should -BeTrue
                $one.IsDone | Should -Be ($Operation -in 'Create', 'Change', 'Remove')
                $isSilent = $Command -eq 'Remove-K3sBootstrapToken' -and -not $Of
                $result.Output.Count | Should -Be $(if ($isSilent) { 0 } elseif ($Operation -eq 'List') { 300 } else { 1 })
            }
            'Test' {
                $isAccepted = $id -eq 'ok'
                if (-not $Of) {
                    $result.Errors | Should -BeNullOrEmpty
                    $result.Output.Succeeded | Should -Be $isAccepted
                    $result.Output.Reason | Should -BeLike $(if ($isAccepted) { '' } else { "*$($one.Server)*" })
                }
                else {
                    $result.Output | Should -Be $isAccepted
                    $result.Errors.Count | Should -Be ([int] ($id -notin 'ok', 'no'))
                    $result.Errors | ForEach-Object { Assert-Error $_ $id $one }
                }
            }
            'Rotate' {
                $state, $id = if ($id -in $categories.Keys) { $null, $id } else { $id -split ' ' }
                $result.Output.Count | Should -Be ([int] ($null -ne $state))
                $result.Output | ForEach-Object { $_.State | Should -Be $state; $_.NewShortToken | Should -BeExactly "new-$($one.Id)" }
                $isError = $state -in $null, 'Rejected'
                $result.Succeeded | Should -Be (-not $isError)
                $result.Errors.Count | Should -Be ([int] $isError)
                $result.Errors | ForEach-Object { Assert-Error $_ $id $one }
                if ($state -eq 'Unknown') {
                    $result.Warnings[-1] | Should -BeLike "*$($one.Server)*may have been rotated*Keep both tokens*"
                }

                $one.IsDone | Should -Be ($doubt -eq 'done' -or $state -eq 'PendingRestart')
            }
            'Look' {
                $state, $untrusted = $id -split ' '
                $result.Output.State | Should -Be $state
                $result.Output.Server | Should -Be $one.Server
                $errors = @($untrusted) + @(if ($Of) { 'RotationIncomplete' }) | Where-Object { $_ }
                $result.Errors.Count | Should -Be @($errors).Count
                for ($i = 0; $i -lt @($errors).Count; $i++) { Assert-Error $result.Errors[$i] @($errors)[$i] $one }
            }
            default {
                $result.Succeeded | Should -BeFalse
                $result.Output | Should -BeNullOrEmpty
                $result.Errors | Should -HaveCount 1
                Assert-Error $result.Errors[0] $id $one
                $result.Errors[0].Exception.Message -match 'may have happened or not' | Should -Be ($null -ne $doubt)
                $one.IsDone | Should -Be ($doubt -eq 'done')
            }
        }

        @($result.Warnings -like "*Times are judged by the server's clock.").Count | Should -Be ([int] $warned)
    }
}
