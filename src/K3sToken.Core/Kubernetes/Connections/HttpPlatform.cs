using System;
using System.ComponentModel;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;
#if !NETFRAMEWORK
using System.Net.Security;
#endif

namespace K3sToken.Kubernetes;

/// <summary>What a connection to one server needs to be made.</summary>
/// <param name="Trust">What to trust; null to accept any certificate.</param>
/// <param name="HostName">The name that the certificate must be for.</param>
internal sealed record HttpSettings(ServerTrust? Trust, string HostName)
{
    /// <summary>The proxy to go through; null for none.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>The client certificate; null for none.</summary>
    public ClientCertificate? ClientCertificate { get; init; }

    /// <summary>True to hand out bodies exactly as they were sent.</summary>
    public bool RawBodies { get; init; }
}

/// <summary>The part of HTTP that .NET and .NET Framework do differently: the handler, and how its failures look.</summary>
internal static class HttpPlatform
{
    private const int MostConnections = 32;

    // How Schannel reports the server's alert.
    private const int UntrustedRoot = unchecked((int)0x80090325);
    private const int UnknownCertificate = unchecked((int)0x80090327);
    private const int ExpiredCertificate = unchecked((int)0x80090328);

    // How OpenSSL words it.
    private static readonly string[] CertificateAlerts =
    [
        "alert bad certificate", "alert certificate required", "alert unknown ca", "alert certificate expired", "alert certificate revoked",
        "alert certificate unknown", "alert unsupported certificate", "alert access denied",
    ];

    /// <summary>True if the exception says that a connection failed or broke.</summary>
    public static bool IsConnectionFailure(Exception e) =>
        e is HttpRequestException or IOException or WebException or SocketException or ObjectDisposedException;

    /// <summary>True if the server ended the TLS connection because of the client certificate, or because there was none.</summary>
    public static bool IsClientCertificateRefusal(Exception e)
    {
        for (Exception? cause = e; cause is not null; cause = cause.InnerException)
        {
            if (cause is Win32Exception { NativeErrorCode: UntrustedRoot or UnknownCertificate or ExpiredCertificate }
                || CertificateAlerts.Any(alert => cause.Message.Contains(alert)))
            {
                return true;
            }
        }

        return false;
    }

    private static WebProxy NewProxy(Uri address)
    {
        WebProxy proxy = new(new UriBuilder(address) { UserName = "", Password = "" }.Uri);
        if (address.UserInfo.Length > 0)
        {
            string[] user = [.. address.UserInfo.Split([':'], 2).Select(Uri.UnescapeDataString)];
            proxy.Credentials = new NetworkCredential(user[0], user.ElementAtOrDefault(1) ?? "");
        }

        return proxy;
    }

    private static CertificateRefusal? Refuse(HttpSettings settings, X509Certificate? certificate, X509Chain? chain, string host)
    {
        if (settings.Trust is null)
        {
            return null;
        }

        if (certificate is null)
        {
            return new CertificateRefusal(CertificateFault.Chain, "it presented none.");
        }

        X509Certificate2 own = certificate as X509Certificate2 ?? new X509Certificate2(certificate);
        return settings.Trust.Refuse(own, chain?.ChainPolicy.ExtraStore ?? [], host);
    }

    private static T? Find<T>(Exception? e)
        where T : Exception
    {
        while (e is not null and not T)
        {
            e = e.InnerException;
        }

        return (T?)e;
    }

#if !NETFRAMEWORK
    private const int StreamWindowBytes = 1 << 20;

    /// <summary>The word for this edition of PowerShell in the User-Agent header.</summary>
    public const string Edition = "Core";

    /// <summary>Makes the handler. It keeps its connections until they are idle for a minute.</summary>
    public static HttpMessageHandler CreateHandler(HttpSettings settings) => new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = settings.RawBodies ? DecompressionMethods.None : DecompressionMethods.GZip,
        MaxConnectionsPerServer = MostConnections,
        ActivityHeadersPropagator = null,

        // A page of a list is larger than the 64 KiB that a server may send at first: on a far line it would stand still for a round trip.
        InitialHttp2StreamWindowSize = StreamWindowBytes,
        RequestHeaderEncodingSelector = static (header, _) => HeaderLines.EncodingOf(header),

