<#
.SYNOPSIS
    Eight runspaces of one PowerShell list, create, change and remove tokens of a real API server, for as long as asked for.
.DESCRIPTION
    Each runspace compares every listing with what it believes to have. When all of them rest, after the warm-up and ten times until the
    end, a sample is taken: memory, handles, sockets. The script fails where a listing was wrong, where the server does not hold
    in the end exactly what the runspaces believe, or where a sample at the end is above the one after the warm-up by more than chance:
    see $limits. Linux only: it looks into /proc.
.EXAMPLE
    dotnet build -c Release && pwsh -NoProfile tests/Soak.ps1 -Minutes 10
#>
param(
    # How long, after the warm-up.
    [double] $Minutes = 10,

    # How long until the first sample: what is compiled, loaded and connected once is there by then.
    [double] $WarmUpMinutes = 1,

    # A throw-away cluster. Without it, an API server is started as .ci/apiserver does, and ended.
    [string] $Kubeconfig
)

$ErrorActionPreference = 'Stop'

# By how much a sample may be above the first. Of the heap, what lives is the runspaces' tokens, whose number goes up and down by some
# hundreds; of the working set, code is compiled for minutes and the collector keeps what it may need; a connection more or less is the pool's affair.
$limits = [ordered] @{ HeapMiB = 4; WorkingSetMiB = 64; Handles = 16; Sockets = 4; Threads = 8 }

$worker = {
    param($Shared, $Name)

    $ErrorActionPreference = 'Stop'
    Import-Module $Shared.Module
    $cluster = @{ Kubeconfig = $Shared.Kubeconfig }
    $mine = @{} # descriptions by id

    function Test-Listing {
        $listed = @(Get-K3sBootstrapToken @cluster | Where-Object Description -Like "$Name *")
        $wrong = @($listed | Where-Object { $mine[$_.Id] -cne $_.Description })
        if ($listed.Count -ne $mine.Count -or $wrong) {
            throw "$Name believes in $($mine.Count) tokens and sees $($listed.Count), $($wrong.Count) of them not as it believes: $($wrong.Id)"
        }
    }

    for ($turn = 1; -not $Shared.IsOver; $turn++) {
        if ($Shared.IsResting) {
            if (-not ($Shared.Meeting.SignalAndWait(30000) -and $Shared.Meeting.SignalAndWait(30000))) {
                throw 'Another runspace did not come to rest.'
            }
            continue
        }

        New-K3sBootstrapToken @cluster -Count 20 -Description "$Name new" -Ttl 2h | ForEach-Object { $mine[$_.Id] = "$Name new" }
        @($mine.Keys) | Get-Random -Count 10 | Set-K3sBootstrapToken @cluster -Description "$Name $turn" -PassThru | ForEach-Object { $mine[$_.Id] = "$Name $turn" }
        Test-Listing
        $surplus = [Math]::Max(0, $mine.Count - (Get-Random -Minimum 40 -Maximum 80))
        if ($surplus -gt 0) {
            @($mine.Keys) | Get-Random -Count $surplus | Remove-K3sBootstrapToken @cluster -PassThru | ForEach-Object { $mine.Remove($_.Id) }
        }

        $Shared.Changes[$Name] += 30 + $surplus
        $Shared.Listings[$Name]++
    }

    Test-Listing
    $mine
}

# Throws what a worker has thrown.
function Assert-Working {
    $ended = @($workers | Where-Object { $_.Work.IsCompleted })
    if ($ended) {
        $shared.IsOver = $true
        $ended | ForEach-Object { $_.Shell.EndInvoke($_.Work) }
        throw 'A runspace ended early.'
    }
}

