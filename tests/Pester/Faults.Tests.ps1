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
    $cluster = Start-Cluster '--servers', '13', '--token', $password, '--cleaner', 'off', '--tokens', '300'
    $nowhere = 'https://nowhere.invalid:6443'

    $state = [initialsessionstate]::CreateDefault2()
    $state.ImportPSModule((Get-Module K3sToken).Path)
    $pool = [runspacefactory]::CreateRunspacePool($state)
    $null = $pool.SetMaxRunspaces(12)
    $pool.Open()

    $categories = @{
        ClusterUnreachable = 'ConnectionError'; OperationTimedOut = 'OperationTimeout'; ServerError = 'InvalidResult'
        ServerCertificateUntrusted = 'SecurityError'; AuthenticationFailed = 'AuthenticationError'; AccessDenied = 'PermissionDenied'
        ConflictingChange = 'ResourceBusy'; RotationRejected = 'InvalidOperation'; RotationIncomplete = 'InvalidResult'
    }
    $count = 0

    # The server that each command has to itself where a fault comes once. A token is rotated at the first: the others would not know of it.
    $numbers = @{ 'Invoke-K3sTokenRotation ' = 1 }
    Get-FaultyCommand | ForEach-Object { "$($_.Command) $($_.Of)" } | Where-Object { -not $numbers[$_] } |
        ForEach-Object { $numbers[$_] = $numbers.Count + 1 }

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
    $env:KUBECONFIG = Get-OwnKubeconfig @{} $cluster.Servers[12]

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

    # All commands under one fault, at once: of those that last, at the first server; else each at a server that fails once.
    function Invoke-Row($Row) {
        $begun = foreach ($command in Get-FaultyCommand) {
            $script:count++
            $id = 'f{0:d5}' -f $script:count
            if ($command.Operation -in 'Find', 'Change', 'Remove') {
                New-StoredToken $id
            }

            @{ Command = $command; Id = $id; Number = if ($Row.When -like 'once*') { $numbers["$($command.Command) $($command.Of)"] } else { 1 } }
        }

        foreach ($number in $begun.Number | Select-Object -Unique) { Start-Fault $cluster $number $Row }
        foreach ($one in $begun) {
            $one.Server = if ($Row.Fault -eq 'UnknownHost') { $nowhere } else { $cluster.Servers[$one.Number - 1] }
            $one.Started = Start-Command $pool $one.Command.Command (Get-Parameter $one.Command $Row $one.Server $one.Id)
        }

        foreach ($one in $begun) { $one.Result = Wait-Command $one.Started }
        foreach ($number in $begun.Number | Select-Object -Unique) { Stop-Fault $cluster $number $Row }
        $results = @{}
        foreach ($one in $begun) {
            $one.IsDone = Test-Change $one.Command.Operation $one.Id
            $results["$($one.Command.Command) $($one.Command.Of)"] = $one
        }

        $results
    }

    # Says so where something is not as it must be. A thousand cells are looked at in ten ways each, and Should takes milliseconds each time.
    function Find-Flaw([string] $What, $Actual, $Expected) {
        if ("$Actual" -cne "$Expected") { "$What is '$Actual', not '$Expected'." }
    }

    # An error as every one must be: of its category, about the server or the id, in words that name the server and no secret, and that
    # do not end the command.
    function Find-ErrorFlaw($Record, [string] $Id, $One) {
        $targets = switch ($One.Command.Operation) {
            { $_ -in 'Find', 'Create', 'Change', 'Remove' } { $One.Id }
            'Look' { '', $One.Server }
            default { $One.Server }
        }
        Find-Flaw 'The error id' $Record.FullyQualifiedErrorId.Split(',')[0] $Id
        Find-Flaw 'The category' $Record.CategoryInfo.Category $categories[$Id]
        Find-Flaw "That the error names the server ($Record)" $Record.Exception.Message.Contains($One.Server) $true
        Find-Flaw "That the error holds a secret ($Record)" ("$Record" -match "$secret|$password") $false
        Find-Flaw "That the error is about '$($Record.TargetObject)', which is one of '$targets'," ("$($Record.TargetObject)" -cin $targets) $true
    }

    # What a command came to, held against its cell of the table.
    function Find-CellFlaw($One, [string] $Expected) {
        $result = $One.Result
        $operation, $of = $One.Command.Operation, $One.Command.Of
        $warned = $Expected -like '*, warned'
        $id, $doubt = $Expected -replace ', warned' -split ', '

        Find-Flaw 'What ended the command' $result.Ending ''
        switch ($operation) {
            { $id -eq 'ok' -and $_ -ne 'Test' } {
                Find-Flaw 'The errors' $result.Errors ''
                Find-Flaw 'Success' $result.Succeeded $true
                Find-Flaw 'That the change is made' $One.IsDone ($operation -in 'Create', 'Change', 'Remove')
                Find-Flaw 'The number of objects' $result.Output.Count $(if ($operation -eq 'List') { 300 } else { 1 })
            }
            'Test' {
                $isAccepted = $id -eq 'ok'
                if (-not $of) {
                    Find-Flaw 'The errors' $result.Errors ''
                    Find-Flaw 'The verdict' $result.Output.Succeeded $isAccepted
                    Find-Flaw "That the reason is none or names the server ($($result.Output.Reason))" `
                        ("$($result.Output.Reason)" -like $(if ($isAccepted) { '' } else { "*$($One.Server)*" })) $true
                }
                else {
                    Find-Flaw 'The verdict' $result.Output $isAccepted
                    Find-Flaw 'The number of errors' $result.Errors.Count ([int] ($id -notin 'ok', 'no'))
                    $result.Errors | ForEach-Object { Find-ErrorFlaw $_ $id $One }
                }
            }
            'Rotate' {
                $state, $id = if ($id -in $categories.Keys) { $null, $id } else { $id -split ' ' }
                Find-Flaw 'The state' $result.Output.State $state
                Find-Flaw 'The new token' $result.Output.NewShortToken $(if ($state) { "new-$($One.Id)" })
                $isError = $state -in $null, 'Rejected'
                Find-Flaw 'Success' $result.Succeeded (-not $isError)
                Find-Flaw 'The number of errors' $result.Errors.Count ([int] $isError)
                $result.Errors | ForEach-Object { Find-ErrorFlaw $_ $id $One }
                if ($state -eq 'Unknown') {
                    Find-Flaw "That the warning says what to do ($($result.Warnings[-1]))" `
                        ($result.Warnings[-1] -like "*$($One.Server)*may have been rotated*Keep both tokens*") $true
                }

                Find-Flaw 'That the change is made' $One.IsDone ($doubt -eq 'done' -or $state -eq 'PendingRestart')
            }
            'Look' {
                $state, $untrusted = $id -split ' '
                Find-Flaw 'The state' $result.Output.State $state
                Find-Flaw 'The server' $result.Output.Server $One.Server
                $errors = @(@($untrusted) + @(if ($of) { 'RotationIncomplete' }) | Where-Object { $_ })
                Find-Flaw 'The number of errors' $result.Errors.Count $errors.Count
                for ($i = 0; $i -lt $errors.Count; $i++) { Find-ErrorFlaw $result.Errors[$i] $errors[$i] $One }
            }
            default {
                Find-Flaw 'Success' $result.Succeeded $false
                Find-Flaw 'The output' $result.Output ''
                Find-Flaw 'The number of errors' $result.Errors.Count 1
                $result.Errors | ForEach-Object {
                    Find-ErrorFlaw $_ $id $One
                    Find-Flaw "That the error is in doubt ($_)" ($_.Exception.Message -match 'may have happened or not') ($null -ne $doubt)
                }
                Find-Flaw 'That the change is made' $One.IsDone ($doubt -eq 'done')
            }
        }

        Find-Flaw 'The number of warnings of the clock' @($result.Warnings -like "*Times are judged by the server's clock.").Count ([int] $warned)
    }
}