        // A connection that died unseen, on a laptop that slept, is found out before the next request waits for it in vain.
        KeepAlivePingDelay = TimeSpan.FromSeconds(15),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
        UseProxy = settings.Proxy is not null,
        Proxy = settings.Proxy is null ? null : NewProxy(settings.Proxy),
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificateContext = ClientContext(settings.ClientCertificate),
            CertificateChainPolicy = NoChain(),
            RemoteCertificateValidationCallback = (connection, certificate, chain, _) =>
                Refuse(settings, certificate, chain, NameOf((SslStream)connection, settings)) is { } refusal
                    ? throw new ServerRefusedException(refusal)
                    : true,
        },
    };

    /// <summary>Why the server's certificate was refused, if that is what happened.</summary>
    public static CertificateRefusal? TrustRefusal(HttpRequestMessage _, Exception failure) =>
        Find<ServerRefusedException>(failure)?.Refusal;

    /// <summary>True if the connection could not be made, so that nothing of the request has left. Of one that was reset in the moment that it
    /// was made, .NET tells with nothing around the socket's own exception.</summary>
    public static bool IsConnectFailure(Exception e) => e is SocketException or HttpRequestException
    {
        HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
    };

    /// <summary>What failed, for a message.</summary>
    public static string Describe(Exception e) => e switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "its host name cannot be resolved",
        HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } => "the proxy did not let the connection through",
        _ when Find<SocketException>(e) is { } socket => Describe(socket.SocketErrorCode),
        _ when Find<AuthenticationException>(e) is not null => "no TLS connection could be agreed on",
        _ => "the connection broke",
    };

    /// <summary>The failure as the cause of an error; null where it quotes what the server sent, which may steer a terminal or repeat our
    /// credentials.</summary>
    public static Exception? CauseOf(Exception failure)
    {
        for (Exception? e = failure; e is not null; e = e.InnerException)
        {
            if (e is HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse }
                or HttpIOException { HttpRequestError: HttpRequestError.InvalidResponse })
            {
                return null;
            }
        }

        return failure;
    }

    /// <summary>The request's answer, its body not read yet.</summary>
    public static Task<HttpResponseMessage> SendAsync(
        HttpMessageInvoker http, HttpRequestMessage request, string? tlsServerName, CancellationToken cancellation)
    {
        // SocketsHttpHandler asks for the host of this header in the TLS handshake, and overrides SslOptions.TargetHost.
        // The API server does not look at it.
        request.Headers.Host = tlsServerName is null ? null : $"{tlsServerName}:{request.RequestUri!.Port}";
        if (request.VersionPolicy != HttpVersionPolicy.RequestVersionExact)
        {
            request.Version = HttpVersion.Version20;
        }

        return http.SendAsync(request, cancellation);
    }

    private static SslStreamCertificateContext? ClientContext(ClientCertificate? certificate) => certificate is null
        ? null
        : SslStreamCertificateContext.Create(certificate.Certificate, certificate.Intermediates, offline: true);

    // The platform builds a chain before it asks us; with this policy it neither reads the host's roots nor downloads anything for it.
    private static X509ChainPolicy NoChain() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };

    // A proxy that is itself reached by TLS is asked for its own name.
    private static string NameOf(SslStream connection, HttpSettings settings) =>
        connection.TargetHostName is { Length: > 0 } name ? name : settings.HostName;

    private sealed class ServerRefusedException(CertificateRefusal refusal) : AuthenticationException(refusal.Reason)
    {
        public CertificateRefusal Refusal { get; } = refusal;
    }
