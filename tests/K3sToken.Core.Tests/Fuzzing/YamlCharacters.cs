using Xunit;

namespace K3sToken.Tests.Fuzzing;

/// <summary>
/// The characters that may stand in a YAML document. Not every parser insists: https://yaml.org/spec/1.2.2/#51-character-set
/// </summary>
internal static class YamlCharacters
{
    public static void MustBeAll(string document) => Assert.DoesNotContain(document, c => !IsPrintable(c));

    private static bool IsPrintable(char c) =>
        c is '\t' or '\n' or '\r' or '\u0085' or (>= ' ' and <= '~') or (>= '\u00a0' and <= '\ufffd') && c != '\ufeff';
}
