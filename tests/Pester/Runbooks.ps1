# How a scheduler meets the runbooks: a PowerShell of its own for each, that has nobody to ask, and its output, exit code and report.

$Runbooks = (Resolve-Path "$PSScriptRoot/../../samples/runbooks").Path
$ThisPowerShell = (Get-Process -Id $PID).Path

# They find the module as on a machine where it is installed.
$ModulePathBefore = $env:PSModulePath
$env:PSModulePath = (Get-Item (Get-Module K3sToken).ModuleBase).Parent.Parent.FullName + [IO.Path]::PathSeparator + $env:PSModulePath

# The first argument is its name, the others are its own.
function Invoke-Runbook {
    $name, [string[]] $arguments = $args
    $said = @($null | & $ThisPowerShell -NoProfile -NonInteractive -File "$Runbooks/$name.ps1" @arguments 2>&1 | ForEach-Object { "$_" })
    $last = "$($said | Select-Object -Last 1)"
    [pscustomobject]@{
        ExitCode = $LASTEXITCODE
        Text     = $said -join "`n"
        Report   = $(if ($last.StartsWith('{')) { ConvertFrom-Json $last })
    }
}

# A copy of the kubeconfig that leads to a port where nobody listens.
function Get-DeadKubeconfig {
    $path = Join-Path (Get-Item TestDrive:/).FullName dead.yaml
    (Get-Content $env:KUBECONFIG -Raw) -replace 'server: \S+', 'server: https://127.0.0.1:1' | Set-Content $path
    Protect-File $path
    $path
}

# A vault of SecretManagement that keeps secrets in files. It, and the list of vaults, are in a home of their own.
function Register-TestVault([string] $HomeFolder) {
    $module = New-Item "$HomeFolder/TestVault" -ItemType Directory
    $extension = New-Item "$module/TestVault.Extension" -ItemType Directory
    "@{ ModuleVersion = '1.0'; NestedModules = './TestVault.Extension'; FunctionsToExport = @() }" | Set-Content "$module/TestVault.psd1"
    "@{ ModuleVersion = '1.0'; RootModule = 'TestVault.Extension.psm1'; FunctionsToExport = '*' }" |
        Set-Content "$extension/TestVault.Extension.psd1"
    Set-Content "$extension/TestVault.Extension.psm1" {
        function Get-Secret([string] $Name, [string] $VaultName, [hashtable] $AdditionalParameters) {
            if (Test-Path "$($AdditionalParameters.Folder)/$Name") { Import-Clixml "$($AdditionalParameters.Folder)/$Name" }
        }
        function Set-Secret([string] $Name, [object] $Secret, [string] $VaultName, [hashtable] $AdditionalParameters) {
            if ($Name -like '*refused*') { throw 'The vault is full.' }
            Export-Clixml "$($AdditionalParameters.Folder)/$Name" -InputObject $Secret
        }
        function Remove-Secret([string] $Name, [string] $VaultName, [hashtable] $AdditionalParameters) {
            Remove-Item "$($AdditionalParameters.Folder)/$Name"
        }
        function Get-SecretInfo([string] $Filter, [string] $VaultName, [hashtable] $AdditionalParameters) {
            Get-ChildItem $AdditionalParameters.Folder -Filter $Filter | ForEach-Object {
                [Microsoft.PowerShell.SecretManagement.SecretInformation]::new($_.Name, 'SecureString', $VaultName)
            }
        }
        function Test-SecretVault([string] $VaultName, [hashtable] $AdditionalParameters) { $true }
    }.ToString()
    $secrets = (New-Item "$HomeFolder/secrets" -ItemType Directory).FullName
    $env:HOME = $HomeFolder
    $register = "Register-SecretVault Test -ModuleName '$module' -VaultParameters @{ Folder = '$secrets' }"
    & $ThisPowerShell -NoProfile -NonInteractive -Command $register
    $secrets
}

# What this vault has in a file.
function Read-TestSecret([string] $Path) {
    [Net.NetworkCredential]::new('', (Import-Clixml $Path)).Password
}
