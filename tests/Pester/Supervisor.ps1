# A K3s supervisor that knows one server token, one agent token and one bootstrap token, on a thread of this process.

# Starts it; what is returned has Server (its address), CA (its bundle), Hash, and Log: what it received. Stop-Supervisor takes it.
function Start-Supervisor([string] $Answers = 'K3s', [string] $Name = '127.0.0.1') {
    $key = [Security.Cryptography.ECDsa]::Create([Security.Cryptography.ECCurve]::CreateFromFriendlyName('nistP256'))
    $sha256 = [Security.Cryptography.HashAlgorithmName]::SHA256
    $now = [DateTimeOffset]::Now

    $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=k3s-server-ca', $key, $sha256)
    $request.CertificateExtensions.Add([Security.Cryptography.X509Certificates.X509BasicConstraintsExtension]::new($true, $false, 0, $true))
    $ca = $request.CreateSelfSigned($now.AddDays(-1), $now.AddDays(3))

    $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=k3s', $key, $sha256)
    $names = [Security.Cryptography.X509Certificates.SubjectAlternativeNameBuilder]::new()
    if ($Name -as [ipaddress]) { $names.AddIpAddress([ipaddress] $Name) } else { $names.AddDnsName($Name) }
    $request.CertificateExtensions.Add($names.Build())
    $leaf = $request.Create($ca, $now.AddDays(-1), $now.AddDays(2), [byte[]] (1, 2, 3))
    $leaf = [Security.Cryptography.X509Certificates.ECDsaCertificateExtensions]::CopyWithPrivateKey($leaf, $key)

    $bundle = $ca.ExportCertificatePem() + "`n"
    $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $listener.Start()
    $log = [Collections.Concurrent.ConcurrentQueue[string]]::new()
    $thread = [powershell]::Create().AddScript($SupervisorScript.ToString()).AddParameters(@{
        Listener    = $listener
        Certificate = [Security.Cryptography.X509Certificates.X509Certificate2]::new($leaf.Export('Pfx'))
        Bundle      = $bundle
        Answers     = $Answers
        Log         = $log
    })
    $null = $thread.BeginInvoke()
    $hash = [Security.Cryptography.SHA256]::HashData([Text.Encoding]::ASCII.GetBytes($bundle))
    [pscustomobject]@{
        Server   = "https://127.0.0.1:$($listener.LocalEndpoint.Port)"
        CA       = $bundle
        Hash     = [Convert]::ToHexString($hash).ToLowerInvariant()
        Log      = $log
        Listener = $listener
        Thread   = $thread
    }
}

function Stop-Supervisor($Supervisor) {
    $Supervisor.Listener.Stop()
    $Supervisor.Thread.Stop()
    $Supervisor.Thread.Dispose()
}

# One connection after the other, one request each.
$SupervisorScript = {
    param($Listener, $Certificate, $Bundle, $Answers, $Log)

    function Get-Answer([string] $Path, [string] $Credentials) {
        $status = '{{"kind":"Status",{0}"metadata":{{}},"status":"Failure","message":"{1}","reason":"{2}","code":{3}}}'
        if ($Path -eq '/cacerts') { return 200, $Bundle }
        if ($Answers -eq 'Starting') { return 503, ($status -f '', 'starting', 'ServiceUnavailable', 503) }
        if ($Answers -eq 'TooOld') { return 401, ($status -f '"apiVersion":"v1",', 'Unauthorized', 'Unauthorized', 401) }
        switch ("$Credentials $Path") {
            'server:server-password /v1-k3s/token' { return 405, ($status -f '', 'not allowed', 'MethodNotAllowed', 405) }
            'node:agent-password /v1-k3s/readyz' { return 200, 'ok' }
            'abcdef.0123456789abcdef /v1-k3s/readyz' { return 200, 'ok' }
        }
        401, ($status -f '', 'not authorized', 'Unauthorized', 401)
    }

    while ($true) {
        try { $client = $Listener.AcceptTcpClient() } catch { return }
        try {
            $tls = [Net.Security.SslStream]::new($client.GetStream())
            $tls.AuthenticateAsServer($Certificate)
            $reader = [IO.StreamReader]::new($tls)
            $path = $reader.ReadLine().Split(' ')[1]
            $credentials = ''
            while ($line = $reader.ReadLine()) {
                switch -Regex ($line) {
                    '^Authorization: Basic (.*)' { $credentials = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($Matches[1])) }
                    '^Authorization: Bearer (.*)' { $credentials = $Matches[1] }
                }
            }

            $Log.Enqueue("$path $credentials".Trim())
            $code, $body = Get-Answer $path $credentials
            $type = if ($body.StartsWith('{')) { 'application/json' } else { 'text/plain' }
            $head = "HTTP/1.1 $code X`r`nContent-Type: $type`r`nConnection: close`r`nContent-Length: $($body.Length)`r`n`r`n"
            $tls.Write([Text.Encoding]::ASCII.GetBytes($head + $body))
            $tls.Dispose()
        }
        catch {
            # A client that does not trust the certificate goes away.
        }
        finally {
            $client.Dispose()
        }
    }
}
