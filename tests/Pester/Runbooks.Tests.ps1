BeforeDiscovery {
    $scripts = Get-ChildItem "$PSScriptRoot/../../samples/runbooks/*.ps1" | ForEach-Object { @{ Name = $_.BaseName; Path = $_.FullName } }
    $noVault = if (-not (Get-Module Microsoft.PowerShell.SecretManagement -ListAvailable)) {
        'Microsoft.PowerShell.SecretManagement was not found.'
    }
    elseif ($env:OS -eq 'Windows_NT') {
        'On Windows the list of vaults is the one of the person who runs this.'
    }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/Cluster.ps1
    . $PSScriptRoot/Runbooks.ps1
    $sandbox = Start-Sandbox --cleaner, off
    $kubeconfig = $env:KUBECONFIG

    function Reset-Token([hashtable] $Tokens) {
        Get-StoredToken | Remove-StoredToken
        foreach ($id in $Tokens.Keys) { New-StoredToken $id $Tokens[$id] }
    }
}

AfterAll {
    $env:PSModulePath = $ModulePathBefore
    Stop-Sandbox $sandbox
}

Describe '<Name>' -ForEach $scripts {
    It 'has help for everything, with examples' {
        $help = Get-Help $Path -Full
        $help.Synopsis | Should -Not -BeNullOrEmpty
        $help.Description.Text | Should -BeLike '*Exit code 0*'
        @($help.examples.example).Count | Should -BeGreaterThan 1
        foreach ($parameter in $help.parameters.parameter | Where-Object Name -NotIn WhatIf, Confirm) {
            $parameter.description.Text | Should -Not -BeNullOrEmpty -Because "-$($parameter.name) must be explained"
        }
    }

    It 'can be tried with -WhatIf' {
        (Get-Command $Path).Parameters.Keys | Should -Contain WhatIf
    }
}

Describe 'Remove-StaleToken' {
    BeforeEach {
        Reset-Token @{
            aaaaaa = @{ description = 'expired'; expiration = '2020-01-01T00:00:00Z' }
            bbbbbb = @{ description = 'for ever' }
            cccccc = @{ description = 'autoscaler 1' }
            dddddd = @{ description = 'alive'; expiration = '2099-01-01T00:00:00Z' }
        }
    }

    It 'removes what has expired and what never does, and says so in one line' {
        $run = Invoke-Runbook Remove-StaleToken -Keep 'cluster*,auto*'
        $run.ExitCode | Should -Be 0 -Because $run.Text
        (Get-StoredToken).Name | Should -Be 'bootstrap-token-cccccc', 'bootstrap-token-dddddd'
        $run.Text | Should -Not -BeLike "*`n*"
        $run.Report.Succeeded | Should -BeTrue
        $run.Report.Listed | Should -Be 4
        $run.Report.Stale.Id | Should -Be aaaaaa, bbbbbb
        $run.Report.Stale.Reason | Should -Be Expired, NeverExpires
        $run.Report.Stale.Removed | Should -Be $true, $true
        $run.Report.Errors | Should -BeNullOrEmpty
    }

    It 'removes nothing with -WhatIf' {
        $run = Invoke-Runbook Remove-StaleToken -WhatIf
        $run.ExitCode | Should -Be 0
        @(Get-StoredToken).Count | Should -Be 4
        $run.Report.WhatIf | Should -BeTrue
        $run.Report.Stale.Id | Should -Be aaaaaa, bbbbbb, cccccc
        $run.Report.Stale.Removed | Should -Be $false, $false, $false
    }

    It 'says that a cluster cannot be reached' {
        $run = Invoke-Runbook Remove-StaleToken -Kubeconfig (Get-DeadKubeconfig)
        $run.ExitCode | Should -Be 1
        $run.Report.Succeeded | Should -BeFalse
        $run.Report.Errors.Id | Should -Be ClusterUnreachable
    }

    It 'says that a kubeconfig is not there' {
        $run = Invoke-Runbook Remove-StaleToken -Kubeconfig 'no-such-file'
        $run.ExitCode | Should -Be 1
        $run.Report.Errors.Id | Should -Be KubeconfigNotFound
    }

    It 'goes on past a token that cannot be removed' {
        $dead = Get-DeadKubeconfig
        (Get-Content $dead -Raw) -replace '\bdefault\b', 'dead' | Set-Content $dead
        $env:KUBECONFIG = $kubeconfig + [IO.Path]::PathSeparator + $dead
        try {
            $run = Invoke-Runbook Remove-StaleToken -Context 'dead,default'
        }
        finally {
            $env:KUBECONFIG = $kubeconfig
        }
        $run.ExitCode | Should -Be 1
        $run.Report.Errors.Id | Should -Be ClusterUnreachable
        (Get-StoredToken).Name | Should -Be 'bootstrap-token-dddddd'
    }

    It 'goes on past a name that is no context, and says which it is' {
        $run = Invoke-Runbook Remove-StaleToken -Context 'default, nope'
        $run.ExitCode | Should -Be 1
        $run.Report.Errors.Id | Should -Be ContextNotFound
        $run.Report.Errors.Message | Should -BeLike "*'nope'*"
        (Get-StoredToken).Name | Should -Be 'bootstrap-token-dddddd'
    }

    It 'counts a token once where two names mean its context, with blanks around them or not' {
        $run = Invoke-Runbook Remove-StaleToken -Context 'def*, default' -Keep 'none, auto*'
        $run.ExitCode | Should -Be 0 -Because $run.Text
        $run.Report.Listed | Should -Be 4
        (Get-StoredToken).Name | Should -Be 'bootstrap-token-cccccc', 'bootstrap-token-dddddd'
    }

    It 'says that a wildcard matches no context' {
        $run = Invoke-Runbook Remove-StaleToken -Context 'nope-*,default'
        $run.ExitCode | Should -Be 1
        $run.Report.Errors.Id | Should -Be ContextNotFound
        $run.Report.Errors.Target | Should -Be 'nope-*'
        (Get-StoredToken).Name | Should -Be 'bootstrap-token-dddddd'
    }

    It 'is content with a cluster that has no tokens' {
        Reset-Token
        $run = Invoke-Runbook Remove-StaleToken -Context 'def*'
        $run.ExitCode | Should -Be 0 -Because $run.Text
        $run.Report.Listed | Should -Be 0
    }

    It 'writes its report as an object where it is asked to' {
        $report = & "$Runbooks/Remove-StaleToken.ps1" -PassThru -WhatIf
        $LASTEXITCODE | Should -Be 0
        $report.Stale.Count | Should -Be 3
    }
}

