using System;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace K3sToken.Sandboxing.Http;

/// <summary>The host that redirects lead to, which is none of the cluster's. It counts who comes, and says nothing.</summary>
public sealed class Elsewhere : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private int _visits;

    internal Elsewhere()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>How many connections came, whether anything was said over them or not.</summary>
    public int Visits => _visits;

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    /// <summary>Where it is found.</summary>
    internal string AddressFor(string scheme) => string.Create(
        CultureInfo.InvariantCulture, $"{scheme}://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}/start?state=abc");

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient visitor = await _listener.AcceptTcpClientAsync();
                Interlocked.Increment(ref _visits);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
        }
    }
}
