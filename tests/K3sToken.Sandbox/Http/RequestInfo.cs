using System;
using System.Linq;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Http;

/// <summary>What a request asks for, in the terms of Kubernetes' authorization.</summary>
/// <param name="Path">The path, decoded.</param>
/// <param name="Verb">For example <c>list</c>; of a path that is no resource, the method in lower case.</param>
internal sealed record RequestInfo(string Path, string Verb)
{
    public bool IsResource { get; init; }

    public string Group { get; init; } = "";

    public string Version { get; init; } = "";

    public string Namespace { get; init; } = "";

    public string Resource { get; init; } = "";

    public string Name { get; init; } = "";

    public string Subresource { get; init; } = "";

    public static RequestInfo Of(HttpRequest request)
    {
        string path = request.Path.Value!;
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        int resourceAt = parts is ["api", _, _, ..] ? 2 : parts is ["apis", _, _, _, ..] ? 3 : 0;
        if (resourceAt == 0)
        {
            return new RequestInfo(path, request.Method.ToLowerInvariant());
        }

        string @namespace = "";
        string[] rest = parts[resourceAt..];
        if (rest is ["namespaces", string inside, _, ..])
        {
            @namespace = inside;
            rest = rest[2..];
        }

        string name = rest.ElementAtOrDefault(1) ?? "";
        return new RequestInfo(path, VerbOf(request, name))
        {
            IsResource = true,
            Group = resourceAt == 3 ? parts[1] : "",
            Version = parts[resourceAt - 1],
            Namespace = @namespace,
            Resource = rest[0],
            Name = name,
            Subresource = rest.ElementAtOrDefault(2) ?? "",
        };
    }

    private static string VerbOf(HttpRequest request, string name) => request.Method switch
    {
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => name.Length == 0 ? "deletecollection" : "delete",
        _ when ListOptions.Flag(request.Query, "watch") => "watch",
        _ => name.Length == 0 ? "list" : "get",
    };
}
