using K3sToken.Tokens.Certificates;
using Xunit;

namespace K3sToken.Tests.Tokens.Certificates;

public sealed class MailboxTests
{
    [Theory]
    [InlineData("a@b", "a", "b")]
    [InlineData("a.b+c@d.e", "a.b+c", "d.e")]
    [InlineData("\"a b\"@c", "a b", "c")]
    [InlineData("\"a\\\"b\"@c", "a\"b", "c")]
    [InlineData("a\\@b@c", "a@b", "c")]
    [InlineData("a@", "a", "")]
    public void An_address_is_taken_apart(string text, string local, string domain) =>
        Assert.Equal(new Mailbox(local, domain), Mailbox.Read(text));

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("@b")]
    [InlineData(".a@b")]
    [InlineData("a.@b")]
    [InlineData("a..b@c")]
    [InlineData("a b@c")]
    [InlineData("a\\")]
    [InlineData("\"a@b")]
    [InlineData("\"a\\")]
    [InlineData("\"a\n\"@b")]
    [InlineData("a@b..c")]
    [InlineData("a@b c")]
    public void Anything_else_is_no_address(string text) => Assert.Null(Mailbox.Read(text));
}
