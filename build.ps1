<#
.SYNOPSIS
Builds and tests K3sToken: the front door for those who have PowerShell. Each task is one command.

.PARAMETER Task
Build stages the module under out/K3sToken/<version>. Test builds, then runs every test; what cannot run here says why.
Docs makes en-US/K3sToken.PowerShell.dll-Help.xml of the pages in docs/en-US; it needs Microsoft.PowerShell.PlatyPS.
Bench measures the module, and kubectl where it is found, and prints one table.

.EXAMPLE
./build.ps1 -Task Test
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Docs', 'Bench')]
    [string] $Task = 'Build'
)

$ErrorActionPreference = 'Stop'
Push-Location $PSScriptRoot
try {
    switch ($Task) {
        'Build' { dotnet build }
        'Test' { dotnet test }
        'Docs' { ./docs/Build-Help.ps1 }
        'Bench' { dotnet run -c Release --project bench/K3sToken.Bench }
    }

    if ($Task -ne 'Docs' -and $LASTEXITCODE -ne 0) {
        throw "$Task failed."
    }
}
finally {
    Pop-Location
}
