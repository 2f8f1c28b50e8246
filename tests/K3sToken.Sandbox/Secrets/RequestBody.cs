using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using K3sToken.Sandboxing.Http;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>Reads the body of a request, and turns it into a Secret.</summary>
internal static class RequestBody
{
    private const int Longest = 3 * 1024 * 1024;

    private const string GoHead =
        "struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }";

    private static readonly string[] OtherKinds =
    [
        "v1/ConfigMap", "v1/Endpoints", "v1/Event", "v1/Namespace", "v1/Node", "v1/Pod", "v1/Service", "v1/ServiceAccount",
        "apps/v1/DaemonSet", "apps/v1/Deployment", "apps/v1/StatefulSet",
    ];

    /// <exception cref="StatusException">413: it is longer than the API server reads.</exception>
    public static async Task<byte[]> ReadAsync(HttpRequest request)
    {
        using MemoryStream body = new();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        return body.Length <= Longest
            ? body.ToArray()
            : throw new StatusException(new Status(
                StatusCodes.Status413PayloadTooLarge,
                "RequestEntityTooLarge",
                $"Request entity too large: limit is {SecretJson.Text(Longest)}"));
    }

    /// <exception cref="StatusException">415: the body is in a format that is not read.</exception>
    public static void CheckMediaType(HttpRequest request)
    {
        string type = MediaType(request);
        if (type is not ("" or "*/*" or "application/json"))
        {
            throw new StatusException(Status.UnsupportedMediaType(
                "the body of the request was in an unknown format - accepted media types include: "
                + "application/json, application/yaml, application/vnd.kubernetes.protobuf"));
        }
    }

    public static string MediaType(HttpRequest request) => (request.ContentType ?? "").Split(';')[0].Trim();

    /// <summary>The Secret in a body.</summary>
    /// <exception cref="StatusException">400: there is none in it.</exception>
    public static DecodedSecret Secret(byte[] body)
    {
        CheckHead(body, "Secret");
        using JsonDocument document = JsonDocument.Parse(body);
        string kind = Text(document.RootElement, "kind", "Secret");
        string apiVersion = Text(document.RootElement, "apiVersion", "v1");
        try
        {
            CheckKind(kind, apiVersion);
            return SecretDecoder.Decode(document.RootElement);
        }
        catch (FormatException exception)
        {
            throw Unreadable(kind, apiVersion, exception.Message);
        }
    }

    /// <exception cref="StatusException">400: not even kind and apiVersion can be read.</exception>
    public static void CheckHead(byte[] body, string kind)
    {
        if (HeadError(body) is string error)
        {
            throw new StatusException(Status.BadRequest(
                $"the object provided is unrecognized (must be of type {kind}): {error} ({Summary(body)})"));
        }
    }

    public static StatusException Unreadable(string kind, string apiVersion, string why) =>
        new(Status.BadRequest($"{kind} in version {GoText.Quote(apiVersion.Split('/')[^1])} cannot be handled as a Secret: {why}"));

    /// <summary>Why kind and apiVersion cannot be read from a body; null where they can.</summary>
    public static string? HeadError(byte[] body)
    {
        const string Prefix = "couldn't get version/kind; json parse error: ";
        if (GoJsonSyntax.Error(body) is string syntax)
        {
            return Prefix + syntax;
        }

        using JsonDocument document = JsonDocument.Parse(body);
        JsonElement root = document.RootElement;
        if (root.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null))
        {
            return $"{Prefix}json: cannot unmarshal {KindOf(root)} into Go value of type {GoHead}";
        }

        if (Text(root, "apiVersion", "").Count(character => character == '/') > 1)
        {
            return "unexpected GroupVersion string: " + Text(root, "apiVersion", "");
        }

        foreach (string member in root.ValueKind == JsonValueKind.Object ? new[] { "apiVersion", "kind" } : [])
        {
            if (root.TryGetProperty(member, out JsonElement value) && value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
            {
                return $"{Prefix}json: cannot unmarshal {KindOf(value)} into Go struct field .{member} of type string";
            }
        }

        return null;
    }

    /// <exception cref="FormatException">It is no Secret.</exception>
    public static void CheckKind(string kind, string apiVersion)
    {
        if (kind == "Secret" && apiVersion == "v1")
        {
            return;
        }

        string version = apiVersion.Split('/')[^1];
        throw new FormatException(OtherKinds.Contains($"{apiVersion}/{kind}")
            ? $"converting ({version}.{kind}) to (core.Secret): unknown conversion"
            : $"no kind {GoText.Quote(kind)} is registered for version {GoText.Quote(apiVersion)} in scheme "
                + "\"pkg/api/legacyscheme/scheme.go:30\"");
    }

    public static string Text(JsonElement json, string name, string otherwise) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value)
        && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text
            : otherwise;

    public static string KindOf(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        _ => "bool",
    };

    /// <summary>The beginning of a body, as the API server shows it.</summary>
    private static string Summary(byte[] body)
    {
        const int Most = 30;
        if (body.Length == 0)
        {
            return "<empty>";
        }

        byte[] shown = body[..Math.Min(Most, body.Length)];
        string text = body[0] == '{' ? Encoding.UTF8.GetString(shown) : Convert.ToHexStringLower(shown);
        return body.Length > Most ? text + " ..." : text;
    }
}
