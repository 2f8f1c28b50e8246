using System;
using System.Linq;
using System.Net.Http;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Tasks;

namespace K3sToken.Tests.Sandboxing;

/// <summary>Uses a kubeconfig as written by the sandbox, and nothing else of it.</summary>
internal static partial class SandboxClient
{
    private const string Secrets = "/api/v1/namespaces/kube-system/secrets";

    /// <summary>How many Secrets the kubeconfig's user sees.</summary>
    public static async Task<int> CountSecretsAsync(string kubeconfig)
    {
        using HttpResponseMessage answer = await ListAsync(kubeconfig);
        JsonElement list = JsonElement.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
        return list.GetProperty("items").GetArrayLength();
    }

    /// <summary>The status of the answer to a list of Secrets.</summary>
    public static async Task<int> StatusAsync(string kubeconfig)
    {
        using HttpResponseMessage answer = await ListAsync(kubeconfig);
        return (int)answer.StatusCode;
    }

    /// <summary>The kubeconfig with the client certificate and key of another.</summary>
    public static string WithClientOf(string kubeconfig, string other) =>
        Data().Replace(kubeconfig, match => match.Groups[1].Value.StartsWith("client", StringComparison.Ordinal)
            ? $"{match.Groups[1].Value}: {Value(other, match.Groups[1].Value)}"
            : match.Value);

    /// <summary>What the kubeconfig holds under a name that ends with <c>-data</c>.</summary>
    public static string Text(string kubeconfig, string name) =>
        Encoding.UTF8.GetString(Convert.FromBase64String(Value(kubeconfig, name)));

    private static async Task<HttpResponseMessage> ListAsync(string kubeconfig)
    {
        using X509Certificate2 client = X509Certificate2.CreateFromPem(
            Text(kubeconfig, "client-certificate-data"),
            Text(kubeconfig, "client-key-data"));
        using SocketsHttpHandler handler = new();
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(Text(kubeconfig, "certificate-authority-data"));
        handler.SslOptions.CertificateChainPolicy = policy;
        handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(client, null, offline: true);
        using HttpClient http = new(handler);
        return await http.GetAsync(new Uri(new Uri(Server().Match(kubeconfig).Groups[1].Value), Secrets));
    }

    private static string Value(string kubeconfig, string name) =>
        Data().Matches(kubeconfig).Single(match => match.Groups[1].Value == name).Groups[2].Value;

    [GeneratedRegex("([a-z-]+-data): (.*)")]
    private static partial Regex Data();

    [GeneratedRegex("server: (.*)")]
    private static partial Regex Server();
}
