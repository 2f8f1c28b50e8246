<#
.SYNOPSIS
Rotates the server token of a K3s cluster: tests first, keeps the new value safe before it is sent, and watches until every server has it.

.DESCRIPTION
For a scheduler. The token lives in a vault of SecretManagement or in a folder, under -Name. The runbook

1. tests that every server accepts the current token, and stops where one does not;
2. makes the new value and stores it as <Name>-next, so that nothing that happens later can lose it;
3. sends the change to the first server, and reports where all servers stand;
4. waits until each has been restarted with the new token, which is for whoever runs the servers to do: take it from <Name>-next;
5. keeps the old token as <Name>-until-<time>, for snapshots are restored with the token of their time, and makes the new one <Name>.

Where it was ended, or the time was over, run it again: as long as <Name>-next is there, it goes on with that value. A run that finds every
server restarted reports no hashes and no nodes: the run that sent the change did.

The last line of the output is the report, one line of JSON: Runbook, Succeeded, WhatIf, State (Rotated, PendingRestart, Split, Rejected or
Unknown; null where no change was sent or waited for), Servers (each with Server, State, Detail), RestartNodes, OldTokenHash, NewTokenHash,
Warnings, and Errors (each with Id, Target, Message). It holds no secret.

Exit code 0: every server accepts the new token only, or with -WhatIf the tests passed. 2: the change is stored, and servers still wait for
their restart. 1: it failed, and State says how far it came; Errors says why.

.PARAMETER Server
Every server of the cluster by its own address, not a balancer's; several may stand in one text with commas. The first gets the change.

.PARAMETER Vault
The vault of SecretManagement that holds the token. It must open without a question.

.PARAMETER Folder
The folder that holds the token, in a file that only its owner should read. New files there are born so.

.PARAMETER Name
The name of the secret or file with the current token. Default: k3s-server-token. Give it the whole token, K10<hash>::server:password;
without its CA hash the servers need -CACertificate, or this machine's trust.

.PARAMETER CACertificate
A PEM file to trust in place of this machine's CAs and of what the servers say.

.PARAMETER Kubeconfig
A kubeconfig of the cluster, to report which nodes must be restarted.

.PARAMETER Context
Its context. Default: the current one, where a kubeconfig is given.

.PARAMETER Timeout
How long to wait for the restarts: 30m, 2h or a TimeSpan. Default: 30m.

.EXAMPLE
pwsh -NonInteractive -File Invoke-MonitoredRotation.ps1 -Server k3s-1,k3s-2,k3s-3 -Vault Clusters -WhatIf

Tests the token on all three servers and says what would be sent. Nothing is stored and nothing is changed.

.EXAMPLE
pwsh -NonInteractive -File Invoke-MonitoredRotation.ps1 -Server k3s-1,k3s-2,k3s-3 -Vault Clusters -Timeout 2h

Rotates, and has two hours for the servers to be restarted.

.EXAMPLE
pwsh -NonInteractive -File Invoke-MonitoredRotation.ps1 -Server k3s-1 -Folder /root/k3s -Kubeconfig ~/.kube/config

Keeps the tokens in files, and reports the nodes to restart.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)]
    [string[]] $Server,

    [Parameter(Mandatory, ParameterSetName = 'Vault')]
    [ValidateNotNullOrEmpty()]
    [string] $Vault,

    [Parameter(Mandatory, ParameterSetName = 'Folder')]
    [ValidateNotNullOrEmpty()]
    [string] $Folder,

    [ValidatePattern('\A[\w.-]+\z')]
    [string] $Name = 'k3s-server-token',

    [ValidateNotNullOrEmpty()]
    [string] $CACertificate,

    [ValidateNotNullOrEmpty()]
    [string] $Kubeconfig,

    [ValidateNotNullOrEmpty()]
    [string] $Context,

    [ValidateNotNullOrEmpty()]
    [string] $Timeout = '30m'
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue' # a bar in a log is noise
$ConfirmPreference = 'None' # one question at most, and only with -Confirm
$report = [pscustomobject]@{
    Runbook      = 'Invoke-MonitoredRotation'
    Succeeded    = $false
    WhatIf       = [bool] $WhatIfPreference
    State        = $null
    Servers      = @()
    RestartNodes = $null
    OldTokenHash = $null
    NewTokenHash = $null
    Warnings     = @()
    Errors       = @()
}

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

