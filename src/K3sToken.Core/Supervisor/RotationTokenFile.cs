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
        if (Read(dataDir) is not (string path, string hash))
        {
            return null;
        }

        string which = hash == tokens.NewHash ? "the new token" : hash == tokens.OldHash ? "the old token" : "a third token";
        return $"{path} holds {which}.";
    }

    /// <summary>Whether it can be read and holds another token than the old one.</summary>
    /// <inheritdoc cref="Describe"/>
    public static bool HoldsAnother(string? dataDir, RotationTokens tokens) => Read(dataDir) is (_, string hash) && hash != tokens.OldHash;

    private static (string Path, string Hash)? Read(string? dataDir)
    {
        if (dataDir is null)
        {
            return null;
        }

        try
        {
            ServerToken file = ServerTokenFile.Read(dataDir, NodeRole.Server, asPlainText: false);
            using Secret password = new((SecureString)file.Secret);
            file.Zero();
            return (file.Path, JoinTokenText.KeyHash(password));
        }
        catch (K3sTokenException)
        {
            return null;
        }
    }
}
