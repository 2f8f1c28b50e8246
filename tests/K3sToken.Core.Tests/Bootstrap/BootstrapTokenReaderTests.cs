using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using K3sToken.Bootstrap;
using K3sToken.Kubernetes;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Bootstrap;

public sealed class BootstrapTokenReaderTests
{
    private static readonly DateTime Now = new(2026, 11, 21, 19, 0, 0, DateTimeKind.Utc);

    private static readonly ClusterContext Context = new FakeApi().Context;

    public static TheoryData<string, string[]> RecordedDefects { get; } = new()
    {
        { "create-plain", [] },
        { "create-expires-future", [] },
        { "create-description-unicode", [] },
        { "create-no-token-id", ["IdMissing"] },
        { "create-no-token-secret", ["SecretMissing"] },
        { "create-id-mismatch", ["NameMismatch"] },
        { "create-groups-invalid", ["GroupInvalid"] },
        { "create-usages-false", ["NoAuthenticationUsage"] },
        { "create-usages-missing", ["NoAuthenticationUsage"] },
        { "create-extra-keys", [] },
        { "create-empty-data", ["NoAuthenticationUsage", "IdMissing", "SecretMissing"] },
        { "create-secret-short", ["SecretMalformed"] },
        { "create-binary-description", [] },
        { "create-no-prefix", ["NameMismatch"] },
    };

    [Theory]
    [MemberData(nameof(RecordedDefects))]
    public void Every_recorded_defect_is_a_named_problem(string exchange, string[] problems)
    {
        BootstrapToken token = BootstrapTokenReader.Read(Created(exchange), Context, Now);

        Assert.Equal(problems, token.Problems);
        Assert.Equal(problems.Length == 0, token.CanAuthenticate);
    }

    [Theory]
    [InlineData("", false, true, null)]
    [InlineData("2026-11-21T19:00:01Z", false, false, 1.0)]
    [InlineData("2026-11-21T19:00:00Z", true, false, 0.0, "Expired")]
    [InlineData("2026-11-21T18:00:00Z", true, false, 0.0, "Expired")]
    [InlineData("2026-11-21T20:00:00+02:00", true, false, 0.0, "Expired")]
    [InlineData("tomorrow", true, false, null, "ExpirationInvalid")]
    [InlineData("2099-01-01", true, false, null, "ExpirationInvalid")]
    public void An_expiration_is_judged_by_the_given_clock(string text, bool expired, bool never, double? secondsLeft, params string[] problems)
    {
        BootstrapToken token = Read(("expiration", text));

        Assert.Equal(expired, token.Expired);
        Assert.Equal(never, token.NeverExpires);
        Assert.Equal(secondsLeft, token.TimeToLive?.TotalSeconds);
        Assert.Equal(problems, token.Problems);
        Assert.Equal(secondsLeft is null, token.Expires is null);
    }

    [Fact]
    public void Expiry_and_creation_are_local_times()
    {
        BootstrapToken token = Read(("expiration", "2026-11-22T19:00:00Z"));

        Assert.Equal(DateTimeKind.Local, token.Expires!.Value.Kind);
        Assert.Equal(Now.AddDays(1), token.Expires.Value.ToUniversalTime());
        Assert.Equal(DateTimeKind.Local, token.Created.Kind);
    }

    [Fact]
    public void The_token_knows_where_it_came_from()
    {
        BootstrapToken token = Read();

        Assert.Equal("abc123", token.Id);
        Assert.Equal("bootstrap-token-abc123", token.SecretName);
        Assert.Equal("fake", token.Context);
        Assert.Equal("https://cluster.example:6443", token.Server);
        Assert.Equal("/home/admin/.kube/config", token.Kubeconfig);
        Assert.Equal("abc123", token.ToString());
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("True", false)]
    [InlineData("true\n", false)]
    [InlineData("1", false)]
    public void A_usage_counts_only_when_it_is_exactly_true(string value, bool counts)
    {
        BootstrapToken token = Read(("usage-bootstrap-signing", value));

        Assert.Equal(counts, token.Usages.Contains("signing"));
    }

