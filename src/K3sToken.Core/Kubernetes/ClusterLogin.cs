using System;
using System.IO;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;

namespace K3sToken.Kubernetes;

/// <summary>Gets the credentials of a context's user, now and whenever they must be got anew.</summary>
internal static class ClusterLogin
{
    // As often as kubectl: a mounted token is exchanged long before the old one ends.
    private static readonly TimeSpan TokenFileIsGoodFor = TimeSpan.FromMinutes(1);

    /// <summary>True if asking again may bring other credentials.</summary>
    public static bool CanChange(ClusterUser user) => user.TokenFile is not null || user.Exec is not null;

    /// <summary>The credentials as they are now.</summary>
    /// <exception cref="K3sTokenException">They cannot be had.</exception>
    public static Task<Login> GetAsync(ClusterContext context, CancellationToken cancellation)
    {
        ClusterUser user = context.User;
        cancellation.ThrowIfCancellationRequested();
        X509Certificate2Collection certificates = user is { ClientCertificate: { } certificate, ClientKey: { } key }
            ? [ReadPair(certificate, key)]
            : [];
        return Task.FromResult(new Login
        {
            Authorization = Authorization(user),
            Certificates = certificates,
            RenewAt = user.TokenFile is null ? null : DateTime.UtcNow + TokenFileIsGoodFor,
        });
    }

    private static X509Certificate2 ReadPair(byte[] certificate, byte[] key) =>
#if NETFRAMEWORK
        throw new PlatformNotSupportedException();
#else
        X509Certificate2.CreateFromPem(System.Text.Encoding.ASCII.GetString(certificate), System.Text.Encoding.ASCII.GetString(key));
#endif

    private static AuthenticationHeaderValue? Authorization(ClusterUser user) => user switch
    {
        { TokenFile: { } path } => FromFile(path),
        { Token: { } token } => Login.Bearer(token.Reveal(), "The kubeconfig's user"),
        { BasicUserName: { } name } => Login.Basic(name, user.BasicPassword),
        _ => null,
    };

    private static AuthenticationHeaderValue FromFile(string path)
    {
        try
        {
            return Login.Bearer(File.ReadAllText(path).AsSpan(), $"The token file {path}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new K3sTokenException(ErrorId.AuthenticationFailed, $"The token file {path} cannot be read: {e.Message}", e);
        }
    }
}
