using System;

namespace K3sToken.Kubernetes;

/// <summary>What can stand in an Authorization header.</summary>
internal static class BearerToken
{
    /// <summary>
    /// True if every character is visible ASCII. HTTP has no form for another, and the platform's error would quote the token.
    /// </summary>
    public static bool IsWellFormed(ReadOnlySpan<char> token)
    {
        foreach (char c in token)
        {
            if (c is <= ' ' or >= '\x7f')
            {
                return false;
            }
        }

        return true;
    }
}
