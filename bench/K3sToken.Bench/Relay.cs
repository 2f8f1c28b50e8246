using System;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;

namespace K3sToken.Bench;

/// <summary>A far line in front of a server of this machine: 20 ms there and back, 100 Mbit/s each way.</summary>
internal sealed class Relay : IDisposable
{
    private const double BytesPerMillisecond = 100_000_000 / 8 / 1000;
    private const int ChunkBytes = 8 << 10;
    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Uri _server;

    public Relay(Uri server)
    {
        _server = server;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
    }

    private async Task ServeAsync(TcpClient near)
    {
        // The kernel has answered the client's SYN at once; the line would have taken this long.
        await Task.Delay(2 * OneWay, _stop.Token);
        using TcpClient client = near;
        using TcpClient far = new() { NoDelay = true };
        client.NoDelay = true;
        await far.ConnectAsync(_server.Host, _server.Port, _stop.Token);
        await Task.WhenAny(CarryAsync(client.GetStream(), far.GetStream()), CarryAsync(far.GetStream(), client.GetStream()));
    }

    private async Task CarryAsync(Stream from, Stream to)
    {
        Channel<(byte[] Bytes, TimeSpan Due)> line = Channel.CreateUnbounded<(byte[], TimeSpan)>();
        Stopwatch clock = Stopwatch.StartNew();
        Task delivery = DeliverAsync(line.Reader, to);
        TimeSpan free = TimeSpan.Zero;
        byte[] buffer = new byte[ChunkBytes];
        for (int read; (read = await from.ReadAsync(buffer, _stop.Token)) > 0;)
        {
            TimeSpan start = clock.Elapsed > free ? clock.Elapsed : free;
            free = start + TimeSpan.FromMilliseconds(read / BytesPerMillisecond);
            line.Writer.TryWrite((buffer[..read], free + OneWay));
        }

        line.Writer.Complete();
        await delivery;

        async Task DeliverAsync(ChannelReader<(byte[] Bytes, TimeSpan Due)> arrivals, Stream target)
        {
            await foreach ((byte[] bytes, TimeSpan due) in arrivals.ReadAllAsync(_stop.Token))
            {
                // A timer is good to a millisecond: what is due within it goes along.
                TimeSpan wait = due - clock.Elapsed;
                if (wait >= TimeSpan.FromMilliseconds(1))
                {
                    await Task.Delay(wait, _stop.Token);
                }

                await target.WriteAsync(bytes, _stop.Token);
            }
        }
    }
}
