# Kubeconfigs that differ from the sandbox's own in one thing.

# The path of a copy in which a pattern is replaced.
function New-Kubeconfig([string] $Pattern, [string] $Replacement, [string] $From = $env:KUBECONFIG) {
    $path = Join-Path $TestDrive "$([guid]::NewGuid()).yaml"
    $text = (Get-Content $From -Raw) -replace $Pattern, $Replacement
    Set-Content $path $text -NoNewline
    Protect-File $path
    $path
}

# The same cluster and user under another name.
function New-NamedKubeconfig([string] $Name, [string] $From = $env:KUBECONFIG) {
    New-Kubeconfig '\bdefault\b' $Name $From
}

# A kubeconfig of a user with other credentials, given as lines of YAML.
function New-UserKubeconfig([string[]] $Lines) {
    New-Kubeconfig '(?ms)^    client-certificate-data:.*\z' (($Lines | ForEach-Object { "    $_`n" }) -join '')
}

# A port of this machine at which nobody listens.
function Get-DeadServer {
    $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $listener.Start()
    $port = $listener.LocalEndpoint.Port
    $listener.Stop()
    "https://127.0.0.1:$port"
}

# A certificate that signed itself, and its key, as kubeconfigs hold them.
function New-Certificate([string] $Subject, [DateTimeOffset] $From, [DateTimeOffset] $To) {
    $key = [Security.Cryptography.ECDsa]::Create([Security.Cryptography.ECCurve]::CreateFromFriendlyName('nistP256'))
    $sha256 = [Security.Cryptography.HashAlgorithmName]::SHA256
    $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new($Subject, $key, $sha256)
    $request.CertificateExtensions.Add([Security.Cryptography.X509Certificates.X509BasicConstraintsExtension]::new($true, $false, 0, $true))
    $certificate = $request.CreateSelfSigned($From, $To)
    [pscustomobject]@{
        Certificate = [Convert]::ToBase64String([Text.Encoding]::ASCII.GetBytes($certificate.ExportCertificatePem()))
        Key         = [Convert]::ToBase64String([Text.Encoding]::ASCII.GetBytes($key.ExportECPrivateKeyPem()))
    }
}
