using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using K3sToken.Sandboxing;
using Xunit;

namespace K3sToken.Tests.Sandboxing;

/// <summary>The sandbox' token cleaner deletes what a real one deleted. All Secrets are there at once, as in the recording.</summary>
public class TokenCleanerTests
{
    private const string File = "secrets/tokencleaner.json";

    private static readonly DateTimeOffset RecordedAt = new(2026, 11, 21, 18, 58, 7, TimeSpan.Zero);
    private static readonly Lazy<Task<Dictionary<string, string>>> Outcome = new(RunAsync);

    public static IEnumerable<TheoryDataRow<string>> Cases =>
        Recorded.List(File, "cases").Select(one => new TheoryDataRow<string>(one.GetProperty("id").GetString()!));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_cleaner_deletes_what_it_deleted_when_it_was_recorded(string id)
    {
        JsonElement recorded = Recorded.List(File, "cases").Single(one => one.GetProperty("id").GetString() == id);
        string expected = !recorded.GetProperty("deletedByServer").GetBoolean() ? "stays"
            : recorded.GetProperty("secondsUntilGone").GetDouble() < 1 ? "gone at once"
            : "gone later";
        Assert.Equal(expected, (await Outcome.Value)[id]);
    }

    private static async Task<Dictionary<string, string>> RunAsync()
    {
        await using Sandbox sandbox = await Sandbox.StartAsync(new SandboxOptions { TokenCleaner = true });
        sandbox.Clock.Offset = RecordedAt - DateTimeOffset.UtcNow;
        List<JsonElement> cases = [.. Recorded.List(File, "cases")];
        foreach (JsonElement one in cases)
        {
            Create(sandbox, one);
        }

        await CleanedAsync(sandbox);
        HashSet<string> afterFirst = Names(sandbox);
        sandbox.Clock.Offset += TimeSpan.FromSeconds(9);
        await CleanedAsync(sandbox);
        HashSet<string> afterLast = Names(sandbox);
        return cases.ToDictionary(
            one => one.GetProperty("id").GetString()!,
            one => !afterFirst.Contains(Name(one)) ? "gone at once" : afterLast.Contains(Name(one)) ? "stays" : "gone later");
    }

    private static void Create(Sandbox sandbox, JsonElement one)
    {
        sandbox.Secrets.Put(new K3sToken.Sandboxing.Secrets.Secret
        {
            Name = Name(one),
            Namespace = "kube-system",
            Type = one.GetProperty("type").GetString()!,
            Data = one.GetProperty("expiration").GetString() is string expiration
                ? K3sToken.Sandboxing.Secrets.Secret.NoData.Add("expiration", [.. System.Text.Encoding.UTF8.GetBytes(expiration)])
                : K3sToken.Sandboxing.Secrets.Secret.NoData,
        });
    }

    /// <summary>Waits until the cleaner has been through all: it comes to what was there last.</summary>
    private static async Task CleanedAsync(Sandbox sandbox)
    {
        sandbox.Secrets.AddBootstrapToken("zzzzzz", "zzzzzzzzzzzzzzzz", new Dictionary<string, string?> { ["expiration"] = "long ago" });
        for (int i = 0; i < 1000 && sandbox.Secrets.Get("bootstrap-token-zzzzzz") is not null; i++)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.Null(sandbox.Secrets.Get("bootstrap-token-zzzzzz"));
    }

    private static HashSet<string> Names(Sandbox sandbox) => [.. sandbox.Secrets.All.Select(secret => secret.Name)];

    private static string Name(JsonElement one) => one.GetProperty("secretName").GetString()!;
}
