# A TLS server on a thread of this process that answers whatever a test wants, byte by byte. Common.ps1 and Kubeconfigs.ps1 come before it.

# Starts it. -Answer is the text of a script that gets the head of a request (and -State, a table that it may keep things in) and writes the
# answer as a string of Latin-1 characters, or several pieces of it; /cacerts is answered with the right bundle unless -OwnCacerts. What is
# returned has Server, CA (its bundle), CA64, Hash, Log (the lines of all heads) and State. Stop-HostileServer takes it.
function Start-HostileServer([string] $Answer, [hashtable] $State = @{}, [string] $Subject = 'CN=k3s-server-ca', [switch] $OwnCacerts) {
    $key = [Security.Cryptography.ECDsa]::Create([Security.Cryptography.ECCurve]::CreateFromFriendlyName('nistP256'))
    $sha256 = [Security.Cryptography.HashAlgorithmName]::SHA256
    $now = [DateTimeOffset]::Now
    $builder = [Security.Cryptography.X509Certificates.X500DistinguishedNameBuilder]::new()
    $builder.AddCommonName(($Subject -replace '^CN='))
    $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new($builder.Build(), $key, $sha256)
    $request.CertificateExtensions.Add([Security.Cryptography.X509Certificates.X509BasicConstraintsExtension]::new($true, $false, 0, $true))
    $ca = $request.CreateSelfSigned($now.AddDays(-1), $now.AddDays(3))
    $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=k3s', $key, $sha256)
    $names = [Security.Cryptography.X509Certificates.SubjectAlternativeNameBuilder]::new()
    $names.AddIpAddress([ipaddress]::Loopback)
    $request.CertificateExtensions.Add($names.Build())
    $leaf = $request.Create($ca, $now.AddDays(-1), $now.AddDays(2), [byte[]] (1, 2, 3))
    $leaf = [Security.Cryptography.X509Certificates.ECDsaCertificateExtensions]::CopyWithPrivateKey($leaf, $key)

    $bundle = $ca.ExportCertificatePem() + "`n"
    $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $listener.Start()
    $log = [Collections.Concurrent.ConcurrentQueue[string]]::new()
    $current = @{}
    $thread = [powershell]::Create().AddScript($HostileScript.ToString()).AddParameters(@{
            Listener    = $listener
            Certificate = [Security.Cryptography.X509Certificates.X509Certificate2]::new($leaf.Export('Pfx'))
            Bundle      = if ($OwnCacerts) { '' } else { $bundle }
            Answer      = $Answer
            Log         = $log
            State       = $State
            Current     = $current
        })
    $null = $thread.BeginInvoke()
    $bytes = [Text.Encoding]::ASCII.GetBytes($bundle)
    [pscustomobject]@{
        Server   = "https://127.0.0.1:$($listener.LocalEndpoint.Port)"
        CA       = $bundle
        CA64     = [Convert]::ToBase64String($bytes)
        Hash     = [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData($bytes)).ToLowerInvariant()
        Log      = $log
        State    = $State
        Listener = $listener
        Current  = $current
        Thread   = $thread
    }
}

function Stop-HostileServer($Server) {
    $Server.Listener.Stop()
    # A client that was stopped may keep a connection for a minute over which it asks nothing.
    if ($Server.Current.Client) { $Server.Current.Client.Dispose() }
    $Server.Thread.Stop()
    $Server.Thread.Dispose()
}

# A kubeconfig that leads to it, as the user of $env:KUBECONFIG.
function New-HostileKubeconfig($Server) {
    $path = New-Kubeconfig 'server: \S+' "server: $($Server.Server)"
    New-Kubeconfig 'certificate-authority-data: \S+' "certificate-authority-data: $($Server.CA64)" $path
}

# One connection after the other, one request each.
$HostileScript = {
    param($Listener, $Certificate, $Bundle, $Answer, $Log, $State, $Current)

    $script = [scriptblock]::Create($Answer)
    while ($true) {
        try { $client = $Listener.AcceptTcpClient() } catch { return }
        $Current.Client = $client
        try {
            $client.SendTimeout = 20000
            $tls = [Net.Security.SslStream]::new($client.GetStream())
            $tls.AuthenticateAsServer($Certificate)
            $reader = [IO.StreamReader]::new($tls)
            $head = do { $line = $reader.ReadLine(); if ($line) { $line } } while ($line)
            $head | ForEach-Object { $Log.Enqueue($_) }
            $length = [int] (($head -match '^Content-Length: ') -replace '\D' | Select-Object -First 1)
            if ($length) { $null = $reader.ReadBlock([char[]]::new($length), 0, $length) }
            if ($Bundle -and $head[0] -match ' /cacerts ') {
                $pieces = "HTTP/1.1 200 OK`r`nContent-Type: text/plain`r`nConnection: close`r`nContent-Length: $($Bundle.Length)`r`n`r`n$Bundle"
                $tls.Write([Text.Encoding]::Latin1.GetBytes($pieces))
            }
            else {
                & $script ($head -join "`n") $State | ForEach-Object { $tls.Write([Text.Encoding]::Latin1.GetBytes($_)) }
            }

            $tls.ShutdownAsync().Wait(1000)
            $tls.Dispose()
        }
        catch {
            # A client that does not like what it gets goes away.
        }
        finally {
            $client.Dispose()
        }
    }
}
