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

    /// <summary>The one name that a field selector leaves: it counts for authorization.</summary>
    public string SelectedName { get; init; } = "";

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
            SelectedName = name.Length == 0 ? NameIn(request.Query["fieldSelector"].ToString()) : "",
        };
    }

    private static string VerbOf(HttpRequest request, string name) => request.Method switch
    {
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => name.Length == 0 ? "deletecollection" : "delete",
        _ when name.Length > 0 => "get",
        _ => ListOptions.Flag(request.Query, "watch") ? "watch" : "list",
    };

    private static string NameIn(string fieldSelector)
    {
        const string Field = "metadata.name=";
        string term = fieldSelector.Split(',').FirstOrDefault(part => part.StartsWith(Field, StringComparison.Ordinal)) ?? "";
        return term.Length == 0 ? "" : term[Field.Length..].TrimStart('=');
    }
}
