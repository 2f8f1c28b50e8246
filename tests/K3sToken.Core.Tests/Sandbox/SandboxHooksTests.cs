using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Net.Http;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading.Tasks;
using K3sToken.Sandboxing;
using K3sToken.Sandboxing.Certificates;
using K3sToken.Sandboxing.Http;
using Xunit;

namespace K3sToken.Tests.Sandboxing;

public class SandboxHooksTests
{
    private const string Secrets = "/api/v1/namespaces/kube-system/secrets";
    private const string Token = "abcdef.0123456789abcdef";

    private static readonly KeyValuePair<string, string>[] Bearer = [new("Authorization", "Bearer " + Token)];

    [Fact]
    public async Task A_connection_can_be_broken_before_the_change_is_made()
    {
        await using Sandbox sandbox = await Sandbox.StartAsync();
        sandbox.Intercept = Scripted.BreakAsync;
        await Assert.ThrowsAnyAsync<IOException>(() => CreateAsync(sandbox));
        Assert.Empty(sandbox.Secrets.All);
        Assert.Equal(0, Assert.Single(sandbox.Requests).Status);
    }

    [Fact]
    public async Task A_connection_can_be_broken_over_HTTP_2_too()
    {
        await using Sandbox sandbox = await Sandbox.StartAsync();
        sandbox.Intercept = Scripted.BreakAsync;
        await Assert.ThrowsAsync<HttpRequestException>(() => Http2.GetAsync(sandbox, "/cacerts"));
    }

