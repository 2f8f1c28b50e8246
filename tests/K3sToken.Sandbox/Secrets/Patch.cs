using System;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using K3sToken.Sandboxing.Http;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>A patch in one of the three forms that the API server knows.</summary>
internal sealed class Patch
{
    private readonly Func<JsonNode, JsonNode?> _apply;

    private Patch(Func<JsonNode, JsonNode?> apply) => _apply = apply;

    /// <exception cref="StatusException">415: no form that is known; 400: it cannot be read.</exception>
    public static Patch Of(string mediaType, byte[] body) => mediaType switch
    {
        "application/merge-patch+json" => new Patch(Merge(body, strategic: false)),
        "application/strategic-merge-patch+json" => new Patch(Merge(body, strategic: true)),
        "application/json-patch+json" => new Patch(JsonPatch.Read(body)),
        _ => throw new StatusException(Status.UnsupportedMediaType("415: Unsupported Media Type") with { Details = new() }),
    };

    public static StatusException Unusable(string json, string why) =>
        new(Status.Invalid("", "", "", [FieldError.Invalid("patch", json, why)]));

    /// <summary>What the Secret says after the patch, and its JSON.</summary>
    /// <exception cref="StatusException">422: the patch does not fit, or leaves no Secret.</exception>
    public (DecodedSecret Secret, string Json) Apply(Secret before)
    {
        JsonNode document = JsonNode.Parse(SecretJson.Whole(Encoding.UTF8.GetBytes(before.ToItemJson())))!;
        string json = _apply(document)?.ToJsonString() ?? "null";
        using JsonDocument patched = JsonDocument.Parse(json);
        try
        {
            return (SecretDecoder.Decode(patched.RootElement), json);
        }
        catch (FormatException exception)
        {
            throw Unusable(json, exception.Message);
        }
    }

    private static Func<JsonNode, JsonNode?> Merge(byte[] body, bool strategic)
    {
        if (GoJsonSyntax.Error(body) is string error)
        {
            throw new StatusException(Status.BadRequest("error decoding patch: " + error));
        }

        JsonNode? patch = JsonNode.Parse(body);
        if (patch is not JsonObject changes)
        {
            throw new StatusException(Status.BadRequest("error decoding patch: json: cannot unmarshal "
                + $"{(patch is JsonArray ? "array" : patch is null ? "null" : "value")} into Go value of type map[string]interface {{}}"));
        }

        return document => Merged(document, changes, strategic);
    }

    private static JsonObject Merged(JsonNode? target, JsonObject patch, bool strategic)
    {
        JsonObject result = target is JsonObject existing ? existing.DeepClone().AsObject() : [];
        if (strategic && patch.TryGetPropertyValue("$patch", out JsonNode? directive))
        {
            return directive?.ToString() == "replace" ? Without(patch) : [];
        }

        foreach ((string key, JsonNode? value) in patch)
        {
            if (value is null)
            {
                result.Remove(key);
            }
            else
            {
                result[key] = value switch
                {
                    JsonObject nested => Merged(result[key], nested, strategic),
                    JsonArray items when strategic && key == "finalizers" => Union(result[key] as JsonArray, items),
                    JsonArray items when strategic && key == "ownerReferences" => MergedByUid(result[key] as JsonArray, items),
                    _ => value.DeepClone(),
                };
            }
        }

        return result;
    }

    private static JsonObject Without(JsonObject patch)
    {
        JsonObject result = patch.DeepClone().AsObject();
        result.Remove("$patch");
        return result;
    }

    private static JsonArray Union(JsonArray? existing, JsonArray added) =>
        [.. (existing ?? []).Concat(added).Select(item => item!.ToString()).Distinct().Select(text => (JsonNode?)JsonValue.Create(text))];

    private static JsonArray MergedByUid(JsonArray? existing, JsonArray added)
    {
        JsonArray result = existing?.DeepClone().AsArray() ?? [];
        foreach (JsonObject item in added.OfType<JsonObject>())
        {
            JsonNode? same = result.FirstOrDefault(other => other?["uid"]?.ToString() == item["uid"]?.ToString());
            JsonObject merged = Merged(same, item, strategic: true);
            if (same is not null)
            {
                result.Remove(same);
            }

            if (item["$patch"]?.ToString() != "delete")
            {
                result.Add(merged);
            }
        }

        return result;
    }
}
