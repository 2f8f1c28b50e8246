using System;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using K3sToken.Tokens;

namespace K3sToken.Kubernetes;

/// <summary>Authorization headers. The platform takes them as strings only, which nobody can zero; no other copy of a secret stays.</summary>
internal static class AuthorizationHeader
{
    /// <summary>A bearer token, as one text or as two that follow each other.</summary>
    public static AuthenticationHeaderValue Bearer(ReadOnlySpan<char> token, ReadOnlySpan<char> rest = default)
    {
        char[] text = new char[token.Length + rest.Length];
        token.CopyTo(text);
        rest.CopyTo(text.AsSpan(token.Length));
        AuthenticationHeaderValue header = new("Bearer", new string(text));
        Array.Clear(text, 0, text.Length);
        return header;
    }

    /// <summary>A user name with a password.</summary>
    public static AuthenticationHeaderValue Basic(string userName, ReadOnlySpan<char> password)
    {
        using SecretBuffer text = new();
        text.Write((userName + ":").AsSpan());
        text.Write(password);
        _ = MemoryMarshal.TryGetArray(text.Written, out ArraySegment<byte> bytes);
        return new AuthenticationHeaderValue("Basic", Convert.ToBase64String(bytes.Array!, bytes.Offset, bytes.Count));
    }
}