AfterAll {
    $pool.Dispose()
    Stop-Cluster $cluster
}

Describe 'Under <Fault>, <When>' -ForEach $rows {
    BeforeAll {
        $visitsBefore = Invoke-Prompt $cluster elsewhere '^Elsewhere was visited'
        $results = Invoke-Row $Row
        $visits = Invoke-Prompt $cluster elsewhere '^Elsewhere was visited'
    }

    It '<Command> <Of> is as the table says' -ForEach $commands {
        Find-CellFlaw $results["$Command $Of"] $Row.$Operation | Should -BeNullOrEmpty
        $visits | Should -Be $visitsBefore -Because 'no redirect is followed'
    }
}

Describe 'What happens in the middle of things' {
    BeforeAll {
        $kubeconfig = Get-OwnKubeconfig @{ Command = 'middle' } $cluster.Servers[0]

        # The ids on the server that begin so.
        function Get-StoredId([string] $Prefix) {
            (Invoke-Api $SecretsPath).Body.items.metadata.name -replace '^bootstrap-token-' -like "$Prefix*"
        }

        # Runs a cmdlet on many tokens; after so many changes the server restarts.
        function Invoke-Interrupted([string] $Name, [hashtable] $Parameters, [string] $Fault = 'Restart 1 changes 100') {
            $null = Invoke-Prompt $cluster "break 1 $Fault"
            $started = Start-Command $pool $Name ($Parameters + @{ Kubeconfig = $kubeconfig; TimeoutSec = 20 })
            Wait-Command $started
            $null = Invoke-Prompt $cluster 'mend 1'
        }

        # The ids whose change may have happened, as the errors say; and the others that failed.
        function Get-FailedId($Result, [switch] $InDoubt) {
            $Result.Errors | Where-Object { ($_.Exception.Message -match 'may have happened or not') -eq $InDoubt } | ForEach-Object {
                [regex]::Match("$($_.Exception.Message) bootstrap-token-$($_.TargetObject)", 'bootstrap-token-([a-z0-9]{6})').Groups[1].Value
            }
        }
    }

    AfterEach {
        $null = Invoke-Prompt $cluster 'clock 0'
    }

    It 'a listing that the server''s restart cuts off is an error, and what it showed is there' {
        $result = Invoke-Interrupted Get-K3sBootstrapToken @{ Id = 's*' } 'Restart 1 all 1'
        $result.Errors | Should -HaveCount 1
        $result.Errors[0].FullyQualifiedErrorId | Should -BeLike 'ClusterUnreachable,*'
        $result.Output.Count | Should -BeLessThan 300
        $stored = Get-StoredId s
        $result.Output.Id | Where-Object { $_ -notin $stored } | Should -BeNullOrEmpty
    }

    It 'a compaction between two pages of a listing is not noticed: <_>' -ForEach 'once', 'each time' {
        $result = Invoke-Interrupted Get-K3sBootstrapToken @{ Id = 's*' } "Compaction $(if ($_ -eq 'once') { '1 all 1' } else { '99 all 0' })"
        $result.Errors | Should -BeNullOrEmpty
        $result.Output.Id | Should -Be (Get-StoredId s)
    }

    It 'creations that the server''s restart cuts off: each is shown and there, or an error; none is there that neither names' {
        $before = Get-StoredId
        $result = Invoke-Interrupted New-K3sBootstrapToken @{ Count = 300; AsPlainText = $true }
        $new = Get-StoredId | Where-Object { $_ -notin $before }
        $result.Output.Count + $result.Errors.Count | Should -Be 300
        $result.Errors.Count | Should -BeGreaterThan 0
        $result.Output.Id | Where-Object { $_ -notin $new } | Should -BeNullOrEmpty
        $new | Where-Object { $_ -notin @($result.Output.Id) + @(Get-FailedId $result -InDoubt) } | Should -BeNullOrEmpty
    }

    It 'changes that the server''s restart cuts off: each is shown and made, or an error' {
        $ids = 0..299 | ForEach-Object { 's{0:d5}' -f $_ }
        $result = Invoke-Interrupted Set-K3sBootstrapToken @{ Id = $ids; Description = 'in the middle'; PassThru = $true }
        $made = (Invoke-Api $SecretsPath).Body.items | Where-Object { $_.data.description -eq 'aW4gdGhlIG1pZGRsZQ==' } |
            ForEach-Object { $_.metadata.name -replace '^bootstrap-token-' }
        $result.Output.Count + $result.Errors.Count | Should -Be 300
        $result.Errors.Count | Should -BeGreaterThan 0
        $result.Output.Id | Where-Object { $_ -notin $made } | Should -BeNullOrEmpty
        $made | Where-Object { $_ -notin @($result.Output.Id) + @(Get-FailedId $result -InDoubt) } | Should -BeNullOrEmpty
    }

    It 'removals that the server''s restart cuts off: each is shown and gone, or an error' {
        $ids = 0..299 | ForEach-Object { 's{0:d5}' -f $_ }
        $result = Invoke-Interrupted Remove-K3sBootstrapToken @{ Id = $ids; PassThru = $true }
        $left = Get-StoredId s
        $result.Output.Count + $result.Errors.Count | Should -Be 300
        $result.Errors.Count | Should -BeGreaterThan 0
        $result.Output.Id | Where-Object { $_ -in $left } | Should -BeNullOrEmpty
        Get-FailedId $result | Where-Object { $_ -notin $left } | Should -BeNullOrEmpty
    }

    It 'a lifetime counts by the server''s clock, also where nothing else is asked of it first: <_> s' -ForEach 86400, -86400 {
        $null = Invoke-Prompt $cluster "clock $_"
        $insecure = Join-Path $TestDrive insecure.yaml
        (Get-Content $kubeconfig -Raw) -replace 'certificate-authority-data: \S+', 'insecure-skip-tls-verify: true' | Set-Content $insecure
        $token = New-K3sBootstrapToken -Kubeconfig $insecure -Ttl 1h -WarningVariable warnings -WarningAction SilentlyContinue
        $token.TimeToLive | Should -BeGreaterThan ([TimeSpan]::FromMinutes(59))
        $token.Expires | Should -BeGreaterThan (Get-Date).AddSeconds($_).AddMinutes(59)
        $token.Expires | Should -BeLessThan (Get-Date).AddSeconds($_).AddMinutes(61)
        @($warnings -like "*Times are judged by the server's clock.") | Should -HaveCount 1
    }

    It 'a moment that has passed on the server is refused, though it has not passed here' {
        $null = Invoke-Prompt $cluster 'clock 86400'
        $before = Get-StoredId
        New-K3sBootstrapToken -Kubeconfig $kubeconfig -ExpiresOn (Get-Date).AddHours(2) -ErrorVariable errors -ErrorAction SilentlyContinue `
            -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'ExpirationInPast,*'
        Get-StoredId | Should -Be $before
    }

    It 'a client certificate that expires within a command fails the rest of it, and a renewed kubeconfig works in the same session' {
        $path = Join-Path $cluster.Folder 'expiring.yaml'
        'e00001', 'e00002' | ForEach-Object { New-StoredToken $_ }
        # A machine on which the first id is not done with in time gets more of it.
        for ($life = 3; -not $removed -and $life -lt 100; $life *= 2) {
            $null = Invoke-Prompt $cluster "kubeconfig $life $path"
            $removed = & { 'e00001'; Start-Sleep $life; 'e00002' } |
                Remove-K3sBootstrapToken -Kubeconfig $path -PassThru -ErrorVariable errors -ErrorAction SilentlyContinue
        }

        $removed.Id | Should -Be 'e00001'
        $errors.TargetObject | Should -Be 'e00002'
        $before = Get-StoredId
        $before | Should -Contain 'e00002'
        Get-K3sBootstrapToken -Kubeconfig $path -ErrorVariable +errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        New-K3sBootstrapToken -Kubeconfig $path -ErrorVariable +errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        Set-K3sBootstrapToken e00002 -Ttl 1h -PassThru -Kubeconfig $path -ErrorVariable +errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors | Should -HaveCount 4
        foreach ($record in $errors) {
            $record.FullyQualifiedErrorId | Should -BeLike 'ClientCertificateExpired,*'
            $record.CategoryInfo.Category | Should -Be 'SecurityError'
            $record.Exception.Message | Should -BeLike "*CN=system:admin*context 'default' expired on * take the kubeconfig from there anew."
        }

        Get-StoredId | Should -Be $before
        $null = Invoke-Prompt $cluster "kubeconfig 31536000 $path"
        (Get-K3sBootstrapToken e00002 -Kubeconfig $path | Remove-K3sBootstrapToken -PassThru).Id | Should -Be 'e00002'
        Get-StoredId | Should -Not -Contain 'e00002'
    }

    It 'New-K3sJoinCommand and Get-K3sServerToken ask no server, whatever is wrong with it' {
        $null = Invoke-Prompt $cluster 'forget' '^They are forgotten'
        New-K3sJoinCommand $cluster.Token -Server https://k3s.example:6443 | Should -Not -BeNullOrEmpty
        (Get-K3sServerToken $cluster.Data[1]).Kind | Should -Be 'Server'
        @(Invoke-Prompt $cluster requests '^These are all requests') -match '^server-' | Should -BeNullOrEmpty
    }
}