# The token of this name: empty where the place holds none, and null where there is no such place.
function Read-StoredToken([string] $Name) {
    if ($Vault) {
        if (-not (Get-SecretInfo -Name $Name -Vault $Vault | Where-Object Name -EQ $Name)) { return }
        $value = Get-Secret -Name $Name -Vault $Vault
    }
    else {
        if (-not (Test-Path -LiteralPath "$Folder/$Name" -PathType Leaf)) { return }
        $value = [IO.File]::ReadAllText("$Folder/$Name").Trim()
    }

    if ($value -is [securestring]) { $value } else { [Net.NetworkCredential]::new('', "$value").SecurePassword }
}

function Test-SameSecret([securestring] $One, [securestring] $Other) {
    [Net.NetworkCredential]::new('', $One).Password -ceq [Net.NetworkCredential]::new('', $Other).Password
}

# What an earlier run, or a person, has left half-done must not become the token of a cluster.
function Assert-NextToken([securestring] $Next) {
    $token = if ($Next.Length -gt 0) { ConvertFrom-K3sToken $Next -ErrorAction SilentlyContinue }
    if (-not $token -or $token.Secret.Length -lt 16) {
        throw (New-Failure NextTokenInvalid "$Name-next" ("'$Name-next' in $Vault$Folder holds no server token of 16 characters or more, " +
            "and was not sent. Is another value on its way to the servers, put that there; if not, remove '$Name-next'. Then run again."))
    }
}

# The token before the next one, where a run was ended after it had kept it: the name with the latest time.
function Find-KeptToken {
    $names = if ($Vault) { (Get-SecretInfo -Name "$Name-until-*" -Vault $Vault).Name } else { (Get-ChildItem "$Folder" -File).Name }
    $kept = $names | Where-Object { $_ -like "$Name-until-*" } | Sort-Object | Select-Object -Last 1
    if ($kept) { Read-StoredToken $kept }
}

# A new value, with the CA hash of the current token.
function Get-NextToken([securestring] $Current) {
    $value = New-K3sTokenValue -Kind Server
    $hash = (ConvertFrom-K3sToken $Current).CAHash
    if ($hash) {
        $value = [Net.NetworkCredential]::new('', "K10${hash}::server:" + [Net.NetworkCredential]::new('', $value).Password).SecurePassword
    }

    $value
}

function Save-NextToken([securestring] $Next) {
    if ($Vault) {
        Set-Secret -Name "$Name-next" -SecureStringSecret $Next -Vault $Vault -NoClobber
    }
    else {
        Write-PrivateFile "$Folder/$Name-next" $Next
    }
}

# The next token becomes the current one; the old one is kept, unless an earlier run has. In an order in which no end of the power loses
# one of them, and after which another run can go on.
function Complete-Store([securestring] $Current, [securestring] $Next, [bool] $IsKept) {
    $until = "$Name-until-" + [DateTime]::UtcNow.ToString('yyyyMMddTHHmmssZ')
    if ($Vault) {
        if (-not $IsKept) { Set-Secret -Name $until -SecureStringSecret $Current -Vault $Vault -NoClobber }
        Set-Secret -Name $Name -SecureStringSecret $Next -Vault $Vault
        Remove-Secret -Name "$Name-next" -Vault $Vault
    }
    else {
        if (-not $IsKept) { Move-Item -LiteralPath "$Folder/$Name" "$Folder/$until" }
        Move-Item -LiteralPath "$Folder/$Name-next" "$Folder/$Name" -Force
    }
}

function Write-ServerReport($States) {
    $report.Servers = @($States | ForEach-Object { [pscustomobject]@{ Server = $_.Server; State = "$($_.State)"; Detail = $_.Detail } })
}

