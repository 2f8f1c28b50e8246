using System;
using System.Globalization;
using System.Text.Json;
using K3sToken.Sandboxing.Http;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>Where a listing goes on: the key to start from, in the state of a revision; -1 for the state of now.</summary>
internal sealed record ContinueToken(long Revision, string Start)
{
    private const string Version = "meta.k8s.io/v1";

    public static ContinueToken After(long revision, string key) => new(revision, key + "\0");

    /// <exception cref="StatusException">400, in the words of the API server.</exception>
    public static ContinueToken Parse(string text)
    {
        byte[] json;
        try
        {
            json = GoBase64.DecodeUrl(text);
        }
        catch (FormatException exception)
        {
            throw Invalid(": " + exception.Message);
        }

        if (GoJsonSyntax.Error(json) is string error)
        {
            throw Invalid(": " + error);
        }

        using JsonDocument document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            string kind = RequestBody.KindOf(document.RootElement);
            throw Invalid($": json: cannot unmarshal {kind} into Go value of type storage.continueToken");
        }

        return Read(document.RootElement);
    }

    public override string ToString() =>
        GoBase64.EncodeUrl(
            string.Create(CultureInfo.InvariantCulture, $"{{\"v\":\"{Version}\",\"rv\":{Revision},\"start\":{GoJson.Quote(Start)}}}"));

    private static ContinueToken Read(JsonElement json)
    {
        string version = Member("v", JsonValueKind.String)?.GetString() ?? "";
        if (version != Version)
        {
            throw Invalid($": server does not recognize this encoded version {version}");
        }

        long revision = Member("rv", JsonValueKind.Number)?.GetInt64() ?? 0;
        if (revision == 0)
        {
            throw Invalid($": incorrect encoded start resourceVersion (version {Version})");
        }

        string start = Member("start", JsonValueKind.String)?.GetString() ?? "";
        if (start.Length == 0)
        {
            throw Invalid($": encoded start key empty (version {Version})");
        }

        // A key that climbs out of its collection is refused.
        string key = start.StartsWith('/') ? start : "/" + start;
        return key == GoPath.Clean(key) ? new ContinueToken(revision, key) : throw Invalid(": " + start);

        JsonElement? Member(string name, JsonValueKind kind)
        {
            if (!json.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
            {
                return null;
            }

            string type = kind == JsonValueKind.Number ? "int64" : "string";
            string found = RequestBody.KindOf(value);
            return value.ValueKind == kind
                ? value
                : throw Invalid($": json: cannot unmarshal {found} into Go struct field continueToken.{name} of type {type}");
        }
    }

    private static StatusException Invalid(string why) =>
        new(Status.BadRequest($"invalid continue token: continue key is not valid{why}"));
}
