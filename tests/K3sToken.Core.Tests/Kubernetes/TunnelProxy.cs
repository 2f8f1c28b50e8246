using System;
using System.Collections.Concurrent;
using System.IO;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Tasks;

namespace K3sToken.Tests.Kubernetes;

/// <summary>A proxy on loopback that knows CONNECT (over TLS if it has a certificate) or SOCKS 5, and nothing else.</summary>
internal sealed class TunnelProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly bool _needsPassword;
    private readonly bool _speaksSocks;
    private readonly X509Certificate2? _certificate;

    public TunnelProxy(bool needsPassword, X509Certificate2? certificate = null, bool speaksSocks = false)
    {
        _needsPassword = needsPassword;
        _speaksSocks = speaksSocks;
        _certificate = certificate is null ? null : X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The heads of the CONNECT requests; for SOCKS the users with their passwords.</summary>
    public ConcurrentQueue<string> Heads { get; } = new();

    public void Dispose()
    {
        _listener.Stop();
        _certificate?.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                using Stream near = await OpenAsync(client);
                IPEndPoint target = _speaksSocks ? await GreetSocksAsync(near) : await GreetAsync(near);
                using TcpClient far = new();
                await far.ConnectAsync(target);
                await near.WriteAsync(_speaksSocks ? new byte[] { 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 } : "HTTP/1.1 200 X\r\n\r\n"u8.ToArray());
                await Task.WhenAny(near.CopyToAsync(far.GetStream()), far.GetStream().CopyToAsync(near));
            }
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException)
        {
        }
    }

    private async Task<Stream> OpenAsync(TcpClient client)
    {
        if (_certificate is null)
        {
            return client.GetStream();
        }

        SslStream tls = new(client.GetStream());
        await tls.AuthenticateAsServerAsync(_certificate);
        return tls;
    }

    private async Task<IPEndPoint> GreetAsync(Stream near)
    {
        string head = await ReadHeadAsync(near);
        while (_needsPassword && !head.Contains("Proxy-Authorization"))
        {
            await near.WriteAsync("HTTP/1.1 407 X\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
            head = await ReadHeadAsync(near);
        }

        return IPEndPoint.Parse(head.Split(' ')[1]);
    }

    private async Task<IPEndPoint> GreetSocksAsync(Stream near)
    {
        byte[] hello = await ReadAsync(near, 2);
        await ReadAsync(near, hello[1]);
        await near.WriteAsync(new byte[] { 5, 2 });
        byte[] user = await ReadAsync(near, (await ReadAsync(near, 2))[1]);
        byte[] password = await ReadAsync(near, (await ReadAsync(near, 1))[0]);
        Heads.Enqueue(Encoding.UTF8.GetString(user) + ":" + Encoding.UTF8.GetString(password));
        await near.WriteAsync(new byte[] { 1, 0 });

        // Version, command, reserved, the type of address; the tests connect to IPv4 addresses only.
        await ReadAsync(near, 4);
        byte[] target = await ReadAsync(near, 6);
        return new IPEndPoint(new IPAddress(target.AsSpan(0, 4)), (target[4] << 8) | target[5]);
    }

    private async Task<string> ReadHeadAsync(Stream from)
    {
        StringBuilder head = new();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)(await ReadAsync(from, 1))[0]);
        }

        Heads.Enqueue(head.ToString());
        return head.ToString();
    }

    private static async Task<byte[]> ReadAsync(Stream from, int count)
    {
        byte[] bytes = new byte[count];
        await from.ReadExactlyAsync(bytes);
        return bytes;
    }
}
