# The table of faults, and the cmdlets under each. Common.ps1, Kubeconfigs.ps1 and Cluster.ps1 come before what runs them.

# The rows of tests/faults.md: Fault, When, Seconds, and for each operation what is expected of it.
function Get-FaultRow {
    $lines = @(Get-Content "$PSScriptRoot/../faults.md") -match '^\| '
    $lines | ForEach-Object { $_.Trim('|', ' ') -replace '\s*\|\s*', '|' } | ConvertFrom-Csv -Delimiter '|'
}

# Each cmdlet that connects, and the column of the table that says what it does.
function Get-FaultyCommand {
    @{ Command = 'New-K3sBootstrapToken'; Operation = 'Create'; Parameters = @{ Ttl = '24h' } }
    @{ Command = 'Set-K3sBootstrapToken'; Operation = 'Change'; Parameters = @{ Description = 'changed'; Ttl = '1h'; PassThru = $true } }
    @{ Command = 'Remove-K3sBootstrapToken'; Operation = 'Remove'; Parameters = @{ PassThru = $true } }
    @{ Command = 'Invoke-K3sTokenRotation'; Operation = 'Rotate'; Parameters = @{ Confirm = $false; AsPlainText = $true } }
    @{ Command = 'Get-K3sBootstrapToken'; Operation = 'List'; Parameters = @{ Id = 's00*' } }
    @{ Command = 'Get-K3sBootstrapToken'; Operation = 'Find'; Of = 'an id' }
    @{ Command = 'Get-K3sClusterCA'; Operation = 'CA' }
    @{ Command = 'ConvertTo-K3sToken'; Operation = 'CA'; Parameters = @{ AsPlainText = $true } }
    @{ Command = 'Test-K3sToken'; Operation = 'Test' }
    @{ Command = 'Test-K3sToken'; Operation = 'Test'; Of = '-Quiet'; Parameters = @{ Quiet = $true } }
    @{ Command = 'Get-K3sTokenRotation'; Operation = 'Look' }
    @{ Command = 'Wait-K3sTokenRotation'; Operation = 'Look'; Of = 'for a moment'; Parameters = @{ Timeout = '1ms' } }
}

# What is wrong from now on with a server; of what happens once, with the first request. A server that is to be met by new connections
# alone breaks those it has.
function Start-Fault($Cluster, [int] $Number, $Row) {
    switch -Wildcard ($Row.Fault) {
        'UnknownHost' { }
        'Down' { $null = Invoke-Prompt $Cluster "stop $Number" }
        'ClockAhead' { $null = Invoke-Prompt $Cluster 'clock 86400' }
        'ClockBehind' { $null = Invoke-Prompt $Cluster 'clock -86400' }
        default {
            $times = if ($Row.When -like 'once*') { 1 } else { [int]::MaxValue }
            $scope = if ($Row.When -match ', (.+)') { $Matches[1] } else { 'all' }
            $null = Invoke-Prompt $Cluster "break $Number $_ $times $scope 0" 'going to fail|FAULT TIMES'
        }
    }
}

function Stop-Fault($Cluster, [int] $Number, $Row) {
    if ($Row.Fault -like 'Clock*') {
        $null = Invoke-Prompt $Cluster 'clock 0'
    }

    # A server that has to listen again takes its time: only where it does not listen, or may have connections that are stuck.
    $mend = if ($Row.Fault -in 'Down', 'Restart', 'SlowHeader') { "mend $Number" } else { "break $Number none 0 all 0" }
    $null = Invoke-Prompt $Cluster $mend
}

# Starts a cmdlet in a session of its own.
function Start-Command($Pool, [string] $Name, [hashtable] $Parameters) {
    $shell = [powershell]::Create()
    $shell.RunspacePool = $Pool
    $null = $shell.AddCommand($Name).AddParameters($Parameters)
    [pscustomobject]@{ Shell = $shell; Running = $shell.BeginInvoke() }
}

# What a cmdlet came to. The limit keeps one that hangs from hanging for ever; it measures nothing.
function Wait-Command($Started) {
    $shell = $Started.Shell
    if (-not $Started.Running.AsyncWaitHandle.WaitOne(60000)) {
        throw "This hangs: $($shell.Commands.Commands[0])"
    }

    $output = @()
    $ending = $null
    try {
        $output = @($shell.EndInvoke($Started.Running))
    }
    catch {
        $ending = $_
    }

    [pscustomobject]@{
        Output    = $output
        Errors    = @($shell.Streams.Error)
        Ending    = $ending
        Warnings  = @($shell.Streams.Warning | ForEach-Object Message)
        Succeeded = -not $shell.HadErrors
    }
    $shell.Dispose()
}
