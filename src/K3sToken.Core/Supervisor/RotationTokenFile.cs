using System.Security;
using K3sToken.Tokens;

namespace K3sToken.Supervisor;

/// <summary>Which token a server's token file holds, where it can be read.</summary>
internal static class RotationTokenFile
{
    /// <summary>A sentence about it; null where nothing can be read.</summary>
    /// <param name="dataDir">The server's data directory; null where it is not here.</param>
    /// <param name="tokens">The tokens to look for.</param>
    public static string? Describe(string? dataDir, RotationTokens tokens)
    {
        if (dataDir is null)
        {
            return null;
        }

        try
        {
            ServerToken file = ServerTokenFile.Read(dataDir, NodeRole.Server, asPlainText: false);
            using Secret password = new((SecureString)file.Secret);
            string hash = JoinTokenText.KeyHash(password);
            string which = hash == tokens.NewHash ? "the new token" : hash == tokens.OldHash ? "the old token" : "a third token";
            return $"{file.Path} holds {which}.";
        }
        catch (K3sTokenException)
        {
            return null;
        }
    }
}
