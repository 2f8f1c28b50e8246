using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Tokens;

public sealed class JoinTokenTextTests
{
    private static readonly Dictionary<string, JsonElement> Vectors =
        Recorded.List("tokens/parse.json", "vectors").ToDictionary(vector => Text(vector, "id"));

    public static IEnumerable<TheoryDataRow<string>> Ids =>
        Vectors.Keys.Select(id => new TheoryDataRow<string>(id) { TestDisplayName = id });

    /// <summary>A text of .NET cannot hold the other inputs: their bytes are no UTF-8.</summary>
    public static IEnumerable<TheoryDataRow<string>> IdsOfTexts => Ids.Where(row => Vectors[row.Data].TryGetProperty("input", out _));

    [Fact]
    public void All_recorded_vectors_are_here() => Assert.Equal(117, Vectors.Count);

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_text_is_parsed_as_K3s_parses_it(string id)
    {
        JsonElement expected = Vectors[id].GetProperty("parse");
        string input = Input(Vectors[id]);

        if (expected.TryGetProperty("error", out JsonElement error))
        {
            K3sTokenException thrown = Assert.Throws<K3sTokenException>(() => JoinTokenText.Parse(input));
            Assert.Equal(ErrorId.InvalidTokenFormat, thrown.Id);
            Assert.StartsWith(error.GetString()!, thrown.Message, StringComparison.Ordinal);
            return;
        }

        using JoinTokenText token = JoinTokenText.Parse(input);
        bool isBootstrap = Text(expected, "kind") == "bootstrap";
        Assert.Equal(isBootstrap ? JoinTokenKind.Bootstrap : JoinTokenKind.Password, token.Kind);
        Assert.Equal(Text(expected, "caHash"), token.CAHash);
        Assert.Equal(isBootstrap ? Text(expected, "id") : string.Empty, token.Id);
        Assert.Equal(isBootstrap ? string.Empty : Text(expected, "username"), token.UserName);
        Assert.Equal(Text(expected, isBootstrap ? "secret" : "password"), token.Secret.Reveal().ToString());
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_server_makes_the_recorded_password_of_it(string id)
    {
        JsonElement expected = Vectors[id].GetProperty("normalizeServerToken");
        string input = Input(Vectors[id]);

        if (expected.TryGetProperty("error", out JsonElement error))
        {
            K3sTokenException thrown = Assert.Throws<K3sTokenException>(() => JoinTokenText.NormalizeServerToken(input));
            Assert.Equal(ErrorId.InvalidTokenFormat, thrown.Id);
            Assert.Equal(error.GetString(), thrown.Message);
            return;
        }

        using Secret password = JoinTokenText.NormalizeServerToken(input);
        Assert.Equal(Text(expected, "password"), password.Reveal().ToString());
    }

    [Theory]
    [MemberData(nameof(IdsOfTexts))]
    public void The_password_has_the_recorded_key_in_the_datastore(string id)
    {
        JsonElement expected = Vectors[id].GetProperty("normalizeServerToken");
        if (expected.TryGetProperty("bootstrapKey", out JsonElement key))
        {
            using Secret password = JoinTokenText.NormalizeServerToken(Input(Vectors[id]));
            Assert.Equal(key.GetString(), "/bootstrap/" + JoinTokenText.KeyHash(password));
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void User_name_and_password_are_those_that_K3s_reads(string id)
    {
        JsonElement expected = Vectors[id].GetProperty("parseUsernamePassword");
        using JoinTokenText? token = JoinTokenText.TryParse(Input(Vectors[id]), out _);

        Assert.Equal(expected.GetProperty("ok").GetBoolean(), token is { Kind: JoinTokenKind.Password });
        if (token is { Kind: JoinTokenKind.Password })
        {
            Assert.Equal(Text(expected, "username"), token.UserName);
            Assert.Equal(Text(expected, "password"), token.Secret.Reveal().ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void The_bare_forms_of_a_bootstrap_token_are_told_apart_as_K3s_does(string id)
    {
        string input = Input(Vectors[id]);
        JsonElement expected = Vectors[id].GetProperty("bootstrapTokenString");

        Assert.Equal(Vectors[id].GetProperty("isValidBootstrapTokenID").GetBoolean(), BootstrapTokenText.IsId(input));
        Assert.Equal(!expected.TryGetProperty("error", out _), BootstrapTokenText.TryParse(input, out string? tokenId, out Secret? secret));
        if (tokenId is not null)
        {
            Assert.Equal(Text(expected, "id"), tokenId);
            Assert.Equal(Text(expected, "secret"), secret!.Reveal().ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void What_was_parsed_and_formatted_parses_to_the_same_again(string id)
    {
        if (JoinTokenText.TryParse(Input(Vectors[id]), out _) is not { } token)
        {
            return;
        }

        using JoinTokenText again = JoinTokenText.Parse(token.Format().Reveal());
        Assert.Equal((token.Kind, token.CAHash, token.UserName, token.Id), (again.Kind, again.CAHash, again.UserName, again.Id));
        Assert.Equal(token.Secret.Reveal().ToString(), again.Secret.Reveal().ToString());
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void No_message_holds_any_of_the_text(string id)
    {
        string input = Input(Vectors[id]);
        string[] messages =
        [
            Record.Exception(() => JoinTokenText.Parse(input))?.ToString() ?? "",
            Record.Exception(() => JoinTokenText.NormalizeServerToken(input))?.ToString() ?? "",
        ];

        Assert.All(messages, message => Assert.DoesNotContain("dfddfb1cd1a96721b22740095d6431b9", message, StringComparison.Ordinal));
        Assert.All(messages, message => Assert.DoesNotContain("0123456789abcde", message, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Tokens_are_formatted_in_the_long_form()
    {
        string hash = new('a', 64);
        Secret secret = new("0123456789abcdef");
        Assert.Equal($"K10{hash}::abcdef.0123456789abcdef", Format(JoinTokenText.ForBootstrap(hash, "abcdef", secret)));
        Assert.Equal($"K10{hash}::server:pass:word", Format(JoinTokenText.ForPassword(hash, "server", new Secret("pass:word"))));
        Assert.Equal("K10::server:password", Format(JoinTokenText.ForPassword("", "server", new Secret("password"))));
    }

    [Fact]
    public void A_user_name_with_a_colon_is_refused() =>
        Assert.Throws<ArgumentException>(() => JoinTokenText.ForPassword("", "a:b", new Secret("password")));

    private static string Format(JoinTokenText token) => token.Format().Reveal().ToString();

    private static string Input(JsonElement vector) => vector.TryGetProperty("inputBase64", out JsonElement base64)
        ? Encoding.UTF8.GetString(base64.GetBytesFromBase64())
        : Text(vector, "input");

    private static string Text(JsonElement element, string property) => element.GetProperty(property).GetString()!;
}