Describe 'Test-TokenExpiry' {
    BeforeAll {
        function Get-Moment([int] $Hours) { [DateTime]::UtcNow.AddHours($Hours).ToString('s') + 'Z' }
    }

    BeforeEach {
        Reset-Token @{
            aaaaaa = @{ description = 'autoscaler'; expiration = Get-Moment 200 }
            bbbbbb = @{ description = 'worker 1'; expiration = Get-Moment 10 }
        }
    }

    It 'is quiet while there is time' {
        $run = Invoke-Runbook Test-TokenExpiry -Within 2h
        $run.ExitCode | Should -Be 0 -Because $run.Text
        $run.Report.Listed | Should -Be 2
        $run.Report.Alarms | Should -BeNullOrEmpty
    }

    It 'raises the alarm over what ends soon' {
        $run = Invoke-Runbook Test-TokenExpiry
        $run.ExitCode | Should -Be 2
        $run.Report.Alarms.Id | Should -Be bbbbbb
        $run.Report.Alarms.Reason | Should -Be Expiring
        $run.Report.Alarms.Expires | Should -Not -BeNullOrEmpty
        $run.Report.Succeeded | Should -BeTrue
    }

    It 'raises the alarm over what has ended, or never worked' {
        New-StoredToken cccccc @{ expiration = '2020-01-01T00:00:00Z' }
        New-StoredToken dddddd @{ 'auth-extra-groups' = 'admins' }
        $run = Invoke-Runbook Test-TokenExpiry -Within 2h
        $run.ExitCode | Should -Be 2
        $run.Report.Alarms.Id | Should -Be cccccc, dddddd
        $run.Report.Alarms.Reason | Should -Be Unusable, Unusable
    }

    It 'looks only at what it is told to' {
        (Invoke-Runbook Test-TokenExpiry -Description 'auto*').ExitCode | Should -Be 0
    }

    It 'raises the alarm over what is not there any more' {
        Get-StoredToken aaaaaa | Remove-StoredToken
        $run = Invoke-Runbook Test-TokenExpiry -Within 2h -Description 'auto*,worker*'
        $run.ExitCode | Should -Be 2
        $run.Report.Alarms.Reason | Should -Be Missing
        $run.Report.Alarms.Description | Should -Be 'auto*'
    }

    It 'does not take a cluster that cannot be reached for one without tokens' {
        $run = Invoke-Runbook Test-TokenExpiry -Kubeconfig (Get-DeadKubeconfig) -Description 'auto*'
        $run.ExitCode | Should -Be 1
        $run.Report.Errors.Id | Should -Be ClusterUnreachable
        $run.Report.Alarms | Should -BeNullOrEmpty
    }

    It 'does not take a wildcard that matches no context for a cluster without tokens' {
        $run = Invoke-Runbook Test-TokenExpiry -Context 'nope-*' -Description 'auto*'
        $run.ExitCode | Should -Be 1
        $run.Report.Errors.Id | Should -Be ContextNotFound
        $run.Report.Errors.Target | Should -Be 'nope-*'
        $run.Report.Alarms | Should -BeNullOrEmpty
    }

    It 'reads lists with blanks, and is quiet over a cluster without tokens' {
        (Invoke-Runbook Test-TokenExpiry -Within 2h -Context 'default, def*' -Description 'auto*, worker*').ExitCode | Should -Be 0
        Reset-Token
        (Invoke-Runbook Test-TokenExpiry -Context 'def*').ExitCode | Should -Be 0
    }

    It 'does not take a time that it cannot read for none' {
        $run = Invoke-Runbook Test-TokenExpiry -Within 7
        $run.ExitCode | Should -Be 1
        $run.Report.Errors.Message | Should -BeLike '*24h*'
    }

    It 'runs with -WhatIf as without' {
        $run = Invoke-Runbook Test-TokenExpiry -WhatIf
        $run.ExitCode | Should -Be 2
        $run.Report.WhatIf | Should -BeTrue
    }
}

