<#
.SYNOPSIS
Makes one short-lived bootstrap token for each new node, and hands it on through a secret vault or a file that only its owner reads.

.DESCRIPTION
For whatever sets up machines. Each token has the node's name in its description, lives for an hour unless told otherwise, and is never
shown. One that cannot be handed on is revoked at once. It needs create and delete on Secrets in kube-system.

In a vault of SecretManagement the token is the secret k3s-token-<node>; the vault must open without a question. In a folder it is the file
<node>.token, which nobody but its owner can read from the moment it exists. What is there already is not overwritten.

The last line of the output is the report, one line of JSON: Runbook, Succeeded, WhatIf, Tokens (each with Node, Id, Expires, Place) and
Errors (each with Id, Target, Message). It holds no secret.

Exit code 0: every node has its token, or with -WhatIf none was made. 1: at least one has none; Errors says why.

.PARAMETER NodeName
The nodes, by the names that they will have in the cluster; several may stand in one text with commas.

.PARAMETER Vault
The vault of SecretManagement to put the tokens into.

.PARAMETER Folder
The folder to put the tokens into. It must exist.

.PARAMETER TimeToLive
How long each token lives: 30m, 1h or a TimeSpan, but not 0, for ever. Default: 1h.

.PARAMETER Kubeconfig
The kubeconfig's path, or a list of paths. Default: as for New-K3sBootstrapToken.

.PARAMETER Context
The context of the cluster. Default: the current one.

.EXAMPLE
pwsh -NonInteractive -File New-NodeToken.ps1 -NodeName worker-17,worker-18 -Vault Provisioning

Two tokens, as the secrets k3s-token-worker-17 and k3s-token-worker-18.

.EXAMPLE
pwsh -NonInteractive -File New-NodeToken.ps1 -NodeName worker-17 -Folder /run/provisioning -TimeToLive 15m

A token for a quarter of an hour in /run/provisioning/worker-17.token, for k3s agent --token-file.

.EXAMPLE
pwsh -NonInteractive -File New-NodeToken.ps1 -NodeName worker-17 -Vault Provisioning -WhatIf

Says what it would do. No token is made.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)]
    [string[]] $NodeName,

    [Parameter(Mandatory, ParameterSetName = 'Vault')]
    [ValidateNotNullOrEmpty()]
    [string] $Vault,

    [Parameter(Mandatory, ParameterSetName = 'Folder')]
    [ValidateNotNullOrEmpty()]
    [string] $Folder,

    [ValidateNotNullOrEmpty()]
    [string] $TimeToLive = '1h',

    [ValidateNotNullOrEmpty()]
    [string] $Kubeconfig,

    [ValidateNotNullOrEmpty()]
    [string] $Context
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue' # a bar in a log is noise
$ConfirmPreference = 'None' # one question for a node, and only with -Confirm
$failures = @()
$tokens = @()

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

# A duration as this parameter of the module reads it, before anything is changed.
function Read-Duration([string] $Text, [string] $Command, [string] $Parameter) {
    $reader = (Get-Command $Command).Parameters[$Parameter].Attributes |
        Where-Object { $_ -is [Management.Automation.ArgumentTransformationAttribute] }
    try {
        $reader.Transform($ExecutionContext, $Text)
    }
    catch {
        throw (New-Failure "Invalid$Parameter" $Text "-${Parameter}: $($_.Exception.GetBaseException().Message)")
    }
}

# Never readable by others, not even for a moment: the file is born with its permissions. It must not exist yet.
function Open-PrivateFile([string] $Path) {
    if ($PSVersionTable.PSEdition -eq 'Core' -and -not $IsWindows) {
        $private = [IO.FileStreamOptions] @{ Mode = 'CreateNew'; Access = 'Write'; UnixCreateMode = 'UserRead, UserWrite' }
        return [IO.FileStream]::new($Path, $private)
    }

    $me = [Security.Principal.WindowsIdentity]::GetCurrent().User
    $rules = [Security.AccessControl.FileSecurity]::new()
    $rules.SetAccessRuleProtection($true, $false)
    $rules.AddAccessRule([Security.AccessControl.FileSystemAccessRule]::new($me, 'FullControl', 'Allow'))
    if ($PSVersionTable.PSEdition -eq 'Core') {
        [IO.FileSystemAclExtensions]::Create([IO.FileInfo]::new($Path), 'CreateNew', 'Write', 'None', 4096, 'None', $rules)
    }
    else {
        [IO.FileStream]::new($Path, 'CreateNew', 'Write', 'None', 4096, 'None', $rules)
    }
}

