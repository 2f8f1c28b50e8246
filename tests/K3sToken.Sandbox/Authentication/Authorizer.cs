using System;
using System.Linq;
using K3sToken.Sandboxing.Http;

namespace K3sToken.Sandboxing.Authentication;

/// <summary>Decides who may do what: the masters everything, everybody else what Kubernetes lets all users do.</summary>
internal static class Authorizer
{
    private static readonly string[] OpenPaths =
        ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/readyz", "/openapi", "/openapi/*", "/version", "/version/"];

    private static readonly string[] OwnReviews =
        ["selfsubjectreviews", "selfsubjectaccessreviews", "selfsubjectrulesreviews"];

    /// <exception cref="StatusException">403, in the words of the API server.</exception>
    public static void Check(Caller caller, RequestInfo request)
    {
        if (!MayDo(caller, request))
        {
            throw new StatusException(Refusal(caller, request));
        }
    }

    public static bool MayDo(Caller caller, RequestInfo request)
    {
        if (caller.IsMaster)
        {
            return true;
        }

        return request.IsResource
            ? request.Verb == "create" && OwnReviews.Contains(request.Resource)
            : request.Verb == "get" && OpenPaths.Any(path => Covers(path, request.Path));
    }

    public static string WhatIsRefused(Caller caller, RequestInfo request)
    {
        string resource = request.Subresource.Length == 0 ? request.Resource : $"{request.Resource}/{request.Subresource}";
        string scope = request.Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{request.Namespace}\"";
        return $"User \"{caller.User}\" cannot {request.Verb} resource \"{resource}\" in API group \"{request.Group}\" {scope}";
    }

    private static Status Refusal(Caller caller, RequestInfo request)
    {
        if (!request.IsResource)
        {
            return Status.Forbidden($"forbidden: User \"{caller.User}\" cannot {request.Verb} path \"{request.Path}\"", new());
        }

        string subject = request.Group.Length == 0 ? request.Resource : $"{request.Resource}.{request.Group}";
        string name = request.Name.Length == 0 ? request.SelectedName : request.Name;
        string named = name.Length == 0 ? subject : $"{subject} \"{name}\"";
        StatusDetails details = new() { Name = name, Group = request.Group, Kind = request.Resource };
        return Status.Forbidden($"{named} is forbidden: {WhatIsRefused(caller, request)}", details);
    }

    private static bool Covers(string rule, string path) =>
        rule.EndsWith('*') ? path.StartsWith(rule[..^1], StringComparison.Ordinal) : path == rule;
}
