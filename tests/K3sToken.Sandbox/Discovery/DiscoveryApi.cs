using System;
using System.Linq;
using K3sToken.Sandboxing.Http;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Discovery;

/// <summary>What the API server says of itself: version, health, which APIs it has.</summary>
internal static class DiscoveryApi
{
    private static readonly string Version = Embedded.Text("version.json").TrimEnd();
    private static readonly string Groups = Embedded.Json("apis.json");
    private static readonly string CoreResources = Embedded.Json("api-v1.json");

    private static readonly string[] Paths =
        ["/api", "/api/v1", "/apis", "/healthz", "/livez", "/readyz", "/version"];

    public static Answer Handle(HttpRequest request, RequestInfo info)
    {
        string path = info.Path.Length > 1 ? info.Path.TrimEnd('/') : info.Path;
        if (!HttpMethods.IsGet(request.Method) && path is "/version" or "/api" or "/api/v1" or "/apis")
        {
            throw new StatusException(Status.MethodNotAllowed());
        }

        return path switch
        {
            // Written by hand on the server: indented always, whatever the client prefers.
            "/version" => new Answer(200, "application/json", System.Text.Encoding.UTF8.GetBytes(Version)),
            "/healthz" or "/livez" or "/readyz" when !info.Path.EndsWith('/') => Answers.Text(200, "ok"),
            "/" => PathList(200),
            "/api" => Answers.Json(200, Versions(request), ContentNegotiation.Choose(request)),
            "/api/v1" => Answers.Json(200, CoreResources, ContentNegotiation.Choose(request)),
            "/apis" => Answers.Json(200, Groups, ContentNegotiation.Choose(request)),
            _ when IsGroup(path) =>
                Answers.Json(200, NoResources(path[6..]), ContentNegotiation.Choose(request)),
            _ when path.StartsWith("/api/", StringComparison.Ordinal) => throw new StatusException(Status.NoSuchResource()),
            _ when path.StartsWith("/apis/", StringComparison.Ordinal) => Answers.Text(404, "404 page not found\n"),
            _ => PathList(404),
        };
    }

    /// <summary>The sandbox names the groups of a real server, and has none of their resources.</summary>
    private static string NoResources(string groupVersion) =>
        $"{{\"kind\":\"APIResourceList\",\"apiVersion\":\"v1\",\"groupVersion\":{GoJson.Quote(groupVersion)},\"resources\":[]}}";

    public static bool IsGroup(string path) =>
        path.StartsWith("/apis/", StringComparison.Ordinal)
        && Groups.Contains($"\"groupVersion\":{GoJson.Quote(path[6..])}", StringComparison.Ordinal);

    private static Answer PathList(int status) =>
        Answers.Json(status, $"{{\"paths\":[{string.Join(',', Paths.Select(GoJson.Quote))}]}}", OutputFormat.Json with { Pretty = true });

    private static string Versions(HttpRequest request) =>
        "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"],\"serverAddressByClientCIDRs\":[{\"clientCIDR\":\"0.0.0.0/0\","
        + $"\"serverAddress\":{GoJson.Quote("127.0.0.1:" + request.HttpContext.Connection.LocalPort)}}}]}}";
}
