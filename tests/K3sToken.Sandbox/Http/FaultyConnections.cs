using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace K3sToken.Sandboxing.Http;

/// <summary>What goes wrong with connections before anything can be asked over them.</summary>
internal static class FaultyConnections
{
    // A record of TLS 1.2 that holds an alert: fatal, handshake_failure.
    private static readonly byte[] Alert = [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28];

    /// <summary>Serves a new connection as the fault has it.</summary>
    public static async Task ServeAsync(RequestFault fault, ConnectionContext connection, ConnectionDelegate next)
    {
        switch (fault)
        {
            case RequestFault.ResetAtOnce:
                Reset(connection.Features);
                break;
            case RequestFault.Mute:
                await Task.Delay(Timeout.Infinite, connection.ConnectionClosed).ContinueWith(_ => { }, TaskScheduler.Default);
                break;
            case RequestFault.TlsAlert:
                await connection.Transport.Input.ReadAsync();
                await connection.Transport.Output.WriteAsync(Alert);
                break;
            default:
                connection.Items[fault] = true;
                await next(connection);
                break;
        }
    }

    /// <summary>Ends a connection at once; the other side gets a reset, not an end.</summary>
    public static void Reset(IFeatureCollection features)
    {
        try
        {
            features.GetRequiredFeature<IConnectionSocketFeature>().Socket.LingerState = new LingerOption(true, 0);
        }
        catch (SocketException)
        {
            // The other side has ended it already.
        }

        features.GetRequiredFeature<IConnectionLifetimeFeature>().Abort();
    }
}