#else
    private const string RefusalProperty = "K3sToken.Refusal";

    /// <summary>The word for this edition of PowerShell in the User-Agent header.</summary>
    public const string Edition = "Desktop";

    /// <summary>Makes the handler.</summary>
    public static HttpMessageHandler CreateHandler(HttpSettings settings) =>
        new ReadsAndChanges(CreateOne(settings), CreateOne(settings));

    private static HttpClientHandler CreateOne(HttpSettings settings)
    {
        if (settings.Proxy is not null && settings.Proxy.Scheme != Uri.UriSchemeHttp)
        {
            throw new K3sTokenException(
                ErrorId.ClusterUnreachable,
                $"Windows PowerShell cannot go through a proxy of the scheme '{settings.Proxy.Scheme}'. Name an http proxy, or use "
                    + "PowerShell 7.");
        }

        HttpClientHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = settings.RawBodies ? DecompressionMethods.None : DecompressionMethods.GZip,
            MaxConnectionsPerServer = MostConnections,
            UseProxy = settings.Proxy is not null,
            Proxy = settings.Proxy is null ? null : NewProxy(settings.Proxy),
            SslProtocols = SslProtocols.Tls12,
            ServerCertificateCustomValidationCallback = (request, certificate, chain, _) =>
            {
                // An exception thrown here would be lost on its way; the request carries the reason.
                CertificateRefusal? refusal = Refuse(settings, certificate, chain, settings.HostName);
                request.Properties[RefusalProperty] = refusal;
                return refusal is null;
            },
        };
        if (settings.ClientCertificate is { } client)
        {
            handler.ClientCertificates.Add(client.Certificate);
        }

        return handler;
    }

    /// <summary>Why the server's certificate was refused, if that is what happened.</summary>
    public static CertificateRefusal? TrustRefusal(HttpRequestMessage request, Exception _) =>
        request.Properties.TryGetValue(RefusalProperty, out object? refusal) ? (CertificateRefusal?)refusal : null;

    /// <summary>True if the connection could not be made, so that nothing of the request has left.</summary>
    public static bool IsConnectFailure(Exception e) => Find<WebException>(e)?.Status is WebExceptionStatus.NameResolutionFailure
        or WebExceptionStatus.ProxyNameResolutionFailure or WebExceptionStatus.ConnectFailure
        or WebExceptionStatus.SecureChannelFailure or WebExceptionStatus.TrustFailure;

    /// <summary>What failed, for a message.</summary>
    public static string Describe(Exception e) => Find<WebException>(e)?.Status switch
    {
        WebExceptionStatus.NameResolutionFailure => "its host name cannot be resolved",
        WebExceptionStatus.SecureChannelFailure => "no TLS connection could be agreed on",
        _ when Find<SocketException>(e) is { } socket => Describe(socket.SocketErrorCode),
        _ => "the connection broke",
    };

    /// <summary>The failure as the cause of an error.</summary>
    public static Exception? CauseOf(Exception failure) => failure;

    /// <summary>The request's answer, its body not read yet. The TLS handshake asks for the host of the address: .NET Framework cannot ask
    /// for another name, only check for it.</summary>
    public static async Task<HttpResponseMessage> SendAsync(
        HttpMessageInvoker http, HttpRequestMessage request, string? _, CancellationToken cancellation)
    {
        Task<HttpResponseMessage> answer = http.SendAsync(request, cancellation);

        // A look-up of the host name cannot be ended; who waits for it can.
        TaskCompletionSource<bool> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = cancellation.Register(() => ended.TrySetResult(true));
        if (await Task.WhenAny(answer, ended.Task).ConfigureAwait(false) != answer)
        {
            DisposeWhenDone(answer);
            throw new OperationCanceledException(cancellation);
        }

        return await answer.ConfigureAwait(false);
    }

    private static void DisposeWhenDone(Task<HttpResponseMessage> answer) => answer.ContinueWith(
        late => late.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);

    // .NET Framework sends a request again by itself, whatever its method, when a connection that it had kept turns out to be dead.
    // So changes have a handler of their own whose connections are never kept.
    private sealed class ReadsAndChanges(HttpClientHandler reads, HttpClientHandler changes) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _reads = new(reads);
        private readonly HttpMessageInvoker _changes = new(changes);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Get)
            {
                return _reads.SendAsync(request, cancellationToken);
            }

            request.Headers.ConnectionClose = true;
            return _changes.SendAsync(request, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            _reads.Dispose();
            _changes.Dispose();
            base.Dispose(disposing);
        }
    }
#endif

    private static string Describe(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "the connection was refused",
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.NotConnected => "the connection was reset",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown => "there is no route to it",
        SocketError.TimedOut => "nothing answered at its address",
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "its host name cannot be resolved",
        _ => $"the connection failed ({error})",
    };
}
