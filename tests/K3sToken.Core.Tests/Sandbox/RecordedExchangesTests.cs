using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using K3sToken.Sandboxing;
using K3sToken.Sandboxing.Authentication;
using K3sToken.Sandboxing.Certificates;
using Xunit;

namespace K3sToken.Tests.Sandboxing;

/// <summary>
/// The sandbox answers as a real server did. Each file is replayed once, in its order; each exchange is a result of its own.
/// </summary>
public class RecordedExchangesTests
{
    private const string Secrets = "secrets/exchanges.json";
    private const string Paging = "secrets/paging.json";

    private static readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlyDictionary<string, string?>>>> Replays = new();

    public static IEnumerable<TheoryDataRow<string>> SecretExchanges => Ids(Secrets);

    public static IEnumerable<TheoryDataRow<string>> PagingExchanges => Ids(Paging);

    public static IEnumerable<TheoryDataRow<string, string>> CacertsExchanges =>
        from name in new[] { "cacerts/self-signed.json", "cacerts/custom-ca.json", "cacerts/custom-ca-no-root.json" }
        from row in Ids(name)
        select new TheoryDataRow<string, string>(name, row.Data);

    public static IEnumerable<TheoryDataRow<string, string>> AuthenticationExchanges =>
        from name in new[] { "supervisor-auth/with-agent-token.json", "supervisor-auth/without-agent-token.json" }
        from row in Ids(name)
        select new TheoryDataRow<string, string>(name, row.Data);

    [Theory]
    [MemberData(nameof(SecretExchanges))]
    public Task The_Secrets_API_answers_as_recorded(string id) => CheckAsync(Secrets, id);

    [Theory]
    [MemberData(nameof(PagingExchanges))]
    public Task Paging_answers_as_recorded(string id) => CheckAsync(Paging, id);

    [Theory]
    [MemberData(nameof(CacertsExchanges))]
    public Task Cacerts_answers_as_recorded(string file, string id) => CheckAsync(file, id);

    [Theory]
    [MemberData(nameof(AuthenticationExchanges))]
    public Task Everybody_gets_what_was_recorded_for_them(string file, string id) => CheckAsync(file, id);

    private static async Task CheckAsync(string file, string id)
    {
        IReadOnlyDictionary<string, string?> results = await Replays.GetOrAdd(file, name => new(() => ReplayAsync(name))).Value;
        if (results[id] is string difference)
        {
            Assert.Fail(difference);
        }
    }

    private static async Task<IReadOnlyDictionary<string, string?>> ReplayAsync(string file)
    {
        JsonElement recorded = Recorded.Json(file);
        List<JsonElement> exchanges = [.. Exchanges(file)];
        await using Sandbox sandbox = await Sandbox.StartAsync(Options(file, recorded, exchanges));
        Replay replay = new(sandbox);
        if (file == Paging)
        {
            await replay.CreateAsync(ListedOnPages(exchanges));
        }

        if (recorded.TryGetProperty("setup", out JsonElement setup))
        {
            RecordedBootstrapTokens.Add(sandbox, setup.GetProperty("bootstrapToken").GetString()!, exchanges);
        }

        Dictionary<string, string?> results = [];
        foreach (JsonElement exchange in exchanges)
        {
            string id = exchange.GetProperty("id").GetString()!;
            bool early = id.StartsWith("readyz-before-core-ready", StringComparison.Ordinal);
            sandbox.Servers[0].Faults.Phase = early ? StartPhase.WithoutCore : StartPhase.Ready;
            results[id] = await replay.TryAsync(exchange);
        }

        return results;
    }

    private static SandboxOptions Options(string file, JsonElement recorded, List<JsonElement> exchanges) => new()
    {
        Token = Setup(recorded, "serverToken"),
        AgentToken = recorded.TryGetProperty("setup", out JsonElement setup) && setup.GetProperty("agentTokenSetSeparately").GetBoolean()
            ? Setup(recorded, "agentToken")
            : null,
        Certificates = new CertificateOptions
        {
            Authority = file.Contains("no-root", StringComparison.Ordinal) ? AuthorityKind.CustomWithoutRoot
                : file.Contains("custom", StringComparison.Ordinal) ? AuthorityKind.Custom
                : AuthorityKind.SelfSigned,
        },
        Tokens = [.. exchanges.Select(exchange => exchange.GetProperty("request")).Where(IsServiceAccount).Take(1).Select(ServiceAccount)],
    };

    private static string? Setup(JsonElement recorded, string name) =>
        recorded.TryGetProperty("setup", out JsonElement setup) ? setup.GetProperty(name).GetString() : null;

    private static bool IsServiceAccount(JsonElement request) =>
        request.GetProperty("authorization").GetString()!.Contains("service account default/default", StringComparison.Ordinal);

    private static StaticToken ServiceAccount(JsonElement request)
    {
        string header = request.GetProperty("headers").EnumerateArray()
            .First(pair => pair[0].GetString() == "Authorization")[1].GetString()!;
        return new StaticToken(
            header["Bearer ".Length..],
            "system:serviceaccount:default:default",
            "system:serviceaccounts",
            "system:serviceaccounts:default");
    }

    private static IEnumerable<JsonElement> ListedOnPages(List<JsonElement> exchanges) =>
        exchanges.Where(exchange => exchange.GetProperty("id").GetString()!.StartsWith("page-", StringComparison.Ordinal))
            .SelectMany(page => JsonElement.Parse(page.GetProperty("response").GetProperty("bodyText").GetString()!)
                .GetProperty("items").EnumerateArray());

    private static IEnumerable<JsonElement> Exchanges(string file) => Recorded.List(file, "exchanges");

    private static IEnumerable<TheoryDataRow<string>> Ids(string file) =>
        Exchanges(file).Select(exchange => new TheoryDataRow<string>(exchange.GetProperty("id").GetString()!));
}
