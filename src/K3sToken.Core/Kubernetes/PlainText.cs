using System.Linq;
using System.Text.RegularExpressions;
using K3sToken.Tokens;

namespace K3sToken.Kubernetes;

/// <summary>Makes the text of another program fit to be shown.</summary>
internal static class PlainText
{
    private const int MaximumLength = 2000;

    // Colours and cursor movements of terminals.
    private static readonly Regex EscapeSequence = new(@"\x1B(\[[0-?]*[ -/]*[@-~]|\][^\a\x1B]*(\a|\x1B\\)?)");

    /// <summary>The text without what steers a terminal; of a long one the end.</summary>
    public static string Of(string text)
    {
        string visible = string.Concat(EscapeSequence.Replace(text, "").Where(c => !ConsoleText.IsHarmful(c))).Trim();
        return visible.Length <= MaximumLength ? visible : "…" + visible.Substring(visible.Length - MaximumLength);
    }
}
