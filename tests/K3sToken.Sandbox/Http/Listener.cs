using System;
using System.Linq;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Tasks;
using K3sToken.Sandboxing.Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Hosting;

namespace K3sToken.Sandboxing.Http;

/// <summary>Listens on 127.0.0.1 with TLS and hands requests over.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private readonly WebApplication _application;

    private Listener(WebApplication application) => _application = application;

    public int Port => new Uri(_application.Urls.Single()).Port;

    /// <summary>Starts to listen.</summary>
    /// <param name="port">The port; 0 for any that is free.</param>
    /// <param name="protocols">What it speaks.</param>
    /// <param name="fault">What is wrong with a connection that begins.</param>
    /// <param name="certificates">What is shown on it.</param>
    /// <param name="log">Notes what is received.</param>
    /// <param name="handle">Deals with requests.</param>
    public static async Task<Listener> StartAsync(
        int port,
        HttpProtocols protocols,
        Func<RequestFault> fault,
        Func<ConnectionContext, ClusterCertificates> certificates,
        ByteLog log,
        RequestDelegate handle)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, port, endpoint =>
            {
                endpoint.Protocols = protocols;
                endpoint.Use(next => connection => FaultyConnections.ServeAsync(fault(), connection, next));
                endpoint.UseHttps(Tls(certificates));
                endpoint.Use(next => connection =>
                {
                    connection.Transport = log.Listen(connection.Transport);
                    return next(connection);
                });
            });
        });
        WebApplication application = builder.Build();
        application.Run(handle);
        await application.StartAsync();
        return new Listener(application);
    }

    public async ValueTask DisposeAsync()
    {
        // Watches run for ever: they are not waited for.
        using System.Threading.CancellationTokenSource now = new(TimeSpan.Zero);
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }

    private static TlsHandshakeCallbackOptions Tls(Func<ConnectionContext, ClusterCertificates> certificates)
    {
        return new TlsHandshakeCallbackOptions
        {
            OnConnection = handshake => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = certificates(handshake.Connection).SentChain,
                ClientCertificateRequired = true,

                // As in K3s, any certificate may be shown, or none; who shows one that proves nothing gets 401.
#pragma warning disable CA5359 // The client's certificate is looked at where it is used.
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            }),
        };
    }
}