    [Fact]
    public void One_bad_group_takes_the_whole_token_but_all_are_shown()
    {
        BootstrapToken token = Read(("auth-extra-groups", "system:bootstrappers:a, system:bootstrappers:b"));

        Assert.Equal(["system:bootstrappers:a", " system:bootstrappers:b"], token.Groups);
        Assert.Equal(["GroupInvalid"], token.Problems);
    }

    [Fact]
    public void An_id_comes_from_the_Secrets_name_so_that_a_removal_hits_what_was_listed()
    {
        SecretResource liar = Secret("bootstrap-token-aaaaaa", ("token-id", "bbbbbb"), ("token-secret", "0123456789abcdef"));

        Assert.Equal("aaaaaa", BootstrapTokenReader.Read(liar, Context, Now).Id);
    }

    [Fact]
    public void An_id_that_matches_the_name_but_is_no_id_is_a_mismatch()
    {
        SecretResource odd = Secret("bootstrap-token-abc", ("token-id", "abc"), ("token-secret", "0123456789abcdef"), ("usage-bootstrap-authentication", "true"));

        Assert.Equal(["NameMismatch"], BootstrapTokenReader.Read(odd, Context, Now).Problems);
    }

    [Fact]
    public void What_would_drive_the_console_is_replaced()
    {
        BootstrapToken token = Read(("description", "a\u001b[31mb\u009bc\td\ne\r"), ("auth-extra-groups", "x\u001by"));

        Assert.Equal("a\uFFFD[31mb\uFFFDc\td\ne\uFFFD", token.Description);
        Assert.Equal(["x\uFFFDy"], token.Groups);
    }

    [Fact]
    public void Nothing_of_the_token_shows_its_secret()
    {
        BootstrapToken token = Read(("token-secret", "s3cr3ts3cr3ts3cr"));

        Assert.DoesNotContain("s3cr3ts3cr3ts3cr", JsonSerializer.Serialize(token), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3ts3cr3ts3cr", token.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_is_read_back_in_both_forms()
    {
        SecretResource secret = Secret("bootstrap-token-abc123", ("token-id", "abc123"), ("token-secret", "0123456789abcdef"));
        string hash = new('a', 64);

        using JoinTokenText? token = BootstrapTokenReader.ReadToken(secret, hash);
        using Secret full = token!.Format();

        Assert.Equal($"K10{hash}::abc123.0123456789abcdef", full.Reveal().ToString());
    }

    private static BootstrapToken Read(params (string Key, string Value)[] more)
    {
        Dictionary<string, string> data = new()
        {
            ["token-id"] = "abc123",
            ["token-secret"] = "0123456789abcdef",
            ["usage-bootstrap-authentication"] = "true",
        };
        foreach ((string key, string value) in more)
        {
            data[key] = value;
        }

        return BootstrapTokenReader.Read(Secret("bootstrap-token-abc123", [.. data.Select(entry => (entry.Key, entry.Value))]), Context, Now);
    }

    private static SecretResource Secret(string name, params (string Key, string Value)[] data) => new()
    {
        Name = name,
        Created = Now,
        Data = [.. data.Select(entry => new KeyValuePair<string, byte[]>(entry.Key, Encoding.UTF8.GetBytes(entry.Value)))],
    };

    private static SecretResource Created(string exchange)
    {
        JsonElement found = Recorded.List("secrets/exchanges.json", "exchanges").Single(e => e.GetProperty("id").GetString() == exchange);
        using JsonDocument body = JsonDocument.Parse(found.GetProperty("response").GetProperty("bodyText").GetString()!);
        JsonElement metadata = body.RootElement.GetProperty("metadata");
        return new SecretResource
        {
            Name = metadata.GetProperty("name").GetString()!,
            Created = metadata.GetProperty("creationTimestamp").GetDateTime().ToUniversalTime(),
            Data = body.RootElement.TryGetProperty("data", out JsonElement data)
                ? [.. data.EnumerateObject().Select(entry => new KeyValuePair<string, byte[]>(entry.Name, entry.Value.GetBytesFromBase64()))]
                : [],
        };
    }
}
