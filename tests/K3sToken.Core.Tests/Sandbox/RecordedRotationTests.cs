using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Xunit;

namespace K3sToken.Tests.Sandboxing;

/// <summary>
/// The sandbox' servers rotate, start and refuse to start as a real one did. Each file is replayed once, in its order; each step is a
/// result of its own.
/// </summary>
public class RecordedRotationTests
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlyDictionary<int, string?>>>> Replays = new();

    public static IEnumerable<TheoryDataRow<string, int, string>> AllSteps =>
        from path in Directory.EnumerateFiles(Recorded.PathOf("rotation"), "*.json").Order(StringComparer.Ordinal)
        let file = "rotation/" + Path.GetFileName(path)
        from step in Steps(file)
        select new TheoryDataRow<string, int, string>(file, Number(step), What(step));

    [Theory]
    [MemberData(nameof(AllSteps))]
    public async Task It_goes_as_it_went_when_it_was_recorded(string file, int step, string what)
    {
        IReadOnlyDictionary<int, string?> results = await Replays.GetOrAdd(file, name => new(() => ReplayAsync(name))).Value;
        if (results[step] is string difference)
        {
            Assert.Fail($"{what}: {difference}");
        }
    }

    private static async Task<IReadOnlyDictionary<int, string?>> ReplayAsync(string file)
    {
        List<JsonElement> steps = [.. Steps(file)];
        await using RotationReplay replay = new();
        if (steps[0].GetProperty("kind").GetString() != "start")
        {
            await replay.BeginAsync(FirstPassword(steps), BootstrapToken(steps));
        }

        Dictionary<int, string?> results = [];
        foreach (JsonElement step in steps)
        {
            results[Number(step)] = await replay.TryAsync(step);
        }

        return results;
    }

    private static string FirstPassword(IEnumerable<JsonElement> steps)
    {
        JsonElement request = steps.First(step => step.TryGetProperty("exchange", out _)).GetProperty("exchange").GetProperty("request");
        string header = request.GetProperty("headers").EnumerateArray()
            .First(pair => pair[0].GetString() == "Authorization")[1].GetString()!;
        return Encoding.UTF8.GetString(Convert.FromBase64String(header["Basic ".Length..]))["server:".Length..];
    }

    private static string? BootstrapToken(IEnumerable<JsonElement> steps) => steps
        .Where(step => step.GetProperty("kind").GetString() == "probe")
        .Select(step => step.GetProperty("credential").GetString()!)
        .FirstOrDefault(credential => credential.StartsWith("Bearer ", StringComparison.Ordinal))?["Bearer ".Length..];

    private static IEnumerable<JsonElement> Steps(string file) => Recorded.List(file, "steps");

    private static int Number(JsonElement step) => step.GetProperty("step").GetInt32();

    private static string What(JsonElement step) =>
        string.Create(CultureInfo.InvariantCulture, $"{step.GetProperty("kind").GetString()}, {step.GetProperty("note").GetString()}");
}
