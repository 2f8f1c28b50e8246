<#
.SYNOPSIS
Raises the alarm, by its exit code, over bootstrap tokens that are about to expire or that no node can join with any more.

.DESCRIPTION
For a monitoring system or a scheduler. It only reads, and asks nothing. It needs get and list on Secrets in kube-system.

A token that has expired is soon deleted by the cluster, and an alarm that only looks at what is there would fall silent. So name what
nodes depend on with -Description: a description that no token carries is an alarm, too.

The last line of the output is the report, one line of JSON: Runbook, Succeeded, WhatIf, Listed (how many tokens were looked at), Alarms
(each with Id, Description, Context, Reason, Expires) and Errors (each with Id, Target, Message). Reason is Expiring, Unusable (no node can
join with it) or Missing. It holds no secret.

Exit code 0: no alarm. 1: something could not be looked at, and what could gave no alarm. 2: alarm.

.PARAMETER Within
How near the end must be: 30m, 24h, 3d or a TimeSpan. Default: 3d.

.PARAMETER Description
Look only at tokens with these descriptions, and expect one of each in each -Context given; wildcards are allowed, and several may stand
in one text with commas. Default: all tokens that there are.

.PARAMETER Kubeconfig
The kubeconfig's path, or a list of paths. Default: as for Get-K3sBootstrapToken.

.PARAMETER Context
The contexts to look at; wildcards are allowed, and several may stand in one text with commas. Default: the current context.

.EXAMPLE
pwsh -NonInteractive -File Test-TokenExpiry.ps1 -Within 7d -Description 'autoscaler*'

Exit code 2 a week before the autoscaler's token expires, and when it is gone.

.EXAMPLE
(pwsh -NonInteractive -File Test-TokenExpiry.ps1 -Context 'prod-*' | Select-Object -Last 1 | ConvertFrom-Json).Alarms.Id

The id of every token of these clusters that ends within three days, a line each.
#>
[CmdletBinding(SupportsShouldProcess)]
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSShouldProcess', '',
    Justification = 'It only reads. -WhatIf is there so that a scheduler can give it to every runbook.')]
param(
    [ValidateNotNullOrEmpty()]
    [string] $Within = '3d',

    [string[]] $Description = @(),

    [ValidateNotNullOrEmpty()]
    [string] $Kubeconfig,

    [ValidateNotNullOrEmpty()]
    [string[]] $Context
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue' # a bar in a log is noise
$failures = @()
$alarms = @()
$listed = 0

# An error of this runbook's own, with an id that stays.
function New-Failure([string] $Id, [string] $Target, [string] $Message) {
    [Management.Automation.ErrorRecord]::new([InvalidOperationException]::new($Message), $Id, 'InvalidOperation', $Target)
}

# Of a text that was thrown PowerShell makes the id and the target, too.
function Get-ErrorReport($Record) {
    $isText = "$($Record.FullyQualifiedErrorId)" -eq "$Record"
    [pscustomobject]@{
        Id      = if ($isText) { 'RunbookFailed' } else { "$($Record.FullyQualifiedErrorId)".Split(',')[0] }
        Target  = if ($isText) { '' } else { "$($Record.TargetObject)" }
        Message = "$Record"
    }
}

# Where a wildcard matches no context the module says nothing. Asked for one token, each cluster answers: with the token, or an error.
function Assert-Context([hashtable] $Cluster) {
    $answer = Get-K3sBootstrapToken @Cluster -Id aaaaaa -ErrorAction SilentlyContinue -ErrorVariable problems
    if (-not $answer -and -not $problems) {
        $name = $Cluster.Context
        throw (New-Failure ContextNotFound $name "No context matches '$name'. kubectl config get-contexts shows what there is.")
    }
}

function Get-Alarm($Token, [string] $Reason) {
    # Windows PowerShell's JSON has a form of its own for dates.
    $expires = if ($Token.Expires) { $Token.Expires.ToUniversalTime().ToString('s') + 'Z' }
    [pscustomobject]@{ Id = $Token.Id; Description = $Token.Description; Context = $Token.Context; Reason = $Reason; Expires = $expires }
}

function Get-ClusterAlarm([hashtable] $Cluster, [string[]] $Expected) {
    $problems = @()
    $catch = @{ ErrorAction = 'SilentlyContinue'; ErrorVariable = '+problems' }
    # In this order: what expires between the two is Unusable in the second.
    $soon = @(Get-K3sBootstrapToken @Cluster @catch @window)
    $tokens = @(Get-K3sBootstrapToken @Cluster @catch)
    $script:failures += $problems
    if ($Cluster.Context -and -not $tokens -and -not $problems) { Assert-Context $Cluster }
    foreach ($token in $tokens) {
        if ($Expected -and -not ($Expected | Where-Object { $token.Description -like $_ })) { continue }
        $script:listed++
        if (-not $token.CanAuthenticate) {
            Get-Alarm $token Unusable
        }
        elseif ($soon | Where-Object { $_.Id -eq $token.Id -and $_.Server -eq $token.Server }) {
            Get-Alarm $token Expiring
        }
    }

    # Of a cluster that could not be looked at nobody knows what is missing.
    foreach ($pattern in $Expected | Where-Object { -not $problems -and -not ($tokens.Description -like $_) }) {
        Get-Alarm @{ Description = $pattern; Context = $Cluster.Context } Missing
    }
}

try {
    Import-Module K3sToken
    $expected = @($Description -split ',' | ForEach-Object { $_.Trim() } | Where-Object { $_ })
    $window = @{ ExpiringWithin = $Within }
    $cluster = @{}
    if ($Kubeconfig) { $cluster.Kubeconfig = $Kubeconfig }
    $clusters = if ($Context) { $Context -split ',' | ForEach-Object { $cluster + @{ Context = $_.Trim() } } } else { $cluster }
    foreach ($each in $clusters) {
        try {
            $alarms += @(Get-ClusterAlarm $each $expected)
        }
        catch {
            $failures += $_
        }
    }
}
catch {
    $failures += $_
}

$report = [pscustomobject]@{
    Runbook   = 'Test-TokenExpiry'
    Succeeded = $failures.Count -eq 0
    WhatIf    = [bool] $WhatIfPreference
    Listed    = $listed
    Alarms    = @($alarms)
    Errors    = @($failures | Sort-Object { "$_" } -Unique | ForEach-Object { Get-ErrorReport $_ })
}
ConvertTo-Json $report -Depth 4 -Compress
if ($alarms) { exit 2 }
exit [int] (-not $report.Succeeded)
