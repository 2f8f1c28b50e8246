using System;
using System.Collections.Generic;
using System.Linq;
using K3sToken.Sandboxing.Http;
using K3sToken.Sandboxing.Secrets;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Nodes;

/// <summary>A node of the cluster.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ControlPlane">Whether it is a server.</param>
public sealed record SandboxNode(string Name, bool ControlPlane);

/// <summary>The Kubernetes API of Nodes: reading only.</summary>
internal sealed class NodesApi(IReadOnlyList<SandboxNode> nodes, SecretStore store, SandboxClock clock)
{
    private readonly DateTimeOffset _created = clock.Now;
    private readonly Dictionary<string, Guid> _uids = nodes.ToDictionary(node => node.Name, _ => Guid.NewGuid());

    /// <exception cref="StatusException">The error to answer with.</exception>
    public Answer Handle(HttpRequest http, RequestInfo request)
    {
        if (!HttpMethods.IsGet(http.Method))
        {
            throw new StatusException(Status.MethodNotAllowed());
        }

        OutputFormat format = ContentNegotiation.Choose(http, collection: request.Name.Length == 0);
        if (request.Name.Length == 0)
        {
            IEnumerable<SandboxNode> sorted = nodes.OrderBy(node => node.Name, StringComparer.Ordinal);
            string items = string.Join(',', sorted.Select(node => $"{{{Json(node)}}}"));
            string metadata = $"{{\"resourceVersion\":\"{SecretJson.Text(store.Revision)}\"}}";
            string list = $"{{\"kind\":\"NodeList\",\"apiVersion\":\"v1\",\"metadata\":{metadata},\"items\":[{items}]}}";
            return Answers.Json(200, list, format);
        }

        SandboxNode found = nodes.FirstOrDefault(node => node.Name == request.Name)
            ?? throw new StatusException(Status.NotFound("nodes", request.Name));
        return Answers.Json(200, $"{{\"kind\":\"Node\",\"apiVersion\":\"v1\",{Json(found)}}}", format);
    }

    private string Json(SandboxNode node)
    {
        string name = GoJson.Quote(node.Name);
        string role = node.ControlPlane ? ",\"node-role.kubernetes.io/control-plane\":\"true\"" : "";
        string metadata = $"{{\"name\":{name},\"uid\":\"{_uids[node.Name]}\",\"resourceVersion\":\"300\","
            + $"\"creationTimestamp\":\"{Secret.Timestamp(_created)}\","
            + $"\"labels\":{{\"kubernetes.io/hostname\":{name},\"kubernetes.io/os\":\"linux\"{role}}}}}";
        string status = "{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}],"
            + "\"nodeInfo\":{\"kubeletVersion\":\"v1.36.2+k3s1\",\"operatingSystem\":\"linux\",\"architecture\":\"amd64\"}}";
        return $"\"metadata\":{metadata},\"spec\":{{}},\"status\":{status}";
    }
}
