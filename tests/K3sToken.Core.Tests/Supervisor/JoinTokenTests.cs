using System.Collections.Generic;
using System.Linq;
using System.Security;
using System.Text;
using System.Text.Json;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Supervisor;

public sealed class JoinTokenTests
{
    private static readonly string Hash = new('a', 64);

    public static IEnumerable<TheoryDataRow<string>> Ids => Recorded.List("tokens/parse.json", "vectors")
        .Where(vector => vector.GetProperty("parse").TryGetProperty("kind", out _) && !Input(vector).EndsWith('\n'))
        .Select(vector => vector.GetProperty("id").GetString()!)
        .Select(id => new TheoryDataRow<string>(id) { TestDisplayName = id });

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_recorded_token_is_taken_apart_as_K3s_does(string id)
    {
        JsonElement vector = Recorded.List("tokens/parse.json", "vectors").First(v => v.GetProperty("id").GetString() == id);
        JsonElement expected = vector.GetProperty("parse");
        bool isBootstrap = expected.GetProperty("kind").GetString() == "bootstrap";

        JoinToken token = new(Input(vector), asPlainText: true);

        Assert.Equal(isBootstrap, token.Kind == TokenKind.Bootstrap);
        Assert.Equal(expected.GetProperty("caHash").GetString(), token.CAHash);
        Assert.Equal(token.CAHash.Length > 0 ? TokenFormat.Secure : TokenFormat.Short, token.Format);
        Assert.Equal(isBootstrap ? "" : expected.GetProperty("username").GetString(), token.UserName);
        Assert.Equal(isBootstrap ? expected.GetProperty("id").GetString() : "", token.Id);
        Assert.Equal(expected.GetProperty(isBootstrap ? "secret" : "password").GetString(), token.Secret);
        Assert.Equal(Input(vector), token.Token);
    }

    [Theory]
    [InlineData("K10::server:x", TokenKind.Server)]
    [InlineData("K10::node:x", TokenKind.Agent)]
    [InlineData("K10::Server:x", TokenKind.User)]
    [InlineData("K10:::x", TokenKind.Password)]
    [InlineData("server:x", TokenKind.Password)]
    [InlineData("abcdef.0123456789abcdef", TokenKind.Bootstrap)]
    public void The_text_says_what_it_is(string text, TokenKind expected) => Assert.Equal(expected, new JoinToken(text, false).Kind);

    [Theory]
    [InlineData("x\n", "x")]
    [InlineData("x\r\n", "x")]
    [InlineData("x\n\n", "x\n")]
    [InlineData("x\r", "x\r")]
    [InlineData("x ", "x ")]
    public void One_line_end_is_removed(string text, string expected) => Assert.Equal(expected, new JoinToken(text, true).Secret);

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("K10x")]
    public void What_is_no_token_is_an_error(string text) =>
        Assert.Equal(ErrorId.InvalidTokenFormat, Assert.Throws<K3sTokenException>(() => new JoinToken(text, false)).Id);

    [Fact]
    public void Secrets_leave_as_SecureStrings_unless_plain_text_is_asked_for()
    {
        JoinToken token = new("K10::server:a-password", asPlainText: false);

        Assert.IsType<SecureString>(token.Token);
        using Secret secret = new(Assert.IsType<SecureString>(token.Secret));
        Assert.Equal("a-password", secret.Reveal());
    }

    [Fact]
    public void No_secret_is_in_its_text()
    {
        Assert.Equal("Server token", new JoinToken("K10::server:a-password", asPlainText: true).ToString());
        Assert.Equal("abcdef", new JoinToken("abcdef.0123456789abcdef", asPlainText: true).ToString());
    }

    [Theory]
    [InlineData("a-password", null, "server:a-password")]
    [InlineData("a-password", "node", "node:a-password")]
    [InlineData("K10::node:a-password", null, "node:a-password")]
    [InlineData("K10:::a-password", null, "server:a-password")]
    [InlineData("abcdef.0123456789abcdef", null, "abcdef.0123456789abcdef")]
    public void The_secure_form_has_the_hash(string text, string? userName, string expected)
    {
        using JoinTokenText token = JoinTokenText.Parse(text);
        using Secret secure = K3sToken.Supervisor.SecureTokenForm.Of(token, Hash, userName, "here");
        Assert.Equal($"K10{Hash}::{expected}", secure.Reveal());
    }

    [Theory]
    [InlineData("abcdef.0123456789abcdef", "node", ErrorId.InvalidTokenFormat)]
    [InlineData("a-password", "a:b", ErrorId.InvalidTokenFormat)]
    [InlineData("K10bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb::node:a-password", null, ErrorId.CAHashMismatch)]
    public void A_secure_form_that_would_be_wrong_is_refused(string text, string? userName, ErrorId expected)
    {
        using JoinTokenText token = JoinTokenText.Parse(text);
        K3sTokenException thrown = Assert.Throws<K3sTokenException>(
            () => K3sToken.Supervisor.SecureTokenForm.Of(token, Hash, userName, "here"));
        Assert.Equal(expected, thrown.Id);
        Assert.DoesNotContain("a-password", thrown.ToString());
    }

    private static string Input(JsonElement vector) => vector.TryGetProperty("inputBase64", out JsonElement base64)
        ? Encoding.UTF8.GetString(base64.GetBytesFromBase64())
        : vector.GetProperty("input").GetString()!;
}
