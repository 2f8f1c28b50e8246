using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>A strategic merge patch: a merge patch that knows how lists are merged, and has directives.</summary>
internal static class StrategicMergePatch
{
    private const string Directive = "$patch";
    private const string DeleteFromList = "$deleteFromPrimitiveList/";

    public static JsonObject Apply(JsonNode? target, JsonObject patch)
    {
        switch (patch[Directive]?.ToString())
        {
            case "replace":
                return new JsonObject(patch.Where(pair => pair.Key != Directive).Select(Copy));
            case "delete":
                return [];
        }

        JsonObject result = target is JsonObject existing ? new JsonObject(existing.Select(Copy)) : [];
        foreach ((string key, JsonNode? value) in patch)
        {
            if (key.StartsWith(DeleteFromList, StringComparison.Ordinal))
            {
                string list = key[DeleteFromList.Length..];
                result[list] = Texts(Strings(result[list]).Except(Strings(value)));
            }
            else if (value is null)
            {
                result.Remove(key);
            }
            else if (!key.StartsWith('$'))
            {
                result[key] = Merged(key, result[key], value);
            }
        }

        return result;
    }

    private static JsonNode Merged(string key, JsonNode? target, JsonNode value) => value switch
    {
        JsonObject nested => Apply(target, nested),
        JsonArray items when key == "finalizers" => Texts(Strings(items).Concat(Strings(target)).Distinct()),
        JsonArray items when key == "ownerReferences" => MergedByUid(target as JsonArray ?? [], items),
        _ => value.DeepClone(),
    };

    private static JsonArray MergedByUid(JsonArray existing, JsonArray changes)
    {
        List<JsonNode?> result = [.. existing.Select(item => item?.DeepClone())];
        foreach (JsonObject change in changes.OfType<JsonObject>())
        {
            int same = result.FindIndex(item => item?["uid"]?.ToString() == change["uid"]?.ToString());
            if (change[Directive]?.ToString() == "delete")
            {
                result.RemoveRange(Math.Max(same, 0), same < 0 ? 0 : 1);
            }
            else if (same < 0)
            {
                result.Add(change.DeepClone());
            }
            else
            {
                result[same] = Apply(result[same], change);
            }
        }

        return [.. result];
    }

    private static KeyValuePair<string, JsonNode?> Copy(KeyValuePair<string, JsonNode?> pair) => new(pair.Key, pair.Value?.DeepClone());

    private static IEnumerable<string> Strings(JsonNode? list) => (list as JsonArray ?? []).Select(item => item?.ToString() ?? "");

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode?)JsonValue.Create(text))];
}
