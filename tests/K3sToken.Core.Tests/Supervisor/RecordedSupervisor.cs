using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using K3sToken.Tests.Kubernetes;

namespace K3sToken.Tests.Supervisor;

/// <summary>The exchanges with a K3s supervisor, as they were recorded.</summary>
internal static class RecordedSupervisor
{
    /// <summary>Those of one file.</summary>
    public static IEnumerable<JsonElement> Exchanges(string name) => Recorded.List($"supervisor-auth/{name}.json", "exchanges");

    /// <summary>The answer of one exchange, byte for byte.</summary>
    public static Answer Replay(JsonElement exchange)
    {
        JsonElement response = exchange.GetProperty("response");
        byte[] body = response.TryGetProperty("bodyBase64", out JsonElement base64)
            ? base64.GetBytesFromBase64()
            : Encoding.UTF8.GetBytes(Text(response, "bodyText"));
        string head = $"HTTP/1.1 {response.GetProperty("status").GetInt32()} {Text(response, "reason")}\r\n"
            + string.Concat(Headers(response).Select(h => $"{h.Name}: {h.Value}\r\n"))
            + "\r\n";
        return new Answer([.. Encoding.UTF8.GetBytes(head), .. body], Header(response, "Connection") == "close" ? Then.Cut : Then.Keep);
    }

    public static string? Header(JsonElement message, string name) =>
        Headers(message).FirstOrDefault(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    public static string Text(JsonElement element, string property) => element.GetProperty(property).GetString()!;

    private static IEnumerable<(string Name, string Value)> Headers(JsonElement message) =>
        message.GetProperty("headers").EnumerateArray().Select(h => (h[0].GetString()!, h[1].GetString()!));
}