function Assert-Accepted([securestring] $Current) {
    $refused = @(Test-K3sToken @servers @trust -Token $Current -Role Server | Where-Object { -not $_.Succeeded })
    if ($refused) {
        $reasons = $refused | ForEach-Object { "$($_.Server): $($_.Reason)" }
        throw (New-Failure TokenNotAccepted ($refused.Server -join ', ') `
            "This run changed nothing: not every server accepts the current token. $($reasons -join ' ')")
    }
}

# Whether there is such a kubeconfig and context, to be known before the change. What the cluster answers plays no part.
function Assert-Cluster {
    if ($cluster.Count -eq 0) { return }
    $exact = $cluster.Clone()
    if ($Context) { $exact.Context = [WildcardPattern]::Escape($Context) }
    $null = Get-K3sBootstrapToken @exact -Id aaaaaa -ErrorAction SilentlyContinue
}

function Send-NextToken([securestring] $Current, [securestring] $Next) {
    $rotation = Invoke-K3sTokenRotation @servers @trust @cluster -Token $Current -NewToken $Next `
        -ErrorAction SilentlyContinue -ErrorVariable problems
    if ($rotation) {
        $report.State = "$($rotation.State)"
        $report.RestartNodes = $rotation.RestartNodes
        $report.OldTokenHash = $rotation.OldTokenHash
        $report.NewTokenHash = $rotation.NewTokenHash
        $report.Warnings = $rotation.Warnings
        Write-ServerReport $rotation.Servers
    }

    if ($problems) { throw $problems[0] }
}

function Wait-ForRestart([securestring] $Current, [securestring] $Next) {
    $rotation = [pscustomobject]@{ Server = $servers.Server; Token = $Current; NewToken = $Next; State = $report.State }
    $states = @($rotation | Wait-K3sTokenRotation @trust @limit -ErrorAction SilentlyContinue -ErrorVariable problems)
    Write-ServerReport $states
    if ($problems) {
        if ($states.State -contains 'Rotated') { $report.State = 'Split' }
        throw $problems[0]
    }

    $report.State = 'Rotated'
}

try {
    Import-Module K3sToken
    if ($Vault) { Import-Module Microsoft.PowerShell.SecretManagement }
    if ($Folder) { $Folder = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Folder) }
    $servers = @{ Server = @($Server -split ',' | ForEach-Object { $_.Trim() }) }
    $limit = @{ Timeout = Read-Duration $Timeout Wait-K3sTokenRotation Timeout }
    $trust = @{}
    if ($CACertificate) { $trust.CACertificate = $CACertificate }
    $cluster = @{}
    if ($Kubeconfig) { $cluster.Kubeconfig = $Kubeconfig }
    if ($Context) { $cluster.Context = $Context }
    Assert-Cluster

    $current = Read-StoredToken $Name
    $next = Read-StoredToken "$Name-next"
    if ($next) { Assert-NextToken $next }
    $isKept = [bool] ($next -and (-not $current -or (Test-SameSecret $current $next)))
    if ($isKept) {
        $kept = Find-KeptToken
        if ($current -and -not $kept) {
            throw (New-Failure OldTokenNotFound "$Name-next" ("'$Name-next' in $Vault$Folder is the current token already, and no " +
                "'$Name-until-<time>' holds the one before. If every server has been restarted with it, remove '$Name-next'."))
        }

        $current = $kept
    }

    if (-not $current -or $current.Length -eq 0) {
        throw (New-Failure TokenNotFound $Name "There is no token '$Name' in $Vault$Folder. Put the current server token there first.")
    }

    if ($next -and (Get-K3sTokenRotation @servers @trust -Token $current -NewToken $next).State -contains 'Rotated') {
        $report.State = 'Split' # it was sent, and some servers have been restarted since
    }
    else {
        Assert-Accepted $current
    }

    $what = "Store a new token as '$Name-next', send it to the first server, wait until each has been restarted with it"
    if ($PSCmdlet.ShouldProcess($servers.Server -join ', ', $what)) {
        if (-not $next) {
            $next = Get-NextToken $current
            Save-NextToken $next
        }

        if (-not $report.State) { Send-NextToken $current $next }
        Wait-ForRestart $current $next
        Complete-Store $current $next $isKept
    }

    $report.Succeeded = $report.WhatIf -or $report.State -eq 'Rotated'
}
catch {
    $report.Errors = @(Get-ErrorReport $_)
}

ConvertTo-Json $report -Depth 4 -Compress
if ($report.Succeeded) { exit 0 }
if ($report.Errors[0].Id -eq 'RotationIncomplete') { exit 2 }
exit 1