Describe 'New-NodeToken' {
    BeforeEach {
        Reset-Token
        $folder = (New-Item "TestDrive:/$([guid]::NewGuid())" -ItemType Directory).FullName
    }

    It 'puts the token of each node into a file of its own' {
        $run = Invoke-Runbook New-NodeToken -NodeName 'worker-1,worker-2.corp' -Folder $folder -TimeToLive 15m -Verbose
        $run.ExitCode | Should -Be 0 -Because $run.Text
        $stored = @(Get-StoredToken)
        $stored.Count | Should -Be 2
        foreach ($token in $run.Report.Tokens) {
            $secret = ($stored | Where-Object { $_.Data['token-id'] -eq $token.Id }).Data
            $secret['description'] | Should -Be "node $($token.Node)"
            ([DateTime] $secret['expiration'] - [DateTime]::Now).TotalMinutes | Should -BeLessOrEqual 15
            $token.Place | Should -Be (Join-Path $folder "$($token.Node).token")
            (Get-Content $token.Place -Raw) | Should -BeExactly "K10$(Get-ExpectedCAHash)::$($token.Id).$($secret['token-secret'])`n"
            $run.Text | Should -Not -BeLike "*$($secret['token-secret'])*"
        }
    }

    It 'lets nobody else read the file' -Skip:($env:OS -eq 'Windows_NT') {
        $null = Invoke-Runbook New-NodeToken -NodeName worker-1 -Folder $folder
        (Get-Item "$folder/worker-1.token").UnixFileMode | Should -Be 'UserWrite, UserRead'
    }

    It 'lets nobody else read the file, on Windows' -Skip:($env:OS -ne 'Windows_NT') {
        $null = Invoke-Runbook New-NodeToken -NodeName worker-1 -Folder $folder
        $access = Get-Acl "$folder/worker-1.token"
        $access.AreAccessRulesProtected | Should -BeTrue
        $access.Access.IdentityReference.Value | Should -Be ([Security.Principal.WindowsIdentity]::GetCurrent().Name)
    }

    It 'makes nothing with -WhatIf' {
        $run = Invoke-Runbook New-NodeToken -NodeName worker-1 -Folder $folder -WhatIf
        $run.ExitCode | Should -Be 0
        $run.Text | Should -BeLike '*worker-1*'
        $run.Report.Tokens | Should -BeNullOrEmpty
        Get-StoredToken | Should -BeNullOrEmpty
        Get-ChildItem $folder | Should -BeNullOrEmpty
    }

    It 'revokes a token that it cannot hand on, and goes on with the others' {
        Set-Content "$folder/worker-1.token" 'somebody''s'
        $run = Invoke-Runbook New-NodeToken -NodeName 'worker-1,worker-2' -Folder $folder
        $run.ExitCode | Should -Be 1
        $run.Report.Tokens.Node | Should -Be worker-2
        $run.Report.Errors.Message | Should -BeLike '*worker-1.token*'
        (Get-StoredToken).Data.description | Should -Be 'node worker-2'
        Get-Content "$folder/worker-1.token" | Should -Be 'somebody''s'
    }

    It 'makes no token for <time>, which is no short life' -ForEach @(
        @{ time = '0' }
        @{ time = '0s' }
        @{ time = '15' }
    ) {
        $run = Invoke-Runbook New-NodeToken -NodeName worker-1 -Folder $folder -TimeToLive $time
        $run.ExitCode | Should -Be 1
        $run.Report.Errors.Id | Should -Be InvalidTimeToLive
        $run.Report.Errors.Target | Should -Be $time
        $run.Report.Errors.Message | Should -Not -BeLike 'Exception calling*'
        Get-StoredToken | Should -BeNullOrEmpty
        Get-ChildItem $folder | Should -BeNullOrEmpty
    }

    It 'has ids of its own for its errors, and no name of a method in their messages' {
        Set-Content "$folder/worker-1.token" 'somebody''s'
        $run = Invoke-Runbook New-NodeToken -NodeName 'worker-1, A node, or not' -Folder $folder
        $run.Report.Errors.Id | Should -Be FileNotWritten, InvalidNodeName, InvalidNodeName
        $run.Report.Errors.Target | Should -Be (Join-Path $folder worker-1.token), 'A node', 'or not'
        $run.Text | Should -Not -BeLike '*Exception calling*'
    }

    It 'refuses <node>, which is no name of a node' -ForEach @(
        @{ node = '../worker' }
        @{ node = 'Worker' }
        @{ node = '-worker' }
        @{ node = "worker`n" + 'x' }
    ) {
        $run = Invoke-Runbook New-NodeToken -NodeName $node -Folder $folder
        $run.ExitCode | Should -Be 1
        $run.Report.Errors.Message | Should -BeLike '*not the name of a node*'
        Get-StoredToken | Should -BeNullOrEmpty
    }

    It 'says that a cluster cannot be reached' {
        $run = Invoke-Runbook New-NodeToken -NodeName worker-1 -Folder $folder -Kubeconfig (Get-DeadKubeconfig)
        $run.ExitCode | Should -Be 1
        $run.Report.Errors.Id | Should -Be ClusterUnreachable
        Get-ChildItem $folder | Should -BeNullOrEmpty
    }

    It 'asks nothing where a parameter is missing' {
        $run = Invoke-Runbook New-NodeToken -Folder $folder
        $run.ExitCode | Should -Be 1
    }
}

