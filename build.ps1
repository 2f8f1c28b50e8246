<#
.SYNOPSIS
Builds and tests K3sToken: the front door for those who have PowerShell. Each task is one dotnet command.

.PARAMETER Task
Build stages the module under out/K3sToken/<version>. Test builds, then runs every test; what cannot run here says why.

.EXAMPLE
./build.ps1 -Task Test
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test')]
    [string] $Task = 'Build'
)

$ErrorActionPreference = 'Stop'
Push-Location $PSScriptRoot
try {
    switch ($Task) {
        'Build' { dotnet build }
        'Test' { dotnet test }
    }

    if ($LASTEXITCODE -ne 0) {
        throw "$Task failed."
    }
}
finally {
    Pop-Location
}
