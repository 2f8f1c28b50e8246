using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using K3sToken.Sandboxing;
using Xunit;

namespace K3sToken.Tests.Sandboxing;

/// <summary>Asks the sandbox what a real server was asked, in the same order, and compares the answers.</summary>
internal sealed partial class Replay(Sandbox sandbox)
{
    private const string Secrets = "/api/v1/namespaces/kube-system/secrets";

    private static readonly string[] Uuids = ["Audit-Id", "X-Kubernetes-Pf-Flowschema-Uid", "X-Kubernetes-Pf-Prioritylevel-Uid"];

    private readonly ChangingValues _values = new();

    /// <summary>What is wrong with our answer to a recorded exchange's request, or null where nothing is.</summary>
    public async Task<string?> TryAsync(JsonElement exchange)
    {
        try
        {
            return await OneAsync(exchange);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return exception.ToString();
        }
    }

    /// <summary>Creates Secrets that were there before the recording began, in the order of their versions.</summary>
    public async Task CreateAsync(IEnumerable<JsonElement> secrets)
    {
        foreach (JsonElement secret in secrets.OrderBy(secret => Version(secret)))
        {
            await PostAsync(secret);
        }

        static long Version(JsonElement secret) =>
            long.Parse(secret.GetProperty("metadata").GetProperty("resourceVersion").GetString()!, CultureInfo.InvariantCulture);
    }

    private async Task<string?> OneAsync(JsonElement exchange)
    {
        JsonElement request = exchange.GetProperty("request");
        JsonElement response = exchange.GetProperty("response");
        if (response.GetProperty("httpVersion").GetString() == "HTTP/2")
        {
            return Differences(response, await Http2.GetAsync(sandbox, request.GetProperty("path").GetString()!));
        }

        List<KeyValuePair<string, string>> headers = Headers(request);
        bool asAdmin = request.GetProperty("authorization").GetString()!.StartsWith("client certificate", StringComparison.Ordinal);
        Func<Task>? meanwhile = response.TryGetProperty("stream", out JsonElement stream) ? () => MakeHappenAsync(stream) : null;
        RawAnswer answer = await RawHttp.SendAsync(
            sandbox,
            sandbox.Url,
            request.GetProperty("method").GetString()!,
            _values.ToOurs(request.GetProperty("path").GetString()!),
            headers.Where(header => header.Key is not ("Host" or "Content-Length")),
            Body(exchange, headers),
            asAdmin,
            meanwhile);
        return Differences(response, answer);
    }

    /// <summary>What is wrong with an answer, or null.</summary>
    public string? Differences(JsonElement response, RawAnswer answer)
    {
        string status = $"{answer.Status} {answer.Reason}".TrimEnd();
        string expected = $"{response.GetProperty("status")} {Reason(response)}".TrimEnd();
        if (status != expected)
        {
            return $"The status is {status}, not {expected}: {answer.Text}";
        }

        return HeaderDifferences(response, answer) ?? BodyDifferences(response, answer);
    }

    private string? HeaderDifferences(JsonElement response, RawAnswer answer)
    {
        List<KeyValuePair<string, string>> recorded = Headers(response);
        string expected = Names(recorded);
        string actual = Names(answer.Headers);
        if (expected != actual)
        {
            return $"The headers are {actual}, not {expected}.";
        }

        foreach ((string name, string value) in recorded)
        {
            string ours = answer.Header(name)!;
            bool good = name switch
            {
                "Date" or "date" or "Last-Modified" => IsDate(ours),
                "Content-Length" or "content-length" when answer.Body.Length > 0 => Is(ours, answer.Body.Length),
                "Content-Length" => ours == value || Is(ours, sandbox.CABundle.Count),
                _ when Uuids.Contains(name) => Guid.TryParseExact(ours, "D", out _),
                _ => ours == value,
            };
            if (!good)
            {
                return $"The header {name} is {ours}, not {value}.";
            }
        }

        return null;

        static bool IsDate(string text) =>
            DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

        static bool Is(string length, int expected) => length == expected.ToString(CultureInfo.InvariantCulture);

        static string Names(IEnumerable<KeyValuePair<string, string>> headers) =>
            string.Join(", ", headers.Select(header => header.Key).Order(StringComparer.Ordinal));
    }

