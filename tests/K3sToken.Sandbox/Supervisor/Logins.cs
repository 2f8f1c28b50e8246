using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using K3sToken.Sandboxing.Authentication;
using K3sToken.Sandboxing.Http;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Supervisor;

/// <summary>Finds out whom the supervisor has before it: by password, by client certificate, by bootstrap token, in this order.</summary>
internal sealed class Logins(PasswordFile passwords, Authenticator authenticator)
{
    private const string Basic = "Basic ";

    private static readonly Dictionary<string, string> Groups = new()
    {
        [PasswordFile.Server] = "k3s:server",
        [PasswordFile.Node] = "k3s:agent",
    };

    /// <summary>The caller's groups: none for a request without credentials, null where what came with it is wrong.</summary>
    public IReadOnlyList<string>? GroupsOf(HttpContext context, X509Certificate2 clientAuthority)
    {
        X509Certificate2? certificate = context.Connection.ClientCertificate;
        (string User, string Password)? pair = BasicPair(context.Request);
        string? token = Authenticator.BearerToken(context.Request);
        if (pair is var (user, password) && passwords.PasswordOf(user) == password)
        {
            return [Groups.GetValueOrDefault(user, "")];
        }

        Caller? caller = certificate is null ? null : authenticator.ByCertificate(certificate, clientAuthority);
        caller ??= token is null ? null : authenticator.ByBootstrapToken(token);
        bool nothing = pair is null && certificate is null && token is null;
        return caller?.Groups ?? (nothing ? [] : null);
    }

    /// <summary>User and password as Go reads them; null where it sees none.</summary>
    private static (string User, string Password)? BasicPair(HttpRequest request)
    {
        string header = request.Headers.Authorization.FirstOrDefault() ?? "";
        if (!header.StartsWith(Basic, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        try
        {
            string[] pair = Encoding.UTF8.GetString(GoBase64.Decode(header[Basic.Length..])).Split(':', 2);
            return pair is [string user, string password] ? (user, password) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
