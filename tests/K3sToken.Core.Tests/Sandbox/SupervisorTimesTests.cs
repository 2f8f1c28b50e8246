using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using K3sToken.Sandboxing;
using Xunit;

namespace K3sToken.Tests.Sandboxing;

/// <summary>What a server answered while it started, and for how long it remembered a bootstrap token.</summary>
public class SupervisorTimesTests
{
    private const string Timeline = "supervisor-auth/startup-timeline.json";
    private const string Cache = "supervisor-auth/bootstrap-token-cache.json";
    private const string Token = "0123456789abcdef0123456789abcdef";

    public static IEnumerable<TheoryDataRow<int, int, string>> TimelineEntries =>
        from run in Recorded.List(Timeline, "runs").Index()
        from change in run.Item.GetProperty("changes").EnumerateArray().Index()
        select new TheoryDataRow<int, int, string>(run.Index, change.Index, change.Item.GetProperty("probe").GetString()!);

    public static IEnumerable<TheoryDataRow<string>> CacheCases =>
        Recorded.List(Cache, "cases").Select(one => new TheoryDataRow<string>(one.GetProperty("case").GetString()!));

    [Theory]
    [MemberData(nameof(TimelineEntries))]
    public async Task It_starts_through_the_phases_that_were_recorded(int run, int index, string probe)
    {
        JsonElement entry = Recorded.List(Timeline, "runs").ElementAt(run).GetProperty("changes")[index];
        Assert.Equal(probe, entry.GetProperty("probe").GetString());
        await using Sandbox sandbox = await Sandbox.StartAsync(new SandboxOptions { Token = Token });
        if (entry.GetProperty("status").ValueKind == JsonValueKind.Null)
        {
            await sandbox.StopAsync();
            await Assert.ThrowsAnyAsync<SocketException>(() => AskAsync(sandbox, entry));
            return;
        }

        string status = entry.GetProperty("status").GetRawText();
        sandbox.Servers[0].Faults.Phase = PhaseOf(entry);
        RawAnswer answer = await AskAsync(sandbox, entry);
        Assert.Equal(status, answer.Status.ToString(CultureInfo.InvariantCulture));
        string body = entry.GetProperty("body").GetString()!;
        Assert.Equal(body, body == "(body)" ? body : answer.Text);
        Assert.Equal(
            entry.GetProperty("headers").EnumerateArray().Select(header => header[0].GetString()!).Order(StringComparer.Ordinal),
            answer.Headers.Select(header => header.Key).Where(name => name != "Date").Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(CacheCases))]
    public async Task A_bootstrap_token_is_remembered_as_long_as_was_recorded(string name)
    {
        JsonElement recorded = Recorded.List(Cache, "cases").Single(one => one.GetProperty("case").GetString() == name);
        await using Sandbox sandbox = await Sandbox.StartAsync(new SandboxOptions { CacheBootstrapTokens = true });
        string token = recorded.GetProperty("token").GetString()!;
        bool existsBefore = !name.StartsWith("tried before", StringComparison.Ordinal);
        if (existsBefore)
        {
            string? expiration = name.StartsWith("expires", StringComparison.Ordinal)
                ? sandbox.Clock.Now.AddSeconds(9).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
                : null;
            Add(sandbox, token, expiration is null ? [] : new() { ["expiration"] = expiration });
        }

        if (recorded.TryGetProperty("statusBefore", out JsonElement before) && before.ValueKind == JsonValueKind.Array)
        {
            Assert.Equal(before[0].GetInt32(), await StatusAsync(sandbox, "/v1-k3s/readyz", token));
            Assert.Equal(before[1].GetInt32(), await StatusAsync(sandbox, "/version", token));
        }

        await HappenAsync(sandbox, name, token);
        string list = recorded.TryGetProperty("polls", out _) ? "polls" : "afterDeletion";
        foreach (JsonElement poll in recorded.GetProperty(list).EnumerateArray())
        {
            sandbox.Clock.Offset = TimeSpan.FromSeconds(Math.Floor(poll.GetProperty("afterSeconds").GetDouble()));
            Assert.Equal(poll.GetProperty("status").GetInt32(), await StatusAsync(sandbox, poll.GetProperty("path").GetString()!, token));
        }
    }

    private static async Task HappenAsync(Sandbox sandbox, string name, string token)
    {
        if (name.StartsWith("deleted", StringComparison.Ordinal))
        {
            sandbox.Secrets.Remove("bootstrap-token-" + token[..6]);
        }
        else if (name.StartsWith("tried before", StringComparison.Ordinal))
        {
            Add(sandbox, token, []);
        }
        else if (name.StartsWith("usage", StringComparison.Ordinal))
        {
            Assert.Equal(200, await StatusAsync(sandbox, "/v1-k3s/readyz", token));
            Add(sandbox, token, new() { ["usage-bootstrap-authentication"] = "false" });
        }
    }

    private static void Add(Sandbox sandbox, string token, Dictionary<string, string?> data) =>
        sandbox.Secrets.AddBootstrapToken(token[..6], token[7..], data);

    private static async Task<int> StatusAsync(Sandbox sandbox, string path, string token) =>
        (await RawHttp.SendAsync(sandbox, "GET", path, [new("Authorization", "Bearer " + token)], asAdmin: false)).Status;

    private static StartPhase PhaseOf(JsonElement entry)
    {
        string body = entry.GetProperty("body").GetString()!;
        string probe = entry.GetProperty("probe").GetString()!;
        return body.Contains("\"starting\"", StringComparison.Ordinal) ? StartPhase.Starting
            : body.Contains("\"apiserver not ready\"", StringComparison.Ordinal) ? StartPhase.WithoutApi
            : probe == "readyz as node" && body == "(body)" ? StartPhase.Ready
            : probe is "version as admin" or "secrets without credentials" ? StartPhase.WithoutCore
            : StartPhase.WithoutApi;
    }

    private static Task<RawAnswer> AskAsync(Sandbox sandbox, JsonElement entry)
    {
        string probe = entry.GetProperty("probe").GetString()!;
        string? credentials = probe switch
        {
            "readyz as node" => "node:" + Token,
            "readyz wrong password" => "node:wrong",
            "token as server" => "server:" + Token,
            _ => null,
        };
        KeyValuePair<string, string>[] headers = credentials is null
            ? []
            : [new("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)))];
        return RawHttp.SendAsync(sandbox, "GET", entry.GetProperty("path").GetString()!, headers, asAdmin: probe == "version as admin");
    }
}
