using System;
using System.IO;
using System.Net.Http.Headers;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace K3sToken.Kubernetes;

/// <summary>Gets the credentials of a context's user, now and whenever they must be got anew.</summary>
internal sealed class ClusterLogin : IDisposable
{
    // As often as kubectl: a mounted token is exchanged long before the old one ends.
    private static readonly TimeSpan TokenFileIsGoodFor = TimeSpan.FromMinutes(1);

    private const char ByteOrderMark = '\uFEFF';

    private readonly ClusterContext _context;
    private readonly ExecPluginCredentials? _plugin;
    private Login? _fromPlugin;

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
            ExecCredential credential = await _plugin.GetAsync(cancellation).ConfigureAwait(false);
            return _fromPlugin is { } known && known.Plugin == credential ? known : _fromPlugin = FromPlugin(credential);
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

    // The credential has served when the login is made; what stays of it says which one that was.
    private Login FromPlugin(ExecCredential credential)
    {
        Login login = new()
        {
            Authorization = credential.Token is { } token ? Bearer(token.Reveal(), "the exec plugin's answer") : null,
            Certificate = Certificate(credential.ClientCertificate, credential.ClientKey),
            RenewAt = credential.Expires?.UtcDateTime,
            Plugin = credential,
        };
        credential.Dispose();
        return login;
    }

    private ClientCertificate? Certificate(byte[]? certificate, byte[]? key) => certificate is not null && key is not null
        ? ClientCertificate.Load(certificate, key, $"user '{_context.User.Name}' of {_context.Kubeconfig}")
        : null;

    private static AuthenticationHeaderValue? Authorization(ClusterUser user) => user switch
    {
        { TokenFile: { } path } => FromFile(path),
        { Token: { } token } => Bearer(token.Reveal(), "the kubeconfig"),
        { BasicUserName: { } name } => AuthorizationHeader.Basic(name, user.BasicPassword is { } password ? password.Reveal() : default),
        _ => null,
    };

    private static AuthenticationHeaderValue FromFile(string path)
    {
        try
        {
            byte[] bytes = BoundedFile.Read(path) ?? throw new IOException("it is too large for a token");
            bool isUtf16 = bytes.AsSpan().StartsWith(Encoding.Unicode.GetPreamble());
            char[] text = (isUtf16 ? Encoding.Unicode : Encoding.UTF8).GetChars(bytes);
            Array.Clear(bytes, 0, bytes.Length);
            try
            {
                return Bearer(new ReadOnlySpan<char>(text).TrimStart(ByteOrderMark).Trim(), path);
            }
            finally
            {
                Array.Clear(text, 0, text.Length);
            }
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new K3sTokenException(
                ErrorId.AuthenticationFailed, $"The token file {path} cannot be read. Check that it is there and may be read.", unreadable);
        }
    }

    private static AuthenticationHeaderValue Bearer(ReadOnlySpan<char> token, string source) =>
        token.Length > 0 && BearerToken.IsWellFormed(token)
            ? AuthorizationHeader.Bearer(token)
            : throw new K3sTokenException(
                ErrorId.AuthenticationFailed, $"The bearer token of {source} is empty, or has characters that no token has.");
}
