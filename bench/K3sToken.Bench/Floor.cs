using System;
using System.Buffers;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Bootstrap;
using K3sToken.Kubernetes;
using K3sToken.Tokens;
using K3sToken.Yaml;

namespace K3sToken.Bench;

/// <summary>How a list is cut into pages, and whether the next one is asked for as soon as one begins to arrive, or when it is complete.</summary>
/// <param name="Name">For the table.</param>
/// <param name="First">The most tokens of the first page; 0 for all in one.</param>
/// <param name="Growth">How many times as many the next page may have.</param>
/// <param name="Largest">The most tokens of a page.</param>
/// <param name="Overlapped">See above.</param>
internal sealed record Paging(string Name, int First, int Growth, int Largest, bool Overlapped)
{
    /// <summary>Those that are measured. The first asks for the same bytes as the module; the others could be quicker.</summary>
    public static IReadOnlyList<Paging> All { get; } =
    [
        new("the same pages", BootstrapTokenStore.FirstPage, BootstrapTokenListing.Growth, BootstrapTokenStore.LargestPage, true),
        new("pages of 500", 500, 1, 500, false),
        new("pages of 500, overlapped", 500, 1, 500, true),
        new("in one piece", 0, 1, 0, false),
    ];
}

/// <summary>The same requests from a bare HttpClient: what no client can beat. It also fills the cluster.</summary>
internal sealed class Floor : IDisposable
{
    private const string Secrets = "/api/v1/namespaces/kube-system/secrets";
    private const int MostAtOnce = 32;

    private readonly HttpClient _http;

    public Floor(string kubeconfig)
    {
        ClusterContext context = Kubeconfig.Open(kubeconfig, "/", KubeconfigPlaces.OfThisMachine, new YamlDotNetParser()).Resolve(null);
        Server = context.Server;
        X509Certificate2 own = X509Certificate2.CreateFromPem(
            Encoding.UTF8.GetString(context.User.ClientCertificate!), Encoding.UTF8.GetString(context.User.ClientKey!));
        X509ChainPolicy trust = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPem(Encoding.UTF8.GetString(context.CABundle!));
        SocketsHttpHandler handler = new()
        {
            AutomaticDecompression = DecompressionMethods.GZip,
            InitialHttp2StreamWindowSize = 1 << 20,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificateContext = SslStreamCertificateContext.Create(own, [], offline: true),
                CertificateChainPolicy = trust,
            },
        };
        _http = new HttpClient(handler)
        {
            BaseAddress = context.Server,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
    }

    public Uri Server { get; }

    public void Dispose() => _http.Dispose();

    /// <summary>Adds tokens until there are so many. Those of this run are numbered.</summary>
    public Task FillAsync(int from, int to) => CreateAsync("b", from, to - from, MostAtOnce);

    /// <summary>Fetches the list, throws it away, and says how long that took, in milliseconds.</summary>
    public async Task<double> ListAsync(Paging paging)
    {
        Stopwatch watch = Stopwatch.StartNew();
        string list = $"{Secrets}?fieldSelector=type%3D{Uri.EscapeDataString(BootstrapTokenRules.SecretType)}";
        List<Task> pages = [];
        int size = paging.First;
        for (string? next = $"{list}&limit={size}"; next is not null;)
        {
            HttpResponseMessage answer = await _http.GetAsync(next, HttpCompletionOption.ResponseHeadersRead);
            Stream body = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
            byte[] buffer = ArrayPool<byte>.Shared.Rent(64 << 10);
            int length = await body.ReadAtLeastAsync(buffer, 1 << 10, throwOnEndOfStream: false);
            string? after = Continue(Encoding.UTF8.GetString(buffer, 0, length));
            size = Math.Min(size * paging.Growth, paging.Largest);
            next = after is null ? null : $"{list}&limit={size}&continue={Uri.EscapeDataString(after)}";
            pages.Add(DrainAsync(answer, body, buffer));
            if (!paging.Overlapped)
            {
                await pages[^1];
            }
        }

        await Task.WhenAll(pages);
        return watch.Elapsed.TotalMilliseconds;
    }

    /// <summary>Creates tokens and says how long that took, in milliseconds.</summary>
    public Task<double> CreateAsync(string prefix, int from, int count, int atOnce)
    {
        byte[][] bodies = [.. Enumerable.Range(from, count).Select(i => Body($"{prefix}{i:00000}"))];
        return SendAsync(count, atOnce, i => new HttpRequestMessage(HttpMethod.Post, Secrets) { Content = Json(bodies[i]) });
    }

    /// <summary>Removes them again.</summary>
    public Task<double> RemoveAsync(string prefix, int count, int atOnce) => SendAsync(
        count,
        atOnce,
        i => new HttpRequestMessage(HttpMethod.Delete, $"{Secrets}/{BootstrapTokenRules.SecretName($"{prefix}{i:00000}")}")
        {
            Content = Json("""{"kind":"DeleteOptions","apiVersion":"v1"}"""u8.ToArray()),
        });

    private async Task<double> SendAsync(int count, int atOnce, Func<int, HttpRequestMessage> request)
    {
        Stopwatch watch = Stopwatch.StartNew();
        int taken = -1;
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref taken)) < count;)
            {
                using HttpRequestMessage message = request(i);
                message.Version = HttpVersion.Version20;
                using HttpResponseMessage answer = await _http.SendAsync(message);
                answer.EnsureSuccessStatusCode();
            }
        })));
        return watch.Elapsed.TotalMilliseconds;
    }

    private static async Task DrainAsync(HttpResponseMessage answer, Stream body, byte[] buffer)
    {
        using (answer)
        {
            while (await body.ReadAsync(buffer) > 0)
            {
            }
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    // It stands in the first bytes of a page.
    private static string? Continue(string page)
    {
        const string Name = "\"continue\":\"";
        int start = page.IndexOf(Name, StringComparison.Ordinal) + Name.Length;
        string text = start < Name.Length ? "" : page[start..page.IndexOf('"', start)];
        return text.Length > 0 ? text : null;
    }

    private static byte[] Body(string id)
    {
        using Secret secret = RandomText.BootstrapSecret();
        using SecretBuffer body =
            BootstrapTokenBody.Create(new NewBootstrapToken { Description = "bench" }, id, secret, DateTime.UtcNow.AddYears(1));
        return body.Written.ToArray();
    }

    private static ByteArrayContent Json(byte[] body) => new(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
}
