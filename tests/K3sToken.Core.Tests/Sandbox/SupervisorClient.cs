using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using K3sToken.Sandboxing;

namespace K3sToken.Tests.Sandboxing;

/// <summary>Asks one of the sandbox' servers what a client of the supervisor asks.</summary>
internal static class SupervisorClient
{
    public const string Old = "0123456789abcdef0123456789abcdef";
    public const string New = "fedcba9876543210fedcba9876543210";

    /// <summary>Which of the two tokens the server accepts.</summary>
    public static async Task<string> AcceptsAsync(Sandbox sandbox, SandboxServer server)
    {
        List<string> accepted = [];
        foreach ((string name, string password) in new[] { ("old", Old), ("new", New) })
        {
            RawAnswer answer = await SendAsync(sandbox, server, "GET", "/v1-k3s/token", "server:" + password);
            accepted.AddRange(answer.Status == 405 ? [name] : []);
        }

        return string.Join(' ', accepted);
    }

    /// <summary>Asks for the new token, with the old one.</summary>
    public static Task<RawAnswer> RotateAsync(Sandbox sandbox, SandboxServer server, string newToken = New) =>
        SendAsync(sandbox, server, "PUT", "/v1-k3s/token", "server:" + Old, JsonSerializer.Serialize(new { newToken }));

    public static Task<RawAnswer> SendAsync(
        Sandbox sandbox,
        SandboxServer server,
        string method,
        string path,
        string? credentials = null,
        string? body = null)
    {
        KeyValuePair<string, string>[] headers = credentials is null
            ? []
            : [new("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)))];
        return RawHttp.SendAsync(sandbox, server.Url, method, path, headers, body is null ? null : Encoding.UTF8.GetBytes(body));
    }

    /// <summary>A client that trusts the sandbox' CA and nobody else, and sends credentials.</summary>
    public static HttpClient Trusting(Sandbox sandbox)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(Encoding.ASCII.GetString([.. sandbox.CABundle]));
        SocketsHttpHandler handler = new() { PooledConnectionLifetime = TimeSpan.Zero };
        handler.SslOptions.CertificateChainPolicy = policy;
        HttpClient client = new(handler);
        client.DefaultRequestHeaders.Add("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("server:" + Old)));
        return client;
    }

    public static bool SawAuthorization(SandboxServer server) =>
        server.Requests.Any(request => request.Headers.ContainsKey("Authorization"))
        || Encoding.Latin1.GetString([.. server.ReceivedBytes]).Contains("Authorization", StringComparison.OrdinalIgnoreCase);
}
