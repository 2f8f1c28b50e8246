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
    /// quote, a space, a byte order mark or the like.</exception>
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
            "The token holds K10<hash>: but does not have the form K10<hash>::..., so that its CA hash would not be checked. Take away what "
                + "stands around it, such as a space, quotes, K3S_TOKEN= or a byte order mark. It was not sent.");
    }

    // No regular expression: it would want a string, which nobody can zero.
    private static bool HoldsWholeToken(ReadOnlySpan<char> text)
    {
        int at;
        while ((at = text.IndexOf(Prefix.AsSpan(), StringComparison.OrdinalIgnoreCase)) >= 0)
        {
            text = text.Slice(at + Prefix.Length);
            int digits = 0;
            while (digits < text.Length && Uri.IsHexDigit(text[digits]))
            {
                digits++;
            }

            if (digits >= FewestHashDigits && digits < text.Length && text[digits] == ':')
            {
                return true;
            }
        }

        return false;
    }
}
