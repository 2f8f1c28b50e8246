<#
.SYNOPSIS
Signs the files of a module folder for machines whose execution policy is AllSigned: manifest, format and type files, assemblies.

.DESCRIPTION
Assemblies that already carry a signature, such as Microsoft's, keep it. Works on Windows only, where Authenticode is.

.PARAMETER Path
The module's folder.

.PARAMETER CertificateThumbprint
The code-signing certificate, in the store of the user or of the machine, with its private key.

.PARAMETER TimestampServer
Who witnesses the time, so that the signatures outlive the certificate.

.EXAMPLE
./Sign-Module.ps1 -Path ./out/package/K3sToken/0.1.0 -CertificateThumbprint 0123456789ABCDEF0123456789ABCDEF01234567 -WhatIf

Names the files that would be signed. This works everywhere.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)]
    [string] $Path,

    [Parameter(Mandatory)]
    [ValidatePattern('\A[0-9A-Fa-f]{40}\z')]
    [string] $CertificateThumbprint,

    [ValidateNotNullOrEmpty()]
    [string] $TimestampServer = 'http://timestamp.digicert.com'
)

$ErrorActionPreference = 'Stop'

# Whether an assembly has a certificate table: the fifth data directory of its optional header, which is longer in 64-bit files.
function Test-Signature([string] $File) {
    $bytes = [IO.File]::ReadAllBytes($File)
    $header = [BitConverter]::ToInt32($bytes, 0x3C) + 24
    $directories = $header + $(if ([BitConverter]::ToUInt16($bytes, $header) -eq 0x20B) { 112 } else { 96 })
    [BitConverter]::ToInt32($bytes, $directories + 4 * 8 + 4) -gt 0
}

$files = @(Get-ChildItem -LiteralPath $Path -Recurse -File |
    Where-Object { $_.Extension -in '.psd1', '.ps1xml' -or ($_.Extension -eq '.dll' -and -not (Test-Signature $_.FullName)) } |
    Where-Object { $PSCmdlet.ShouldProcess($_.FullName, "Sign with certificate $CertificateThumbprint") })
if (-not $files) {
    return
}

if (-not (Get-Command Set-AuthenticodeSignature -ErrorAction Ignore)) {
    throw 'Files can be signed on Windows only: this PowerShell has no Set-AuthenticodeSignature. Nothing was signed.'
}

$certificate = 'CurrentUser', 'LocalMachine' | ForEach-Object { Get-Item "Cert:/$_/My/$CertificateThumbprint" -ErrorAction Ignore } |
    Where-Object HasPrivateKey | Select-Object -First 1
if (-not $certificate) {
    throw "No certificate $CertificateThumbprint with its private key is in Cert:/CurrentUser/My or Cert:/LocalMachine/My. " +
        'Nothing was signed.'
}

foreach ($file in $files) {
    $signature = Set-AuthenticodeSignature -LiteralPath $file.FullName -Certificate $certificate -HashAlgorithm SHA256 `
        -TimestampServer $TimestampServer
    if ($signature.Status -ne 'Valid') {
        throw "$($file.FullName) could not be signed: $($signature.StatusMessage)"
    }
}
