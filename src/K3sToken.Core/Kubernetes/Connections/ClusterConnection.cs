using System;
using System.Globalization;
using System.Net.Http;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;

namespace K3sToken.Kubernetes;

/// <summary>The connections to one cluster as one user. They are made when first needed, kept, and made anew when the user's client
/// certificate changes.</summary>
internal sealed class ClusterConnection : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private readonly ClusterContext _context;
    private readonly ClusterLogin _login;
    private readonly Uri? _proxy;
    private volatile Session? _session;

    /// <summary>Makes no connection yet, and runs no plugin.</summary>
    /// <param name="context">The cluster and its user.</param>
    /// <param name="proxy">The proxy to go through; null for none.</param>
    public ClusterConnection(ClusterContext context, Uri? proxy)
    {
        _context = context;
        _proxy = proxy;
        _login = new ClusterLogin(context);
        Trust = TrustOf(context);
        if (context.User.Exec is null)
        {
            // Preparing a client certificate for TLS takes longer than all else before the first request: it begins right away.
            _ = Task.Run(() => GetSessionAsync(CancellationToken.None));
        }
    }

    /// <summary>What the server's certificate must chain to; null if it does not matter.</summary>
    public ServerTrust? Trust { get; }

    /// <summary>How many requests may be under way.</summary>
    public RequestGate Gate { get; } = new();

    /// <summary>Credentials, and the connections that go with them.</summary>
    public sealed record Session(Login Login, HttpMessageInvoker Http)
    {
        /// <summary>True for a session of nobody, apart from the others.</summary>
        public bool IsAnonymous { get; init; }
    }

    /// <summary>The session to send the next request in.</summary>
    public async Task<Session> GetSessionAsync(CancellationToken cancellation)
    {
        Session session = _session is { } current && !(current.Login.RenewAt <= DateTime.UtcNow)
            ? current
            : await RenewAsync(_session, cancellation).ConfigureAwait(false);
        if (session.Login.Certificate?.Expires < DateTime.UtcNow && await TryRenewAsync(session, cancellation).ConfigureAwait(false))
        {
            session = _session!;
        }

        if (session.Login.Certificate is { } certificate)
        {
            MustBeValid(certificate.Certificate);
        }

        return session;
    }

    /// <summary>Gets the credentials again, after the server refused them; false where that cannot help.</summary>
    public async Task<bool> TryRenewAsync(Session refused, CancellationToken cancellation)
    {
        if (!_login.Forget(refused.Login))
        {
            return false;
        }

        await RenewAsync(refused, cancellation).ConfigureAwait(false);
        return true;
    }

    /// <summary>A session without credentials, on connections of its own that end with it.</summary>
    public Session OpenAnonymous(ServerTrust trust)
    {
        HttpSettings settings = Settings(trust, null) with { RawBodies = true };
        return new Session(new Login(), new HttpMessageInvoker(HttpPlatform.CreateHandler(settings))) { IsAnonymous = true };
    }

    /// <summary>Zeroes the credentials of a context that leads to the same connection, unless they are those that it logs in with.</summary>
    public void Discard(ClusterUser other)
    {
        if (other != _context.User)
        {
            other.Dispose();
        }
    }

    /// <summary>Ends every request and connection, and zeroes the credentials.</summary>
    public void Dispose()
    {
        _session?.Http.Dispose();
        _context.User.Dispose();
        _login.Dispose();
        _gate.Dispose();
    }

    private static ServerTrust? TrustOf(ClusterContext context)
    {
        if (context.SkipTlsVerify)
        {
            return null;
        }

        return context.CABundle is { } bundle
            ? ServerTrust.In(bundle) ?? throw new K3sTokenException(
                ErrorId.KubeconfigInvalid,
                $"The certificate authority of context '{context.Name}' holds no certificate. Take the kubeconfig from the server anew.")
            : ServerTrust.InHost;
    }

    private async Task<Session> RenewAsync(Session? old, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_session is { } current && current != old)
            {
                return current;
            }

            Login login = await _login.GetAsync(cancellation).ConfigureAwait(false);
            return _session = old is not null && HasSameCertificate(login, old.Login)
                ? new Session(login, old.Http)
                : new Session(login, new HttpMessageInvoker(HttpPlatform.CreateHandler(Settings(Trust, login.Certificate))));
        }
        finally
        {
            _gate.Release();
        }
    }

    private HttpSettings Settings(ServerTrust? trust, ClientCertificate? certificate) =>
        new(trust, _context.TlsServerName ?? _context.Server.IdnHost)
        {
            Proxy = _proxy,
            ClientCertificate = certificate,
        };

    private void MustBeValid(X509Certificate2 certificate)
    {
        DateTime now = DateTime.Now;
        if (certificate.NotAfter < now)
        {
            string renewal = _context.User.Exec is { } plugin
                ? $"The exec plugin '{ServerText.Clean(plugin.Command)}' gave no other: log in with it anew"
                : "K3s renews it when the server restarts: take the kubeconfig from there anew";
            throw NotValid($"expired on {Day(certificate.NotAfter)}. {renewal}");
        }

        if (certificate.NotBefore > now)
        {
            throw NotValid($"is not valid before {Day(certificate.NotBefore)}, and it is {Day(now)} on this machine. Check the clocks");
        }

        K3sTokenException NotValid(string why) => new(
            ErrorId.ClientCertificateExpired,
            $"The client certificate {ServerText.Clean(certificate.Subject)} of context '{_context.Name}' {why}.");
    }

    private static string Day(DateTime time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static bool HasSameCertificate(Login a, Login b) =>
        a.Certificate?.Certificate.Thumbprint == b.Certificate?.Certificate.Thumbprint;
}
