<#
.SYNOPSIS
Removes bootstrap tokens that have expired or never expire, and reports what became of each.

.DESCRIPTION
For a scheduler, every night. It looks at each of the contexts, goes on past a cluster or a token that makes trouble, and asks nothing.
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

try {
    Import-Module K3sToken
    $cluster = @{}
    if ($Kubeconfig) { $cluster.Kubeconfig = $Kubeconfig }
    if ($Context) { $cluster.Context = $Context -split ',' }

    $tokens = @(Get-K3sBootstrapToken @cluster -ErrorAction SilentlyContinue -ErrorVariable problems)
    $failures += $problems
    $stale = @($tokens | Where-Object {
        $description = $_.Description
        $_.Expired -or ($_.NeverExpires -and -not ($Keep -split ',' | Where-Object { $description -like $_ }))
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
    Errors    = @($failures | ForEach-Object {
        [pscustomobject]@{ Id = "$($_.FullyQualifiedErrorId)".Split(',')[0]; Target = "$($_.TargetObject)"; Message = "$_" }
    })
}
if ($PassThru) { $report } else { ConvertTo-Json $report -Depth 4 -Compress }
exit [int] (-not $report.Succeeded)
