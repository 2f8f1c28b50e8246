using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>A JSON merge patch, RFC 7386.</summary>
internal static class MergePatch
{
    public static JsonObject Apply(JsonNode? target, JsonObject patch)
    {
        JsonObject result = Sorted(target as JsonObject ?? []);
        foreach ((string key, JsonNode? value) in patch)
        {
            if (value is null)
            {
                result.Remove(key);
            }
            else
            {
                result[key] = value is JsonObject nested ? Apply(result[key], nested) : value.DeepClone();
            }
        }

        return Sorted(result);
    }

    /// <summary>A copy with its members in order: what a patch has touched is written that way.</summary>
    public static JsonObject Sorted(JsonObject json) =>
        new(json.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone())));
}