    private string? BodyDifferences(JsonElement response, RawAnswer answer)
    {
        string expected = response.TryGetProperty("stream", out JsonElement stream)
            ? string.Concat(stream.EnumerateArray().Select(line => line.GetProperty("lineText").GetString()))
            : TextOf(response);
        if (expected.StartsWith("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal))
        {
            return PemDifferences(expected, answer);
        }

        if (response.TryGetProperty("bodyBase64", out JsonElement bytes))
        {
            string own = Convert.ToBase64String(answer.Body);
            return own == bytes.GetString() ? null : $"The body is {own}, not {bytes}";
        }

        expected = WithoutCluster(expected);
        string actual = _values.ToRecorded(expected, WithoutCluster(answer.Text));
        return actual == expected ? null : $"The body is\n{actual}\nnot\n{expected}";
    }

    /// <summary>Another cluster, other certificates: they must be for the same, and the bundle must be it byte for byte.</summary>
    private string? PemDifferences(string recorded, RawAnswer answer)
    {
        string expected = recorded.Replace("(private key left out)", "-----BEGIN EC PRIVATE KEY-----", StringComparison.Ordinal);
        bool isBundle = Subject(expected).Contains("-ca", StringComparison.Ordinal);
        if (isBundle && !Subject(expected).Contains("client", StringComparison.Ordinal))
        {
            return answer.Body.AsSpan().SequenceEqual([.. sandbox.CABundle]) ? null : $"The body is not the bundle: {answer.Text}";
        }

        bool alike = Labels(expected) == Labels(answer.Text) && Subject(expected) == Subject(answer.Text);
        return alike ? null : $"The body is\n{answer.Text}\nand not such as\n{expected}";

        static string Labels(string pem) => string.Join(", ", PemLabel().Matches(pem).Select(label => label.Value));

        static string Subject(string pem)
        {
            using X509Certificate2 certificate = X509Certificate2.CreateFromPem(pem);
            return SinceWhen().Replace(certificate.Subject, "");
        }
    }

    /// <summary>Without what <c>/v1-k3s/config</c> says of the machine, and without the random numbers of errors.</summary>
    private static string WithoutCluster(string body) => OfCluster().Replace(body, "$1$4");

    private byte[]? Body(JsonElement exchange, List<KeyValuePair<string, string>> headers)
    {
        if (exchange.GetProperty("request").TryGetProperty("bodyBase64", out JsonElement bytes))
        {
            return bytes.GetBytesFromBase64();
        }

        string body = TextOf(exchange.GetProperty("request"));
        if (body.EndsWith("left out)", StringComparison.Ordinal))
        {
            body = TooBig(exchange);
        }

        return headers.Exists(header => header.Key == "Content-Length") ? Encoding.UTF8.GetBytes(WithOurTime(_values.ToOurs(body))) : null;
    }

    /// <summary>A whole object that is sent back says when it was created: here at another time.</summary>
    private string WithOurTime(string body)
    {
        if (!body.Contains("creationTimestamp", StringComparison.Ordinal))
        {
            return body;
        }

        JsonNode secret = JsonNode.Parse(body)!;
        JsonNode metadata = secret["metadata"]!;
        DateTimeOffset created = sandbox.Secrets.Get(metadata["name"]!.ToString())!.Created;
        metadata["creationTimestamp"] = created.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return secret.ToJsonString();
    }

    private static string TooBig(JsonElement exchange)
    {
        using JsonDocument answer = JsonDocument.Parse(exchange.GetProperty("response").GetProperty("bodyText").GetString()!);
        JsonObject secret = new()
        {
            ["metadata"] = new JsonObject { ["name"] = answer.RootElement.GetProperty("details").GetProperty("name").GetString() },
            ["type"] = "bootstrap.kubernetes.io/token",
            ["data"] = new JsonObject { ["big"] = Convert.ToBase64String(new byte[1_100_000]) },
        };
        return secret.ToJsonString();
    }

    /// <summary>Makes the changes of which a recorded watch told, and one of which it did not.</summary>
    private async Task MakeHappenAsync(JsonElement stream)
    {
        List<JsonElement> events =
            [.. stream.EnumerateArray().Select(line => JsonElement.Parse(line.GetProperty("lineText").GetString()!))];
        if (!events.Exists(one => one.GetProperty("type").GetString() == "DELETED"))
        {
            return;
        }

        foreach (JsonElement one in events)
        {
            JsonElement secret = one.GetProperty("object");
            switch (one.GetProperty("type").GetString())
            {
                case "ADDED":
                    await PostAsync(secret);
                    break;
                case "MODIFIED":
                    JsonObject patch = new() { ["data"] = JsonNode.Parse(secret.GetProperty("data").GetRawText()) };
                    KeyValuePair<string, string> type = new("Content-Type", "application/merge-patch+json");
                    await RawHttp.SendAsync(sandbox, "PATCH", $"{Secrets}/{Name(secret)}", [type], patch.ToJsonString());
                    break;
                case "DELETED":
                    await RawHttp.SendAsync(sandbox, "DELETE", $"{Secrets}/{Name(secret)}");
                    break;
            }
        }

        await RawHttp.SendAsync(sandbox, "POST", Secrets, body: """{"metadata":{"name":"opaque"},"type":"Opaque"}""");
        await RawHttp.SendAsync(sandbox, "DELETE", Secrets + "/opaque");
    }

    private async Task PostAsync(JsonElement secret)
    {
        JsonObject body = new()
        {
            ["metadata"] = new JsonObject { ["name"] = Name(secret) },
            ["type"] = secret.GetProperty("type").GetString(),
            ["data"] = JsonNode.Parse(secret.GetProperty("data").GetRawText()),
        };
        RawAnswer answer = await RawHttp.SendAsync(sandbox, "POST", Secrets, body: body.ToJsonString());
        Assert.Equal(201, answer.Status);
    }

    private static string Name(JsonElement secret) => secret.GetProperty("metadata").GetProperty("name").GetString()!;

    private static string Reason(JsonElement response) => TextOf(response, "reason");

    private static string TextOf(JsonElement message, string name = "bodyText") =>
        message.TryGetProperty(name, out JsonElement text) ? text.GetString()! : "";

    private static List<KeyValuePair<string, string>> Headers(JsonElement message) =>
    [
        .. message.GetProperty("headers").EnumerateArray()
            .Select(pair => new KeyValuePair<string, string>(pair[0].GetString()!, pair[1].GetString()!)),
    ];

    [GeneratedRegex("-----BEGIN [A-Z ]+-----")]
    private static partial Regex PemLabel();

    [GeneratedRegex("@[0-9]+")]
    private static partial Regex SinceWhen();

    [GeneratedRegex(
        "(\"(AdvertisePort|HTTPSPort|SupervisorPort|APIServerPort|IPSECPSK|DataDir|ExtraControllerArgs)\":)"
        + "([0-9]+|\"[^\"]*\"|\\[[^]]*\\])|( error ID )[0-9]{5}")]
    private static partial Regex OfCluster();
}