# The whole secret, on the disk, or no file: it gets its name when it is complete. What has the name already stays.
function Write-PrivateFile([string] $Path, [securestring] $Secret) {
    $partial = "$Path.$([guid]::NewGuid())"
    try {
        $file = Open-PrivateFile $partial
        try {
            $bytes = [Text.Encoding]::UTF8.GetBytes([Net.NetworkCredential]::new('', $Secret).Password + "`n")
            $file.Write($bytes, 0, $bytes.Length)
            $file.Flush($true)
        }
        finally {
            $file.Dispose()
        }

        [IO.File]::Move($partial, $Path)
    }
    catch {
        $reason = $_.Exception.GetBaseException().Message
        Remove-Item -LiteralPath $partial -ErrorAction Ignore
        throw (New-Failure FileNotWritten $Path "$Path was not written: $reason")
    }
}

# A token that was made for a node and put into its place.
function Publish-NodeToken([string] $Name, [string] $Place) {
    $token = New-K3sBootstrapToken @cluster @lifetime -Description "node $Name"
    try {
        # Windows PowerShell's JSON has a form of its own for dates.
        $expires = $token.Expires.ToUniversalTime().ToString('s') + 'Z'
        if ($Vault) {
            Set-Secret -Name $Place -SecureStringSecret $token.Token -Vault $Vault -NoClobber
        }
        else {
            Write-PrivateFile $Place $token.Token
        }

        [pscustomobject]@{ Node = $Name; Id = $token.Id; Expires = $expires; Place = $Place }
    }
    catch {
        $token | Remove-K3sBootstrapToken -ErrorAction SilentlyContinue -ErrorVariable left
        $script:failures += $left
        throw
    }
}

try {
    Import-Module K3sToken
    if ($Vault) { Import-Module Microsoft.PowerShell.SecretManagement }
    if ($Folder) { $Folder = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Folder) }
    $lifetime = @{ TimeToLive = Read-Duration $TimeToLive New-K3sBootstrapToken TimeToLive }
    if ($lifetime.TimeToLive -eq [timespan]::Zero) {
        throw (New-Failure InvalidTimeToLive $TimeToLive '-TimeToLive: 0 means for ever, and these tokens are short-lived. Write 1h.')
    }

    $cluster = @{}
    if ($Kubeconfig) { $cluster.Kubeconfig = $Kubeconfig }
    if ($Context) { $cluster.Context = $Context }

    foreach ($name in $NodeName -split ',' | ForEach-Object { $_.Trim() }) {
        try {
            # It becomes part of a path, and is what Kubernetes takes as the name of a node.
            if ($name.Length -gt 253 -or $name -cnotmatch '\A[a-z0-9]([-a-z0-9.]*[a-z0-9])?\z') {
                $rule = "a-z, 0-9, '-' and '.', a letter or digit first and last"
                throw (New-Failure InvalidNodeName $name "'$name' is not the name of a node: $rule.")
            }

            $place = if ($Vault) { "k3s-token-$name" } else { Join-Path $Folder "$name.token" }
            if ($PSCmdlet.ShouldProcess("node '$name'", "Create a bootstrap token and put it into $place")) {
                $tokens += Publish-NodeToken $name $place
            }
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
    Runbook   = 'New-NodeToken'
    Succeeded = $failures.Count -eq 0
    WhatIf    = [bool] $WhatIfPreference
    Tokens    = @($tokens)
    Errors    = @($failures | ForEach-Object { Get-ErrorReport $_ })
}
ConvertTo-Json $report -Depth 4 -Compress
exit [int] (-not $report.Succeeded)
