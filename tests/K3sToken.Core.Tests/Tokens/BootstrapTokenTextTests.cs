using System;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Tokens;

public sealed class BootstrapTokenTextTests
{
    private const string Hash = "5386ced363485a1cf64b13e5d3ecc4e97b824a3d570147e36fca79c2bebe427b";

    [Theory]
    [InlineData("abcdef", "abcdef")]
    [InlineData("001234", "001234")]
    [InlineData("123e45", "123e45")]
    [InlineData("abcdef.0123456789abcdef", "abcdef")]
    [InlineData("K10" + Hash + "::abcdef.0123456789abcdef", "abcdef")]
    [InlineData("K10::abcdef.0123456789abcdef", "abcdef")]
    public void The_id_is_found_in_every_form_of_a_bootstrap_token(string text, string id)
    {
        Assert.True(BootstrapTokenText.TryGetId(text, out string? found));
        Assert.Equal(id, found);
    }

    [Theory]
    [InlineData("")]
    [InlineData("abcde")]
    [InlineData("ABCDEF")]
    [InlineData("abcdéf")]
    [InlineData("abcdef\n")]
    [InlineData(" abcdef")]
    [InlineData("abcdef.")]
    [InlineData("abcdef.0123456789abcde")]
    [InlineData("abcdef.0123456789abcdef\n")]
    [InlineData("bootstrap-token-abcdef")]
    [InlineData("K10" + Hash + "::server:0123456789abcdef")]
    [InlineData("K10" + Hash + "::abcdef")]
    [InlineData("K10abc::abcdef.0123456789abcdef")]
    public void Nothing_else_has_an_id(string text)
    {
        Assert.False(BootstrapTokenText.TryGetId(text, out string? found));
        Assert.Null(found);
    }

    [Theory]
    [InlineData("0123456789abcdef", true)]
    [InlineData("0123456789abcde", false)]
    [InlineData("0123456789abcdef0", false)]
    [InlineData("0123456789abcdeF", false)]
    [InlineData("٠123456789abcdef", false)]
    public void A_secret_has_sixteen_lower_case_letters_or_digits(string text, bool expected) =>
        Assert.Equal(expected, BootstrapTokenText.IsSecret(text));

    [Fact]
    public void Random_tokens_survive_formatting_and_parsing()
    {
        for (int i = 0; i < 500; i++)
        {
            string id = RandomText.BootstrapId();
            Secret secret = RandomText.BootstrapSecret();

            Secret text = BootstrapTokenText.Format(id, secret);

            Assert.True(BootstrapTokenText.TryParse(text.Reveal(), out string? parsedId, out Secret? parsedSecret));
            Assert.Equal(id, parsedId);
            Assert.Equal(secret.Reveal().ToString(), parsedSecret.Reveal().ToString());
        }
    }

    [Theory]
    [InlineData("abcde", "0123456789abcdef")]
    [InlineData("abcdef", "0123456789ABCDEF")]
    public void Only_well_formed_parts_are_put_together(string id, string secret)
    {
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => BootstrapTokenText.Format(id, new Secret(secret)));
        Assert.DoesNotContain(secret, thrown.ToString(), StringComparison.Ordinal);
    }
}
