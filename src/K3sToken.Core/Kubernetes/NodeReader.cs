using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Tokens;

namespace K3sToken.Kubernetes;

/// <summary>Reads a list of Nodes.</summary>
internal static class NodeReader
{
    // A server that keeps nothing but etcd has no control plane, and the server token all the same.
    private static readonly string[] ServerLabels = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/etcd"];

    /// <summary>Reads a NodeList.</summary>
    /// <exception cref="InvalidDataException">The body is none.</exception>
    public static Task<IReadOnlyList<NodeResource>> ReadAsync(HttpResponseMessage response, CancellationToken cancellation) =>
        ResponseBody.ReadJsonAsync(response, ResponseBody.MostBytes, Read, cancellation);

    private static IReadOnlyList<NodeResource> Read(ReadOnlyMemory<byte> body)
    {
        using JsonDocument document = ResponseBody.Parse(body);
        return Property(document.RootElement, "items") is { ValueKind: JsonValueKind.Array } items
            ? [.. items.EnumerateArray().Select(Read).Where(node => node.Name.Length > 0)]
            : throw new InvalidDataException("it is JSON, but no list of Nodes");
    }

    private static NodeResource Read(JsonElement node)
    {
        JsonElement metadata = Property(node, "metadata");
        JsonElement labels = Property(metadata, "labels");
        JsonElement addresses = Property(Property(node, "status"), "addresses");
        return new NodeResource(
            ConsoleText.Of(Text(metadata, "name")),
            ServerLabels.Any(label => Property(labels, label).ValueKind == JsonValueKind.String),
            addresses.ValueKind == JsonValueKind.Array ? [.. addresses.EnumerateArray().Select(address => Text(address, "address"))] : []);
    }

    private static string Text(JsonElement element, string name) =>
        Property(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : "";

    private static JsonElement Property(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value : default;
}
