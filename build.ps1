<#
.SYNOPSIS
Builds, tests and packages K3sToken: the front door for those who have PowerShell. Each task is a command or two.

.PARAMETER Task
Build stages the module under out/K3sToken/<version>. Test builds, then runs every test; what cannot run here says why.
Docs makes en-US/K3sToken.PowerShell.dll-Help.xml of the pages in docs/en-US; it needs Microsoft.PowerShell.PlatyPS.
Package makes the folder out/package/K3sToken/<version> and the package for the PowerShell Gallery beside it, as does
dotnet pack src/K3sToken.PowerShell. Bench measures the module, and kubectl where it is found, and prints one table.

.PARAMETER CertificateThumbprint
For Package, on Windows: signs manifest, format and type files, and assemblies with this code-signing certificate.

.EXAMPLE
./build.ps1 -Task Test

.EXAMPLE
./build.ps1 -Task Package -CertificateThumbprint 0123456789ABCDEF0123456789ABCDEF01234567

A package for machines whose execution policy is AllSigned.
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Docs', 'Package', 'Bench')]
    [string] $Task = 'Build',

    [ValidateNotNullOrEmpty()]
    [string] $CertificateThumbprint
)

$ErrorActionPreference = 'Stop'

function Invoke-DotNet {
    dotnet @args
    if ($LASTEXITCODE -ne 0) {
        throw "$Task failed."
    }
}

function New-SignedPackage {
    $project = 'src/K3sToken.PowerShell'
    Invoke-DotNet build $project -c Release
    Invoke-DotNet msbuild $project -nologo -t:StagePackage
    $folder = Get-ChildItem out/package/K3sToken -Directory
    & "$project/Packaging/Sign-Module.ps1" -Path $folder.FullName -CertificateThumbprint $CertificateThumbprint
    Invoke-DotNet pack $project --no-build
}

if ($CertificateThumbprint -and $Task -ne 'Package') {
    throw '-CertificateThumbprint goes with -Task Package.'
}

Push-Location $PSScriptRoot
try {
    switch ($Task) {
        'Build' { Invoke-DotNet build }
        'Test' { Invoke-DotNet test }
        'Docs' { ./docs/Build-Help.ps1 }
        'Package' { if ($CertificateThumbprint) { New-SignedPackage } else { Invoke-DotNet pack src/K3sToken.PowerShell } }
        'Bench' { Invoke-DotNet run -c Release --project bench/K3sToken.Bench }
    }
}
finally {
    Pop-Location
}
