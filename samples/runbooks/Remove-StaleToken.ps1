<#
.SYNOPSIS
Removes bootstrap tokens that have expired or never expire, and reports what became of each.

.DESCRIPTION
For a scheduler, every night. It looks at each of the contexts, goes on past a context or a token that makes trouble, and asks nothing.
A token that somebody else removes meanwhile is no error. It needs get, list and delete on Secrets in kube-system.

The last line of the output is the report, one line of JSON: Runbook, Succeeded, WhatIf, Listed (how many tokens there were), Stale (each
with Id, Description, Context, Reason, Removed) and Errors (each with Id, Target, Message). It holds no secret.

Exit code 0: no stale token is left, or with -WhatIf they were listed. 1: something failed; Errors says what.

.PARAMETER Kubeconfig
The kubeconfig's path, or a list of paths. Default: as for Get-K3sBootstrapToken.

.PARAMETER Context
The contexts to clean up; wildcards are allowed, and several may stand in one text with commas. Default: the current context.

.PARAMETER Keep
Descriptions of never-expiring tokens that stay; wildcards are allowed, and several may stand in one text with commas.

.PARAMETER PassThru
Writes the report as an object in place of the line of JSON.

.EXAMPLE
pwsh -NonInteractive -File Remove-StaleToken.ps1 -Context 'prod-*' -Keep 'autoscaler*'

Cleans up every cluster whose context begins with prod-, and spares the tokens that the autoscaler lives on.

.EXAMPLE
pwsh -NonInteractive -File Remove-StaleToken.ps1 -Context 'prod-*' -WhatIf

Shows and reports what would go. Nothing is removed.

.EXAMPLE
(./Remove-StaleToken.ps1 -PassThru).Stale | Where-Object Reason -EQ NeverExpires | Format-Table

The same in a session: who makes tokens that never expire?
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [ValidateNotNullOrEmpty()]
    [string] $Kubeconfig,

    [ValidateNotNullOrEmpty()]
    [string[]] $Context,

    [string[]] $Keep = @(),

    [switch] $PassThru
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue' # a bar in a log is noise
$failures = @()
$tokens = @()
$stale = @()
$removed = @()

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

function Get-ClusterToken([hashtable] $Cluster) {
    try {
        $found = @(Get-K3sBootstrapToken @Cluster -ErrorAction SilentlyContinue -ErrorVariable problems)
        $script:failures += $problems
        if ($Cluster.Context -and -not $found -and -not $problems) { Assert-Context $Cluster }
        $found
    }
    catch {
        $script:failures += $_
    }
}

try {
    Import-Module K3sToken
    $cluster = @{}
    if ($Kubeconfig) { $cluster.Kubeconfig = $Kubeconfig }
    $clusters = if ($Context) { $Context -split ',' | ForEach-Object { $cluster + @{ Context = $_.Trim() } } } else { $cluster }
    # Two of the names may mean the same context.
    $tokens = @($clusters | ForEach-Object { Get-ClusterToken $_ } | Sort-Object Context, Server, Id -CaseSensitive -Unique)
    $spared = @($Keep -split ',' | ForEach-Object { $_.Trim() })
    $stale = @($tokens | Where-Object {
        $description = $_.Description
        $_.Expired -or ($_.NeverExpires -and -not ($spared | Where-Object { $description -like $_ }))
    })
    $removed = @($stale |
        Where-Object { $PSCmdlet.ShouldProcess("bootstrap token '$($_.Id)' ($($_.Description)) on $($_.Server)", 'Remove') } |
        Remove-K3sBootstrapToken -PassThru -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable problems)
    $failures += $problems
}
catch {
    $failures += $_
}

$report = [pscustomobject]@{
    Runbook   = 'Remove-StaleToken'
    Succeeded = $failures.Count -eq 0
    WhatIf    = [bool] $WhatIfPreference
    Listed    = $tokens.Count
    Stale     = @($stale | ForEach-Object {
        $token = $_
        [pscustomobject]@{
            Id          = $token.Id
            Description = $token.Description
            Context     = $token.Context
            Reason      = if ($token.NeverExpires) { 'NeverExpires' } else { 'Expired' }
            Removed     = [bool] ($removed | Where-Object { $_.Id -eq $token.Id -and $_.Server -eq $token.Server })
        }
    })
    Errors    = @($failures | Sort-Object { "$_" } -Unique | ForEach-Object { Get-ErrorReport $_ })
}
if ($PassThru) { $report } else { ConvertTo-Json $report -Depth 4 -Compress }
exit [int] (-not $report.Succeeded)
