using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Tokens;

public sealed class ConsoleTextTests
{
    [Theory]
    [InlineData("\u001B[2J")]
    [InlineData("\u009B2J")]
    [InlineData("\u0007")]
    [InlineData("\r")]
    [InlineData("\b")]
    [InlineData("\u007F")]
    [InlineData("\u0000")]
    [InlineData("\u0085")]
    [InlineData("\u061C")]
    [InlineData("\u200E")]
    [InlineData("\u200F")]
    [InlineData("\u2028")]
    [InlineData("\u2029")]
    [InlineData("\u202A")]
    [InlineData("\u202E")]
    [InlineData("\u2066")]
    [InlineData("\u2069")]
    public void What_steers_a_terminal_is_replaced(string harmful) =>
        Assert.Equal("a\uFFFD" + harmful.Substring(1) + "b", ConsoleText.Of("a" + harmful + "b"));

    [Theory]
    [InlineData("")]
    [InlineData("two lines\n\tand a tab")]
    [InlineData("Lager für Köln, 東京, تهران")]
    [InlineData("👩\u200D💻 \u200C e\u0301")]
    public void Other_text_stays_as_it_is(string text) => Assert.Same(text, ConsoleText.Of(text));

    [Fact]
    public void An_errors_message_steers_no_terminal() =>
        Assert.Equal("context '\uFFFD[31m'", new K3sTokenException(ErrorId.ServerError, "context '\u001B[31m'").Message);
}