    [Fact]
    public async Task A_body_that_is_too_long_is_refused_by_the_API_as_a_real_one_does()
    {
        await using Sandbox sandbox = await Sandbox.StartAsync();
        RawAnswer answer = await RawHttp.SendAsync(sandbox, "POST", Secrets, body: new string(' ', (3 * 1024 * 1024) + 1));
        Assert.Equal(413, answer.Status);
        Assert.Contains("Request entity too large: limit is 3145728", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_can_be_broken_after_the_change_was_made()
    {
        await using Sandbox sandbox = await Sandbox.StartAsync();
        sandbox.InterceptAnswer = Scripted.BreakAsync;
        await Assert.ThrowsAnyAsync<IOException>(() => CreateAsync(sandbox));
        Assert.Equal("a", Assert.Single(sandbox.Secrets.All).Name);
    }

    [Theory]
    [InlineData(429, "TooManyRequests", 1)]
    [InlineData(503, "ServiceUnavailable", 0)]
    public async Task A_refusal_can_be_scripted(int code, string reason, int retryAfter)
    {
        await using Sandbox sandbox = await Sandbox.StartAsync();
        sandbox.Intercept = context => Scripted.RefuseAsync(context, code, reason, "not now", retryAfter);
        RawAnswer answer = await CreateAsync(sandbox);
        Assert.Equal(code, answer.Status);
        Assert.Equal(retryAfter == 0 ? null : retryAfter.ToString(CultureInfo.InvariantCulture), answer.Header("Retry-After"));
        Assert.Equal(reason, JsonElement.Parse(answer.Text).GetProperty("reason").GetString());
        Assert.Empty(sandbox.Secrets.All);
    }

    [Fact]
    public async Task As_many_requests_go_wrong_as_were_named_of_those_that_were_named()
    {
        await using Sandbox sandbox = await Sandbox.StartAsync();
        sandbox.Servers[0].Faults.OnRequest(RequestFault.Forbidden, times: 2, FaultScope.Changes, after: 1);
        List<int> answers = [];
        for (int i = 0; i < 4; i++)
        {
            answers.Add((await RawHttp.SendAsync(sandbox, "GET", Secrets)).Status);
            answers.Add((await CreateAsync(sandbox)).Status);
        }

        Assert.Equal([200, 201, 200, 403, 200, 403, 200, 409], answers);
    }

    [Theory]
    [InlineData(RequestFault.ResetBeforeChange, 0)]
    [InlineData(RequestFault.ResetAfterChange, 1)]
    [InlineData(RequestFault.HalfHeader, 1)]
    [InlineData(RequestFault.HalfBody, 1)]
    [InlineData(RequestFault.ResetAtOnce, 0)]
    [InlineData(RequestFault.TlsAlert, 0)]
    public async Task A_connection_can_end_at_any_moment(RequestFault fault, int stored)
    {
        await using Sandbox sandbox = await Sandbox.StartAsync();
        sandbox.Servers[0].Faults.OnRequest(fault);
        await Assert.ThrowsAnyAsync<Exception>(() => CreateAsync(sandbox));
        Assert.Equal(stored, sandbox.Secrets.All.Count);
    }

    [Theory]
    [InlineData(RequestFault.GoAwayUnheard)]
    [InlineData(RequestFault.HalfHeader)]
    public async Task A_connection_of_HTTP_2_can_end_with_a_frame(RequestFault fault)
    {
        await using Sandbox sandbox = await Sandbox.StartAsync();
        sandbox.Servers[0].Faults.OnRequest(fault);
        await Assert.ThrowsAsync<HttpRequestException>(() => Http2.GetAsync(sandbox, "/cacerts"));
    }

    [Fact]
    public async Task A_listing_whose_snapshot_is_forgotten_gets_410_and_a_value_to_go_on_with()
    {
        await using Sandbox sandbox = await Sandbox.StartAsync();
        sandbox.Secrets.AddBootstrapTokens(4);
        JsonElement first = await ListAsync(sandbox, "?limit=2");
        sandbox.Secrets.ForgetThePast();
        sandbox.Secrets.Remove("bootstrap-token-s00002");
        string stale = first.GetProperty("metadata").GetProperty("continue").GetString()!;
        RawAnswer expired = await RawHttp.SendAsync(sandbox, "GET", $"{Secrets}?limit=2&continue={stale}");
        Assert.Equal(410, expired.Status);
        JsonElement status = JsonElement.Parse(expired.Text);
        Assert.Equal("Expired", status.GetProperty("reason").GetString());
        string fresh = status.GetProperty("metadata").GetProperty("continue").GetString()!;
        JsonElement rest = await ListAsync(sandbox, $"?limit=2&continue={fresh}");
        Assert.Equal("bootstrap-token-s00003", Assert.Single(Names(rest)));
    }

    [Fact]
    public async Task Five_thousand_tokens_come_in_ten_pages_in_order()
    {
        await using Sandbox sandbox = await Sandbox.StartAsync();
        sandbox.Secrets.AddBootstrapTokens(5000);
        List<string> names = [];
        string next = "";
        do
        {
            JsonElement page = await ListAsync(sandbox, "?fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken&limit=500" + next);
            names.AddRange(Names(page));
            next = page.GetProperty("metadata").TryGetProperty("continue", out JsonElement value) ? "&continue=" + value.GetString() : "";
        }
        while (next.Length > 0);
        Assert.Equal(sandbox.Secrets.All.Select(secret => secret.Name), names);
        Assert.Equal(5000, names.Count);
        Assert.Equal(10, sandbox.Requests.Count);
    }

    [Fact]
    public async Task A_long_answer_is_compressed_for_those_who_take_it()
    {
        await using Sandbox sandbox = await Sandbox.StartAsync();
        sandbox.Secrets.AddBootstrapTokens(1000);
        RawAnswer plain = await RawHttp.SendAsync(sandbox, "GET", Secrets);
        RawAnswer packed = await RawHttp.SendAsync(sandbox, "GET", Secrets, [new("Accept-Encoding", "gzip")]);
        Assert.Null(plain.Header("Content-Encoding"));
        Assert.Equal("gzip", packed.Header("Content-Encoding"));
        using GZipStream gzip = new(new MemoryStream(packed.Body), CompressionMode.Decompress);
        using MemoryStream unpacked = new();
        await gzip.CopyToAsync(unpacked, TestContext.Current.CancellationToken);
        Assert.Equal(plain.Body, unpacked.ToArray());
    }

    [Fact]
    public async Task The_clock_moves_the_date_and_what_expires()
    {
        await using Sandbox sandbox = await Sandbox.StartAsync();
        sandbox.Secrets.AddBootstrapToken("abcdef", "0123456789abcdef", new Dictionary<string, string?>
        {
            ["expiration"] = DateTimeOffset.UtcNow.AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        });
        Assert.Equal(200, (await AsBearerAsync(sandbox)).Status);
        sandbox.Clock.Offset = TimeSpan.FromHours(2);
        RawAnswer later = await AsBearerAsync(sandbox);
        Assert.Equal(401, later.Status);
        DateTimeOffset date = DateTimeOffset.ParseExact(later.Header("Date")!, "r", CultureInfo.InvariantCulture);
        Assert.True(date > DateTimeOffset.UtcNow.AddMinutes(119));
    }

    [Theory]
    [InlineData(true, 200)]
    [InlineData(false, 401)]
    public async Task A_deleted_token_lives_on_for_ten_seconds_where_answers_are_cached(bool cached, int afterDeletion)
    {
        await using Sandbox sandbox = await Sandbox.StartAsync(new SandboxOptions { CacheBootstrapTokens = cached });
        sandbox.Secrets.AddBootstrapToken("abcdef", "0123456789abcdef");
        Assert.Equal(200, (await AsBearerAsync(sandbox)).Status);
        sandbox.Secrets.Remove("bootstrap-token-abcdef");
        Assert.Equal(afterDeletion, (await AsBearerAsync(sandbox)).Status);
        sandbox.Clock.Offset = TimeSpan.FromSeconds(11);
        Assert.Equal(401, (await AsBearerAsync(sandbox)).Status);
    }

    [Fact]
    public async Task It_stops_and_starts_again_on_the_same_port_with_the_same_or_another_CA()
    {
        await using Sandbox sandbox = await Sandbox.StartAsync();
        Uri url = sandbox.Url;
        byte[] bundle = [.. sandbox.CABundle];
        await CreateAsync(sandbox);
        await sandbox.StopAsync();
        await Assert.ThrowsAnyAsync<SocketException>(() => ListAsync(sandbox, ""));
        await sandbox.StartAgainAsync();
        Assert.Equal("a", Assert.Single(Names(await ListAsync(sandbox, ""))));
        await sandbox.StartAgainAsync(sandbox.Certificates.Reissue(new CertificateOptions()));
        Assert.Equal(bundle, (await RawHttp.SendAsync(sandbox, "GET", "/cacerts")).Body);
        await sandbox.StartAgainAsync(ClusterCertificates.Create(new CertificateOptions()));
        Assert.NotEqual(bundle, (await RawHttp.SendAsync(sandbox, "GET", "/cacerts")).Body);
        Assert.Equal(url, sandbox.Url);
        Assert.Equal("a", Assert.Single(Names(await ListAsync(sandbox, ""))));
    }

    [Fact]
    public async Task It_knows_what_it_was_asked()
    {
        await using Sandbox sandbox = await Sandbox.StartAsync();
        await CreateAsync(sandbox);
        LoggedRequest request = Assert.Single(sandbox.Requests);
        Assert.Equal(("POST", Secrets, "HTTP/1.1"), (request.Method, request.Target, request.Protocol));
        Assert.Equal(("system:admin", 201), (request.User, request.Status));
        Assert.Equal("""{"metadata":{"name":"a"}}""", request.Body);
        sandbox.ForgetRequests();
        Assert.Empty(sandbox.Requests);
    }

    [Fact]
    public async Task A_Secret_with_a_finalizer_stays_until_that_is_taken_away()
    {
        await using Sandbox sandbox = await Sandbox.StartAsync();
        await RawHttp.SendAsync(sandbox, "POST", Secrets, body: """{"metadata":{"name":"a","finalizers":["x.example/y"]}}""");
        await RawHttp.SendAsync(sandbox, "DELETE", Secrets + "/a");
        Assert.NotNull(sandbox.Secrets.Get("a")!.DeletionTimestamp);
        KeyValuePair<string, string>[] merge = [new("Content-Type", "application/merge-patch+json")];
        await RawHttp.SendAsync(sandbox, "PATCH", Secrets + "/a", merge, """{"metadata":{"finalizers":null}}""");
        Assert.Null(sandbox.Secrets.Get("a"));
    }

    [Fact]
    public async Task A_field_belongs_to_whoever_changed_it_last()
    {
        await using Sandbox sandbox = await Sandbox.StartAsync();
        const string Secret = """{"metadata":{"name":"a"},"stringData":{"x":"1","y":"1"}}""";
        await RawHttp.SendAsync(sandbox, "POST", Secrets, [new("User-Agent", "first/1.0")], Secret);
        KeyValuePair<string, string>[] merge = [new("Content-Type", "application/merge-patch+json"), new("User-Agent", "second/2.0 (x)")];
        RawAnswer answer = await RawHttp.SendAsync(sandbox, "PATCH", Secrets + "/a", merge, """{"stringData":{"y":"2","z":"2"}}""");
        Assert.Equal(
            ["""first {"f:data":{".":{},"f:x":{}},"f:type":{}}""", """second {"f:data":{"f:y":{},"f:z":{}}}"""],
            JsonElement.Parse(answer.Text).GetProperty("metadata").GetProperty("managedFields").EnumerateArray()
                .Select(entry => $"{entry.GetProperty("manager").GetString()} {entry.GetProperty("fieldsV1").GetRawText()}"));
    }

    private static Task<RawAnswer> CreateAsync(Sandbox sandbox) =>
        RawHttp.SendAsync(sandbox, "POST", Secrets, body: """{"metadata":{"name":"a"}}""");

    private static Task<RawAnswer> AsBearerAsync(Sandbox sandbox) => RawHttp.SendAsync(sandbox, "GET", "/version", Bearer, asAdmin: false);

    private static async Task<JsonElement> ListAsync(Sandbox sandbox, string query)
    {
        RawAnswer answer = await RawHttp.SendAsync(sandbox, "GET", Secrets + query);
        Assert.Equal(200, answer.Status);
        return JsonElement.Parse(answer.Text);
    }

    private static IEnumerable<string> Names(JsonElement list) =>
        list.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("metadata").GetProperty("name").GetString()!);
}