# Waits until all workers rest, and looks. What only waits to be collected is no leak.
function Measure-Resting([string] $Minute) {
    $shared.IsResting = $true
    if (-not $shared.Meeting.SignalAndWait(30000)) {
        Assert-Working
        throw 'A runspace did not come to rest.'
    }

    for ($i = 0; $i -lt 3; $i++) {
        [GC]::Collect(2, 'Aggressive', $true, $true)
        [GC]::WaitForPendingFinalizers()
    }

    $process = [Diagnostics.Process]::GetCurrentProcess()
    $handles = @([IO.Directory]::GetFiles('/proc/self/fd'))
    [pscustomobject]@{
        Minute        = $Minute
        Changes       = [int] ($shared.Changes.Values | Measure-Object -Sum).Sum
        Listings      = [int] ($shared.Listings.Values | Measure-Object -Sum).Sum
        HeapMiB       = [Math]::Round([GC]::GetTotalMemory($false) / 1MB, 1)
        WorkingSetMiB = [Math]::Round($process.WorkingSet64 / 1MB, 1)
        Handles       = $handles.Count
        Sockets       = @($handles | Where-Object { [IO.FileInfo]::new($_).LinkTarget -like 'socket:*' }).Count
        Threads       = $process.Threads.Count
    }
    $shared.IsResting = $false
    $null = $shared.Meeting.SignalAndWait(30000)
}

function Wait-Moment([double] $Minute) {
    while ($watch.Elapsed.TotalMinutes -lt $Minute) {
        Assert-Working
        Start-Sleep -Milliseconds 100
    }
}

$tool = "$PSScriptRoot/../.ci/apiserver"
$folder = $null
if (-not $Kubeconfig) {
    $folder = (New-Item (Join-Path ([IO.Path]::GetTempPath()) "k3stoken-$([guid]::NewGuid())") -ItemType Directory).FullName
    $env:CLEANER = 'off'
    foreach ($arguments in @('build'), @('start', $folder)) {
        bash $tool @arguments
        if ($LASTEXITCODE -ne 0) {
            throw 'There is no API server to be had.'
        }
    }

    $Kubeconfig = "$folder/admin.kubeconfig"
}

$names = 1..8 | ForEach-Object { "soak-$PID-$_" }
$shared = @{
    Module     = (Get-ChildItem "$PSScriptRoot/../out/K3sToken/*/K3sToken.psd1" | Sort-Object { [version] $_.Directory.Name } | Select-Object -Last 1).FullName
    Kubeconfig = (Resolve-Path $Kubeconfig).Path
    Meeting    = [Threading.Barrier]::new($names.Count + 1)
    IsResting  = $false
    IsOver     = $false
    Changes   = [Collections.Concurrent.ConcurrentDictionary[string, int]]::new()
    Listings   = [Collections.Concurrent.ConcurrentDictionary[string, int]]::new()
}
try {
    $workers = @(foreach ($name in $names) {
            $shared.Changes[$name] = $shared.Listings[$name] = 0
            $shell = [powershell]::Create().AddScript($worker).AddArgument($shared).AddArgument($name)
            [pscustomobject]@{ Shell = $shell; Work = $shell.BeginInvoke() }
        })
    $watch = [Diagnostics.Stopwatch]::StartNew()
    0..10 | ForEach-Object {
        $minute = $WarmUpMinutes + $_ * $Minutes / 10
        Wait-Moment $minute
        Measure-Resting $minute.ToString('0.0#', [cultureinfo]::InvariantCulture)
    } | Tee-Object -Variable samples | Format-Table
    $shared.IsOver = $true
    $believed = @{}
    foreach ($one in $workers) {
        $mine = @($one.Shell.EndInvoke($one.Work))[0]
        $mine.Keys | ForEach-Object { $believed[$_] = $mine[$_] }
        $one.Shell.Dispose()
    }

    Import-Module $shared.Module
    $held = @(Get-K3sBootstrapToken -Kubeconfig $shared.Kubeconfig | Where-Object Description -Like "soak-$PID-*")
    $problems = @(
        foreach ($what in $limits.Keys) {
            $more = $samples[-1].$what - $samples[0].$what
            if ($more -gt $limits[$what]) {
                "$what rose by $more, and may by $($limits[$what])."
            }
        }
        if ($held.Count -ne $believed.Count -or ($held | Where-Object { $believed[$_.Id] -cne $_.Description })) {
            "The server holds $($held.Count) tokens, and the runspaces believe in $($believed.Count)."
        }
    )
    $held | Remove-K3sBootstrapToken
    if ($problems) {
        throw ($problems -join ' ')
    }

    "Flat, and the server holds what the eight runspaces believe: $($believed.Count) tokens."
}
finally {
    $shared.IsOver = $true
    if ($folder) {
        bash $tool stop $folder
    }
}