Describe 'Invoke-MonitoredRotation' {
    BeforeAll {
        $cluster = Start-Cluster '--servers', '3'
        $servers = $cluster.Servers -join ','

        function Restart-Server([int] $Number, [string] $Password) {
            Invoke-Prompt $cluster "restart $Number $Password" | Should -Be "server-$Number has started."
        }

        # What the first server's token file says, whatever the test before has left.
        function Get-FileToken { (Get-Content "$($cluster.Data[0])/server/token" -Raw).Trim() }
    }

    AfterAll {
        Stop-Cluster $cluster
        $env:KUBECONFIG = $kubeconfig
    }

    BeforeEach {
        $folder = (New-Item "TestDrive:/$([guid]::NewGuid())" -ItemType Directory).FullName
        $old = Get-FileToken
        foreach ($number in 1..3) { Restart-Server $number (Get-FilePassword $cluster 1) }
        $null = Get-Request $cluster
        Set-Content "$folder/k3s-server-token" $old
    }

    It 'stores, sends and waits; run again after the restarts, it makes the new token the current one' {
        $run = Invoke-Runbook Invoke-MonitoredRotation -Server $servers -Folder $folder -Timeout 1s -Kubeconfig $env:KUBECONFIG -Verbose
        $run.ExitCode | Should -Be 2 -Because $run.Text
        $run.Report.State | Should -Be PendingRestart
        $run.Report.Servers.Server | Should -Be $cluster.Servers
        $run.Report.Servers.State | Should -Be PendingRestart, PendingRestart, PendingRestart
        $run.Report.OldTokenHash | Should -Match '^[0-9a-f]{12}$'
        $run.Report.Errors.Id | Should -Be RotationIncomplete
        $next = (Get-Content "$folder/k3s-server-token-next" -Raw).Trim()
        Get-FileToken | Should -BeExactly $next
        Get-Content "$folder/k3s-server-token" | Should -BeExactly $old

        $password = ($next -split ':')[-1]
        foreach ($number in 1, 2) { Restart-Server $number $password }
        $again = Invoke-Runbook Invoke-MonitoredRotation -Server $servers -Folder $folder -Timeout 1s
        $again.ExitCode | Should -Be 2 -Because $again.Text
        $again.Report.State | Should -Be Split
        $again.Report.Servers.State | Should -Be Rotated, Rotated, PendingRestart

        Restart-Server 3 $password
        $last = Invoke-Runbook Invoke-MonitoredRotation -Server $servers -Folder $folder -Timeout 30s
        $last.ExitCode | Should -Be 0 -Because $last.Text
        $last.Report.State | Should -Be Rotated
        Get-Content "$folder/k3s-server-token" | Should -BeExactly $next
        Get-Content "$folder/k3s-server-token-until-*" | Should -BeExactly $old
        @(Get-ChildItem $folder).Count | Should -Be 2

        foreach ($said in $run.Text, $again.Text, $last.Text) {
            foreach ($secret in $password, ($old -split ':')[-1]) {
                $said | Should -Not -BeLike "*$secret*"
            }
        }
        if ($env:OS -ne 'Windows_NT') {
            (Get-Item "$folder/k3s-server-token").UnixFileMode | Should -Be 'UserWrite, UserRead'
        }
    }

    It 'sends the same value once more where it was ended in between' {
        $next = "K10$($cluster.Hash)::server:made-by-the-run-before"
        Set-Content "$folder/k3s-server-token-next" $next
        $run = Invoke-Runbook Invoke-MonitoredRotation -Server $servers -Folder $folder -Timeout 1s
        $run.ExitCode | Should -Be 2 -Because $run.Text
        Get-FileToken | Should -BeExactly $next
    }

    It 'does not take an empty file for the next token, nor overwrite it' {
        $null = New-Item "$folder/k3s-server-token-next"
        $run = Invoke-Runbook Invoke-MonitoredRotation -Server $servers -Folder $folder
        $run.ExitCode | Should -Be 1
        $run.Report.Errors.Message | Should -BeLike '*k3s-server-token-next*'
        (Get-Request $cluster).Method | Should -Not -Contain PUT
    }

    It 'stores and sends nothing where <problem>, with -WhatIf or without' -ForEach @(
        @{ problem = 'the time has no unit'; arguments = '-Timeout', '3'; id = 'InvalidTimeout' }
        @{ problem = 'the time is none'; arguments = '-Timeout', '0'; id = 'InvalidTimeout' }
        @{ problem = 'there is no such context'; arguments = '-Context', 'nope'; id = 'ContextNotFound' }
        @{ problem = 'the context is a wildcard'; arguments = '-Context', 'def*'; id = 'ContextNotFound' }
        @{ problem = 'there is no such kubeconfig'; arguments = '-Kubeconfig', 'no-such-file'; id = 'KubeconfigNotFound' }
    ) {
        foreach ($more in @(), @('-WhatIf')) {
            $run = Invoke-Runbook Invoke-MonitoredRotation -Server $servers -Folder $folder @arguments @more
            $run.ExitCode | Should -Be 1
            $run.Report.Errors.Id | Should -Be $id
        }
        (Get-ChildItem $folder).Name | Should -Be k3s-server-token
        (Get-Request $cluster).Method | Should -Not -Contain PUT
    }

    It 'does not send a next token that is <what>, and says what to do' -ForEach @(
        @{ what = 'only blank'; text = " `n" }
        @{ what = 'shorter than 16 characters'; text = 'too-short' }
        @{ what = 'cut off in its hash'; text = 'K10abcdef0123456789abcdef' }
        @{ what = 'cut off in its password'; text = 'K10<hash>::server:0123456789' }
    ) {
        Set-Content "$folder/k3s-server-token-next" ($text -replace '<hash>', $cluster.Hash) -NoNewline
        $run = Invoke-Runbook Invoke-MonitoredRotation -Server $servers -Folder $folder
        $run.ExitCode | Should -Be 1
        $run.Report.Errors.Id | Should -Be NextTokenInvalid
        $run.Report.Errors.Target | Should -Be k3s-server-token-next
        $run.Report.Errors.Message | Should -BeLike '*remove*'
        (Get-Request $cluster).Method | Should -Not -Contain PUT
        Get-FileToken | Should -BeExactly $old
    }

    It 'leaves nothing half-written where the disk is full, and sends nothing' -Skip:($env:OS -eq 'Windows_NT') {
        $limited = "trap '' XFSZ; ulimit -f 0; exec `"`$@`""
        $runbook = '-NoProfile', '-NonInteractive', '-File', "$Runbooks/Invoke-MonitoredRotation.ps1"
        $env:DOTNET_EnableWriteXorExecute = '0' # it would need files, too
        try {
            $said = @($null | & bash -c $limited bash $ThisPowerShell @runbook -Server $servers -Folder $folder 2>&1 | ForEach-Object { "$_" })
            $LASTEXITCODE | Should -Be 1
        }
        finally {
            $env:DOTNET_EnableWriteXorExecute = $null
        }
        $problem = (ConvertFrom-Json $said[-1]).Errors
        $problem.Id | Should -Be FileNotWritten -Because "$said"
        $problem.Target | Should -Be "$folder/k3s-server-token-next"
        (Get-ChildItem $folder).Name | Should -Be k3s-server-token
        (Get-Request $cluster).Method | Should -Not -Contain PUT
    }

    It 'goes on where it was ended <where>' -ForEach @(
        @{ where = 'between the old token and the new one'; hasCurrent = $false }
        @{ where = 'before the next token was removed'; hasCurrent = $true }
    ) {
        $password = "made-by-the-run-before-$hasCurrent"
        $next = "K10$($cluster.Hash)::server:$password"
        Set-Content "$folder/k3s-server-token-next" $next
        $run = Invoke-Runbook Invoke-MonitoredRotation -Server $servers -Folder $folder -Timeout 1s
        $run.ExitCode | Should -Be 2 -Because $run.Text
        foreach ($number in 1..3) { Restart-Server $number $password }
        Set-Content "$folder/k3s-server-token-until-20200101T000000Z" 'a-token-of-years-ago'
        Move-Item "$folder/k3s-server-token" "$folder/k3s-server-token-until-20260101T000000Z"
        if ($hasCurrent) { Copy-Item "$folder/k3s-server-token-next" "$folder/k3s-server-token" }

        $run = Invoke-Runbook Invoke-MonitoredRotation -Server $servers -Folder $folder -Timeout 30s
        $run.ExitCode | Should -Be 0 -Because $run.Text
        $run.Report.State | Should -Be Rotated
        $run.Report.Servers.State | Should -Be Rotated, Rotated, Rotated
        Get-Content "$folder/k3s-server-token" | Should -BeExactly $next
        Get-Content "$folder/k3s-server-token-until-20260101T000000Z" | Should -BeExactly $old
        @(Get-ChildItem $folder).Count | Should -Be 3
    }

    It 'does not know the token before where nothing holds it' {
        Set-Content "$folder/k3s-server-token-next" $old
        $run = Invoke-Runbook Invoke-MonitoredRotation -Server $servers -Folder $folder
        $run.ExitCode | Should -Be 1
        $run.Report.Errors.Id | Should -Be OldTokenNotFound
        (Get-Request $cluster).Method | Should -Not -Contain PUT
    }

    It 'changes and stores nothing with -WhatIf' {
        $run = Invoke-Runbook Invoke-MonitoredRotation -Server $servers -Folder $folder -WhatIf
        $run.ExitCode | Should -Be 0 -Because $run.Text
        $run.Text | Should -BeLike "*What if: *$($cluster.Servers[2])*"
        (Get-ChildItem $folder).Name | Should -Be k3s-server-token
        Get-FileToken | Should -BeExactly $old
        (Get-Request $cluster).Method | Should -Not -Contain PUT
    }

    It 'changes nothing where one server cannot be reached' {
        $run = Invoke-Runbook Invoke-MonitoredRotation -Server "$servers,https://127.0.0.1:1" -Folder $folder
        $run.ExitCode | Should -Be 1
        $run.Report.Errors.Message | Should -BeLike '*changed nothing*https://127.0.0.1:1*'
        $run.Report.State | Should -BeNullOrEmpty
        (Get-ChildItem $folder).Name | Should -Be k3s-server-token
        Get-FileToken | Should -BeExactly $old
    }

    It 'changes nothing where the current token is not accepted, or not there' {
        Set-Content "$folder/k3s-server-token" 'another-password'
        $run = Invoke-Runbook Invoke-MonitoredRotation -Server $servers -Folder $folder
        $run.ExitCode | Should -Be 1
        $run.Text | Should -Not -BeLike '*another-password*'
        Remove-Item "$folder/k3s-server-token"
        $run = Invoke-Runbook Invoke-MonitoredRotation -Server $servers -Folder $folder
        $run.ExitCode | Should -Be 1
        $run.Report.Errors.Message | Should -BeLike "There is no token 'k3s-server-token'*"
        $run.Report.Errors.Id | Should -Be TokenNotFound
        $run.Report.Errors.Target | Should -Be k3s-server-token
        Get-FileToken | Should -BeExactly $old
    }
}

