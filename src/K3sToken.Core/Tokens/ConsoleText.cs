using System.Text;

namespace K3sToken.Tokens;

/// <summary>Text of others, made fit for a console: nothing in it steers a terminal, or makes it show another text than is there.</summary>
internal static class ConsoleText
{
    private const char Replacement = '\uFFFD';

    /// <summary>The text with U+FFFD in the place of every character that could do so. Tabs and line ends stay.</summary>
    public static string Of(string text)
    {
        int i = 0;
        while (i < text.Length && !IsHarmful(text[i]))
        {
            i++;
        }

        if (i == text.Length)
        {
            return text;
        }

        StringBuilder clean = new(text);
        for (; i < clean.Length; i++)
        {
            if (IsHarmful(clean[i]))
            {
                clean[i] = Replacement;
            }
        }

        return clean.ToString();
    }

    /// <summary>True for a control character other than tab and line feed, for another line end, and for what changes the direction of
    /// text: https://trojansource.codes</summary>
    public static bool IsHarmful(char c) => c switch
    {
        '\t' or '\n' => false,
        '\u061C' or '\u200E' or '\u200F' or '\u2028' or '\u2029' => true,
        >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069' => true,
        _ => char.IsControl(c),
    };
}
