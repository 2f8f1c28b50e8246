using System;
using System.IO;
using System.Net.Http.Headers;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Tokens;

namespace K3sToken.Kubernetes;

/// <summary>Gets the credentials of a context's user, now and whenever they must be got anew.</summary>
internal sealed class ClusterLogin : IDisposable
{
    // As often as kubectl: a mounted token is exchanged long before the old one ends.
    private static readonly TimeSpan TokenFileIsGoodFor = TimeSpan.FromMinutes(1);

    private readonly ClusterContext _context;
    private readonly ExecPluginCredentials? _plugin;

    /// <summary>Asks for nothing yet.</summary>
    public ClusterLogin(ClusterContext context)
    {
        _context = context;
        _plugin = context.User.Exec is { } exec ? new ExecPluginCredentials(exec, context, !Console.IsInputRedirected) : null;
    }

    /// <summary>The credentials as they are now.</summary>
    /// <exception cref="K3sTokenException">They cannot be had.</exception>
    public async Task<Login> GetAsync(CancellationToken cancellation)
    {
        ClusterUser user = _context.User;
        if (_plugin is not null)
        {
            return FromPlugin(await _plugin.GetAsync(cancellation).ConfigureAwait(false));
        }

        return new Login
        {
            Authorization = Authorization(user),
            Certificate = Certificate(user.ClientCertificate, user.ClientKey),
            RenewAt = user.TokenFile is null ? null : DateTime.UtcNow + TokenFileIsGoodFor,
        };
    }

    /// <summary>Takes note that the server refused credentials; false where asking again can bring no others.</summary>
    public bool Forget(Login refused)
    {
        if (refused.Plugin is { } credential)
        {
            _plugin?.Invalidate(credential);
        }

        return _plugin is not null || _context.User.TokenFile is not null;
    }

    /// <inheritdoc/>
    public void Dispose() => _plugin?.Dispose();

    private Login FromPlugin(ExecCredential credential) => new()
    {
        Authorization = credential.Token is { } token ? Bearer(token.Reveal(), "the exec plugin's answer") : null,
        Certificate = Certificate(credential.ClientCertificate, credential.ClientKey),
        RenewAt = credential.Expires?.UtcDateTime,
        Plugin = credential,
    };

    private ClientCertificate? Certificate(byte[]? certificate, byte[]? key) => certificate is not null && key is not null
        ? ClientCertificate.Load(certificate, key, $"user '{_context.User.Name}' of {_context.Kubeconfig}")
        : null;

    private static AuthenticationHeaderValue? Authorization(ClusterUser user) => user switch
    {
        { TokenFile: { } path } => FromFile(path),
        { Token: { } token } => Bearer(token.Reveal(), "the kubeconfig"),
        { BasicUserName: { } name } => Basic(name, user.BasicPassword),
        _ => null,
    };

    private static AuthenticationHeaderValue FromFile(string path)
    {
        try
        {
            byte[] bytes = BoundedFile.Read(path) ?? throw new IOException("it is too large for a token");
            using StreamReader reader = new(new MemoryStream(bytes));
            return Bearer(reader.ReadToEnd().AsSpan().Trim(), path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new K3sTokenException(
                ErrorId.AuthenticationFailed, $"The token file {path} cannot be read. Check that it is there and may be read.", unreadable);
        }
    }

    private static AuthenticationHeaderValue Bearer(ReadOnlySpan<char> token, string source) =>
        token.Length > 0 && BearerToken.IsWellFormed(token)
            ? new AuthenticationHeaderValue("Bearer", token.ToString())
            : throw new K3sTokenException(
                ErrorId.AuthenticationFailed, $"The bearer token of {source} is empty, or has characters that no token has.");

    private static AuthenticationHeaderValue Basic(string userName, Secret? password)
    {
        string text = userName + ":" + (password is null ? "" : password.Reveal().ToString());
        return new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(text)));
    }
}