Describe 'A vault of SecretManagement' -ForEach @{ noVault = $noVault } {
    BeforeAll {
        if ($noVault) { return }
        $realHome = $env:HOME
        $secrets = Register-TestVault (New-Item "TestDrive:/vault" -ItemType Directory).FullName
    }

    AfterAll {
        if ($realHome) { $env:HOME = $realHome }
    }

    BeforeEach {
        Reset-Token
    }

    It 'gets the token of each node' {
        if ($noVault) { Set-ItResult -Skipped -Because $noVault; return }
        $run = Invoke-Runbook New-NodeToken -NodeName 'worker-1,worker-2' -Vault Test
        $run.ExitCode | Should -Be 0 -Because $run.Text
        $run.Report.Tokens.Place | Should -Be k3s-token-worker-1, k3s-token-worker-2
        foreach ($token in $run.Report.Tokens) {
            $secret = (Get-StoredToken $token.Id).Data['token-secret']
            Read-TestSecret "$secrets/$($token.Place)" | Should -BeExactly "K10$(Get-ExpectedCAHash)::$($token.Id).$secret"
            $run.Text | Should -Not -BeLike "*$secret*"
        }
    }

    It 'leaves no token behind that it refuses, or does not know' {
        if ($noVault) { Set-ItResult -Skipped -Because $noVault; return }
        $run = Invoke-Runbook New-NodeToken -NodeName refused -Vault Test
        $run.ExitCode | Should -Be 1
        (Invoke-Runbook New-NodeToken -NodeName worker-3 -Vault NoSuchVault).ExitCode | Should -Be 1
        Get-StoredToken | Should -BeNullOrEmpty
    }

    It 'gets nothing with -WhatIf' {
        if ($noVault) { Set-ItResult -Skipped -Because $noVault; return }
        (Invoke-Runbook New-NodeToken -NodeName worker-9 -Vault Test -WhatIf).ExitCode | Should -Be 0
        "$secrets/k3s-token-worker-9" | Should -Not -Exist
        Get-StoredToken | Should -BeNullOrEmpty
    }

    It 'holds the tokens of a rotation' {
        if ($noVault) { Set-ItResult -Skipped -Because $noVault; return }
        $cluster = Start-Cluster '--servers', '3'
        try {
            [Net.NetworkCredential]::new('', $cluster.Token).SecurePassword | Export-Clixml "$secrets/prod"
            $arguments = '-Server', ($cluster.Servers -join ','), '-Vault', 'Test', '-Name', 'prod', '-Timeout', '1s'
            $run = Invoke-Runbook Invoke-MonitoredRotation @arguments
            $run.ExitCode | Should -Be 2 -Because $run.Text
            $next = Read-TestSecret "$secrets/prod-next"
            foreach ($number in 1..3) { $null = Invoke-Prompt $cluster "restart $number $(($next -split ':')[-1])" }
            # As a run leaves it that was ended before its last step.
            Copy-Item "$secrets/prod" "$secrets/prod-until-20260101T000000Z"
            Copy-Item "$secrets/prod-next" "$secrets/prod"
            $run = Invoke-Runbook Invoke-MonitoredRotation @arguments
            $run.ExitCode | Should -Be 0 -Because $run.Text
            Read-TestSecret "$secrets/prod" | Should -BeExactly $next
            "$secrets/prod-next" | Should -Not -Exist
            Read-TestSecret (Get-ChildItem "$secrets/prod-until-*").FullName | Should -BeExactly $cluster.Token
        }
        finally {
            Stop-Cluster $cluster
            $env:KUBECONFIG = $kubeconfig
        }
    }
}
