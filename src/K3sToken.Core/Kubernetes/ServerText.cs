using System.Globalization;
using System.Text;

namespace K3sToken.Kubernetes;

/// <summary>Text of the other side, made fit for a message: nothing in it can steer a terminal or pretend to be more lines.</summary>
internal static class ServerText
{
    private const int MostCharacters = 1000;

    /// <summary>The text on one line, without control and formatting characters, cut to a length that a person reads.</summary>
    public static string Clean(string text)
    {
        StringBuilder clean = new(text.Length);
        foreach (char c in text)
        {
            if (clean.Length == MostCharacters)
            {
                clean.Append('…');
                break;
            }

            clean.Append(IsHarmless(c) ? c : ' ');
        }

        return clean.ToString().Trim();
    }

    private static bool IsHarmless(char c) => CharUnicodeInfo.GetUnicodeCategory(c) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
