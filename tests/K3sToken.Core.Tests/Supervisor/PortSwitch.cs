using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Tests.Kubernetes;

namespace K3sToken.Tests.Supervisor;

/// <summary>One address behind which another server can stand for each connection, as when somebody steps in between.</summary>
internal sealed class PortSwitch : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<int, ScriptedServer> _choose;

    /// <param name="choose">The server for each connection, counted from 1.</param>
    public PortSwitch(Func<int, ScriptedServer> choose)
    {
        _choose = choose;
        _listener.Start();
        _ = AcceptAsync();
    }

    public Uri Address => new($"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public void Dispose()
    {
        _end.Cancel();
        _listener.Stop();
    }

    private async Task AcceptAsync()
    {
        try
        {
            for (int number = 1; ; number++)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token);
                _ = RelayAsync(client, _choose(number));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task RelayAsync(TcpClient client, ScriptedServer server)
    {
        using TcpClient inner = new();
        using (client)
        {
            try
            {
                await inner.ConnectAsync(IPAddress.Loopback, server.Port, _end.Token);
                List<Task> ways =
                [
                    client.GetStream().CopyToAsync(inner.GetStream(), _end.Token),
                    inner.GetStream().CopyToAsync(client.GetStream(), _end.Token),
                ];
                await Task.WhenAny(ways);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
            {
            }
        }
    }
}
