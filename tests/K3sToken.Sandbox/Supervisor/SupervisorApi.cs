using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using K3sToken.Sandboxing.Certificates;
using K3sToken.Sandboxing.Datastore;
using K3sToken.Sandboxing.Http;
using K3sToken.Sandboxing.Secrets;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Supervisor;

/// <summary>The supervisor's own paths, for nodes and for servers.</summary>
internal sealed class SupervisorApi(SandboxServer server, SecretStore secrets, Logins logins, SupervisorProcess process)
{
    private const string Prefix = "/v1-k3s/";

    private static readonly string[] Agents = ["k3s:agent", "system:nodes", "system:bootstrappers"];
    private static readonly string[] Nodes = ["system:nodes"];
    private static readonly string[] Servers = ["k3s:server"];

    private readonly NodeCertificates _nodeCertificates = new(secrets);

    /// <summary>The answer, or null where the path is none of the supervisor's.</summary>
    public async Task<Answer?> HandleAsync(HttpContext context, ClusterCertificates cluster)
    {
        string path = context.Request.Path.Value!;
        string name = path.StartsWith(Prefix, StringComparison.Ordinal) ? path[Prefix.Length..] : "";
        if (RolesFor(name) is not { } roles || (name == "token" && server.Faults.TooOldToRotate))
        {
            return null;
        }

        return logins.GroupsOf(context, cluster.ClientAuthority) switch
        {
            null => Refusals.NotAuthorized(context.Request),
            var groups when !groups.Intersect(roles).Any() => Refusals.Forbidden(context.Request),
            _ => await AnswerAsync(context.Request, name, cluster),
        };
    }

    private static string[]? RolesFor(string name) => name switch
    {
        "readyz" or "config" or "apiservers" or "server-ca.crt" or "client-ca.crt" or "client-kubelet.crt" or "serving-kubelet.crt"
            or "client-kube-proxy.crt" or "client-k3s-controller.crt" => Agents,
        "connect" => Nodes,
        "token" or "server-bootstrap" or "encrypt/status" or "encrypt/config" or "cert/cacerts" => Servers,
        _ => null,
    };

    private async Task<Answer> AnswerAsync(HttpRequest request, string name, ClusterCertificates cluster) => name switch
    {
        "readyz" when server.Faults.Phase < StartPhase.Ready => Refusals.Unavailable(request, "runtime core not ready"),
        "readyz" => new Answer(200, "text/plain; charset=utf-8", "ok"u8.ToArray()) { LengthIsKnown = true },
        "config" => ClientConfig.Write(server.Url.Port, server.Name, process.Directory),
        "apiservers" => new Answer(200, "application/json", "[]\n"u8.ToArray()),
        "server-ca.crt" => Authority(process.Directory.Shared["ServerCA"]),
        "client-ca.crt" => Authority(process.Directory.Shared["ClientCA"]),
        "client-kubelet.crt" => _nodeCertificates.ForKubelet(request, cluster),
        "serving-kubelet.crt" => _nodeCertificates.ForServing(request, cluster),
        "client-kube-proxy.crt" => NodeCertificates.ForClient(request, cluster, "system:kube-proxy"),
        "client-k3s-controller.crt" => NodeCertificates.ForClient(request, cluster, "system:k3s-controller"),
        "server-bootstrap" => Refusals.BadRequest(request, "etcd disabled"),
        "encrypt/status" => new Answer(200, "application/json", """{"stage":"","activekey":""}"""u8.ToArray()),
        "token" when HttpMethods.IsPut(request.Method) => await RotateAsync(request),
        "token" or "encrypt/config" or "cert/cacerts" when !HttpMethods.IsPut(request.Method) => MethodNotAllowed(request),
        _ => Refusals.BadRequest(request, "the sandbox does not do this"),
    };

    private Answer MethodNotAllowed(HttpRequest request) =>
        server.Faults.LegacyStatusCodes ? Empty(StatusCodes.Status400BadRequest) : Refusals.MethodNotAllowed(request);

    private async Task<Answer> RotateAsync(HttpRequest request)
    {
        using MemoryStream body = new();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        try
        {
            return TokenRequest.Parse(body.ToArray()).NewToken is string token ? Rotate(request, token) : Answer.Broken;
        }
        catch (FormatException exception)
        {
            return Refusals.BadRequest(request, exception.Message);
        }
    }

    private Answer Rotate(HttpRequest request, string newToken)
    {
        RotationFault fault = server.Faults.NextRotation();
        if (fault == RotationFault.LostBeforeChange)
        {
            return Answer.Broken;
        }

        try
        {
            TokenRotation.Run(process, newToken, fault);
            return fault == RotationFault.LostAfterChange ? Answer.Broken : Empty(StatusCodes.Status200OK);
        }
        catch (Exception exception) when (exception is SupervisorException or DatastoreException)
        {
            (Answer answer, string id) = Refusals.Internal(request, "token");
            server.Log("error", $"{id}: {exception.Message}");
            ConnectionInfo client = request.HttpContext.Connection;
            server.Log("error", $"Sending {request.Protocol} 500 response to {client.RemoteIpAddress}:{client.RemotePort}: {id}");
            return answer;
        }
    }

    private static Answer Empty(int status) => new(status, "", default);

    private static Answer Authority(string path) => new(200, "text/plain", File.ReadAllBytes(path))
    {
        LengthIsKnown = true,
        Headers = [new("Accept-Ranges", "bytes"), new("Last-Modified", File.GetLastWriteTimeUtc(path).ToString("r"))],
    };
}
