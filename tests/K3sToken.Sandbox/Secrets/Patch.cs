using System;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using K3sToken.Sandboxing.Http;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>A patch in one of the three forms that the API server knows.</summary>
internal sealed class Patch
{
    private readonly Func<JsonNode, JsonNode?> _apply;
    private readonly Func<string, string> _shown;

    private Patch(Func<JsonNode, JsonNode?> apply, Func<string, string> shown) => (_apply, _shown) = (apply, shown);

    /// <exception cref="StatusException">415: no form that is known; 400: it cannot be read.</exception>
    public static Patch Of(string mediaType, byte[] body)
    {
        switch (mediaType)
        {
            case "application/merge-patch+json":
                JsonObject merge = Read(body, "error decoding patch: ");
                return new Patch(document => MergePatch.Apply(document, merge), static result => result);
            case "application/strategic-merge-patch+json":
                JsonObject strategic = Read(body, "");
                return new Patch(document => StrategicMergePatch.Apply(document, strategic), _ => GoText.Print(strategic));
            case "application/json-patch+json":
                return new Patch(JsonPatch.Read(body), static result => result);
            default:
                throw new StatusException(Status.UnsupportedMediaType("415: Unsupported Media Type") with { Details = new() });
        }
    }

    /// <summary>The error for a patch that leaves no Secret, or not one that a strict reading allows.</summary>
    /// <param name="shown">What the message shows of it.</param>
    /// <param name="why">What is wrong.</param>
    public static StatusException Unusable(string shown, string why) =>
        new(Status.Invalid("", "", "", [FieldError.Invalid("patch", shown, why)]));

    /// <summary>What the Secret says after the patch, and what messages show of it.</summary>
    /// <exception cref="StatusException">422: the patch does not fit, or leaves no Secret.</exception>
    public (DecodedSecret Secret, string Shown) Apply(Secret before)
    {
        JsonNode document = JsonNode.Parse(SecretJson.Whole(Encoding.UTF8.GetBytes(before.ToItemJson())))!;
        string json = _apply(document)?.ToJsonString() ?? "null";
        using JsonDocument patched = JsonDocument.Parse(json);
        string shown = _shown(GoJson.Write(patched.RootElement));
        try
        {
            RequestBody.CheckKind(
                RequestBody.Text(patched.RootElement, "kind", "Secret"),
                RequestBody.Text(patched.RootElement, "apiVersion", "v1"));
            return (SecretDecoder.Decode(patched.RootElement), shown);
        }
        catch (FormatException exception)
        {
            throw Unusable(shown, exception.Message);
        }
    }

    private static JsonObject Read(byte[] body, string prefix)
    {
        if (GoJsonSyntax.Error(body) is string error)
        {
            throw new StatusException(Status.BadRequest(prefix + error));
        }

        using JsonDocument document = JsonDocument.Parse(body);
        string kind = RequestBody.KindOf(document.RootElement);
        return document.RootElement.ValueKind switch
        {
            JsonValueKind.Object => JsonNode.Parse(body)!.AsObject(),
            JsonValueKind.Null => throw new StatusException(Status.BadRequest("Invalid JSON Patch")),
            _ => throw new StatusException(Status.BadRequest(
                $"{prefix}json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}")),
        };
    }
}
