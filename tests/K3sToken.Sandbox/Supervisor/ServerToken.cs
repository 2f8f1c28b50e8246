using System;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using K3sToken.Sandboxing.Secrets;

namespace K3sToken.Sandboxing.Supervisor;

/// <summary>The texts in which a server takes and keeps its token.</summary>
internal static class ServerToken
{
    public const string NotNormal =
        "failed to normalize server token; must be in format K10<CA-HASH>::<USERNAME>:<PASSWORD> or <PASSWORD>";

    private const string Prefix = "K10";
    private const int HashBytes = 64;

    /// <summary>The password of a token in any form; null where a server cannot use it.</summary>
    public static string? Password(string token)
    {
        if (token.Length == 0 || BootstrapToken.Split(token) is not null)
        {
            return null;
        }

        if (!token.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return token;
        }

        string[] parts = token[Prefix.Length..].Split("::", 2);
        bool hashIsGood = parts.Length == 1 || Encoding.UTF8.GetByteCount(parts[0]) is 0 or HashBytes;
        string credentials = parts.Last();
        string[] pair = credentials.Split(':', 2);
        return hashIsGood && BootstrapToken.Split(credentials) is null && pair is [_, { Length: > 0 } password] ? password : null;
    }

    /// <summary>The secure form.</summary>
    public static string Format(string authorityHash, string user, string password) => $"{Prefix}{authorityHash}::{user}:{password}";

    /// <summary>A password as a server makes it for itself.</summary>
    public static string Random() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
