using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using K3sToken.Sandboxing.Http;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>A JSON patch, RFC 6902.</summary>
internal static class JsonPatch
{
    private const int MostOperations = 10_000;

    /// <summary>Reads a patch; what it gives applies it.</summary>
    /// <exception cref="StatusException">400: it cannot be read. Applying it throws 422 where it does not fit.</exception>
    public static Func<JsonNode, JsonNode?> Read(byte[] body)
    {
        if (GoJsonSyntax.Error(body) is string error)
        {
            throw new StatusException(Status.BadRequest(error));
        }

        using JsonDocument document = JsonDocument.Parse(body);
        Expect(document.RootElement, JsonValueKind.Array, "jsonpatch.Patch");
        foreach (JsonElement operation in document.RootElement.EnumerateArray())
        {
            Expect(operation, JsonValueKind.Object, "jsonpatch.Operation");
        }

        JsonArray operations = JsonNode.Parse(body)!.AsArray();

        if (operations.Count > MostOperations)
        {
            throw new StatusException(new Status(413, "RequestEntityTooLarge", string.Create(
                CultureInfo.InvariantCulture,
                $"The allowed maximum operations in a JSON patch is {MostOperations}, got {operations.Count}")));
        }

        return target => operations.Cast<JsonObject>().Aggregate(target, Apply);
    }

    private static void Expect(JsonElement json, JsonValueKind kind, string type)
    {
        if (json.ValueKind != kind)
        {
            throw new StatusException(Status.BadRequest($"json: cannot unmarshal {RequestBody.KindOf(json)} into Go value of type {type}"));
        }
    }

    private static JsonNode Apply(JsonNode document, JsonObject operation)
    {
        string[] path = Path(operation, "path");
        switch (operation["op"]?.ToString())
        {
            case "add":
                return Add(document, path, operation["value"]?.DeepClone());
            case "remove":
                return Remove(document, path);
            case "replace":
                _ = Find(document, path);
                return Add(Remove(document, path), path, operation["value"]?.DeepClone());
            case "move":
                JsonNode? moved = Find(document, Path(operation, "from"))?.DeepClone();
                return Add(Remove(document, Path(operation, "from")), path, moved);
            case "copy":
                return Add(document, path, Find(document, Path(operation, "from"))?.DeepClone());
            case "test":
                return JsonNode.DeepEquals(Find(document, path), operation["value"]) ? document : throw DoesNotFit();
            default:
                throw DoesNotFit();
        }
    }

    private static JsonNode Add(JsonNode document, string[] path, JsonNode? value)
    {
        if (path.Length == 0)
        {
            return value ?? throw DoesNotFit();
        }

        switch (Find(document, path[..^1]))
        {
            case JsonObject parent:
                parent[path[^1]] = value;
                break;
            case JsonArray items when path[^1] == "-":
                items.Add(value);
                break;
            case JsonArray items when Index(path[^1]) is int index && index <= items.Count:
                items.Insert(index, value);
                break;
            default:
                throw DoesNotFit();
        }

        return document;
    }

    private static JsonNode Remove(JsonNode document, string[] path)
    {
        bool removed = path.Length > 0 && Find(document, path[..^1]) switch
        {
            JsonObject parent => parent.Remove(path[^1]),
            JsonArray items when Index(path[^1]) is int index && index < items.Count => RemoveAt(items, index),
            _ => false,
        };
        return removed ? document : throw DoesNotFit();
    }

    private static bool RemoveAt(JsonArray items, int index)
    {
        items.RemoveAt(index);
        return true;
    }

    private static JsonNode? Find(JsonNode? node, IEnumerable<string> path)
    {
        Sort(node);
        foreach (string part in path)
        {
            node = node switch
            {
                JsonObject parent when parent.TryGetPropertyValue(part, out JsonNode? value) => value,
                JsonArray items when Index(part) is int index && index < items.Count => items[index],
                _ => throw DoesNotFit(),
            };
            Sort(node);
        }

        return node;
    }

    /// <summary>What a patch looks into is written with its members in order.</summary>
    private static void Sort(JsonNode? node)
    {
        if (node is JsonObject json)
        {
            foreach ((string key, JsonNode? value) in json.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToList())
            {
                json.Remove(key);
                json.Add(key, value);
            }
        }
    }

    private static int? Index(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : null;

    private static string[] Path(JsonObject operation, string member)
    {
        string pointer = operation[member]?.ToString() ?? throw DoesNotFit();
        return
        [
            .. pointer.Split('/').Skip(1)
                .Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)),
        ];
    }

    // The API server keeps to itself what does not fit.
    private static StatusException DoesNotFit() =>
        new(new Status(422, "Invalid", "the server rejected our request due to an error in our request") { Details = new() });
}
