using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using K3sToken.Sandboxing;

namespace K3sToken.Tests.Sandboxing;

/// <summary>The bootstrap tokens that were there when a file was recorded: what is wrong with each stands in its exchanges' ids.</summary>
internal static partial class RecordedBootstrapTokens
{
    private static readonly Dictionary<string, Dictionary<string, string?>> Faults = new()
    {
        ["bearer-bootstrap-expired"] = new() { ["expiration"] = "2020-01-01T00:00:00Z" },
        ["bearer-not-yet-expired"] = new() { ["expiration"] = "2059-01-01T00:00:00Z" },
        ["bearer-bad-expiration"] = new() { ["expiration"] = "tomorrow" },
        ["bearer-usage-false"] = new() { ["usage-bootstrap-authentication"] = "false" },
        ["bearer-usage-missing"] = new() { ["usage-bootstrap-authentication"] = null },
        ["bearer-usage-1"] = new() { ["usage-bootstrap-authentication"] = "1" },
        ["bearer-groups-none"] = new() { ["auth-extra-groups"] = null },
        ["bearer-groups-other"] = new() { ["auth-extra-groups"] = "system:bootstrappers:other" },
        ["bearer-groups-invalid"] = new() { ["auth-extra-groups"] = "system:masters" },
        ["bearer-id-mismatch"] = new() { ["token-id"] = "zzzzzz" },
        ["bearer-no-secret"] = new() { ["token-secret"] = null },
        ["bearer-bootstrap"] = [],
    };

    public static void Add(Sandbox sandbox, string token, IEnumerable<JsonElement> exchanges)
    {
        Put(sandbox, token, []);
        foreach (JsonElement exchange in exchanges)
        {
            string kind = exchange.GetProperty("id").GetString()!.Split('/')[1];
            string authorization = exchange.GetProperty("request").GetProperty("headers").EnumerateArray()
                .FirstOrDefault(header => header[0].GetString() == "Authorization") is { ValueKind: JsonValueKind.Array } header
                    ? header[1].GetString()!
                    : "";
            if (Faults.TryGetValue(kind, out var faults) && BearerToken().Match(authorization) is { Success: true } match)
            {
                Put(sandbox, match.Value, faults);
            }
        }
    }

    private static void Put(Sandbox sandbox, string token, Dictionary<string, string?> faults)
    {
        string[] parts = token.Split('.');
        sandbox.Secrets.AddBootstrapToken(parts[0], parts[1], faults);
    }

    [GeneratedRegex(@"[a-z0-9]{6}\.[a-z0-9]{16}")]
    private static partial Regex BearerToken();
}
