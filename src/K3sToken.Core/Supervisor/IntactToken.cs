using System;
using K3sToken.Tokens;

namespace K3sToken.Supervisor;

/// <summary>Reads a token that is to be shown to somebody.</summary>
internal static class IntactToken
{
    // K3s takes such a text for a password. Its CA hash would not be checked, and whoever answers would get the whole token.
    private const string Prefix = "K10";
    private const int FewestHashDigits = 32;

    /// <summary>The token, if it is none with something around it.</summary>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.InvalidTokenFormat"/>: it is none, or has the form K10&lt;hash&gt;::… but for a
    /// quote, a space, a byte order mark or the like, or for characters that were lost at its front.</exception>
    public static JoinTokenText Parse(ReadOnlySpan<char> text)
    {
        JoinTokenText token = JoinTokenText.Parse(text);
        if (token.CAHash.Length > 0 || !HoldsWholeToken(text))
        {
            return token;
        }

        token.Dispose();
        throw new K3sTokenException(
            ErrorId.InvalidTokenFormat,
            "The token holds a CA hash but does not have the form K10<hash>::..., so that the hash would not be checked. Copy it again, whole, "
                + "without what stands around it, such as a space, quotes, K3S_TOKEN= or a byte order mark. It was not sent.");
    }

    // No regular expression: it would want a string, which nobody can zero. What was cut off at the front may be the prefix itself.
    private static bool HoldsWholeToken(ReadOnlySpan<char> text)
    {
        int digits;
        for (int at = 0; at < text.Length; at += Math.Max(digits, 1))
        {
            digits = HexDigits(text.Slice(at));
            if (digits >= FewestHashDigits
                && (text.Slice(at + digits).StartsWith("::".AsSpan()) || HasPrefix(text, at)))
            {
                return true;
            }
        }

        return false;
    }

    // The digits of the prefix are hexadecimal, too.
    private static bool HasPrefix(ReadOnlySpan<char> text, int at) =>
        at > 0 && text.Slice(at - 1).StartsWith(Prefix.AsSpan(), StringComparison.OrdinalIgnoreCase);

    private static int HexDigits(ReadOnlySpan<char> text)
    {
        int digits = 0;
        while (digits < text.Length && Uri.IsHexDigit(text[digits]))
        {
            digits++;
        }

        return digits;
    }
}
