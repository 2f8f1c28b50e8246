using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;
using K3sToken.Sandboxing;

namespace K3sToken.Tests.Sandboxing;

/// <summary>Asks over HTTP/2.</summary>
internal static class Http2
{
    /// <summary>The answer, its header names in lower case as they are sent.</summary>
    public static Task<RawAnswer> GetAsync(Sandbox sandbox, string target) => SendAsync(sandbox, HttpMethod.Get, target, content: null);

    /// <summary>The same, as curl would ask.</summary>
    public static Task<RawAnswer> PutAsync(Sandbox sandbox, string target, string authorization, string body) => SendAsync(
        sandbox,
        HttpMethod.Put,
        target,
        new StringContent(body),
        new("Authorization", authorization),
        new("User-Agent", "curl/8.5.0"));

    private static async Task<RawAnswer> SendAsync(
        Sandbox sandbox,
        HttpMethod method,
        string target,
        HttpContent? content,
        params KeyValuePair<string, string>[] more)
    {
        using SocketsHttpHandler handler = new();
        handler.SslOptions.CertificateChainPolicy = RawHttp.Trust(sandbox);
        using HttpClient client = new(handler);
        using HttpRequestMessage request = new(method, new Uri(sandbox.Url, target))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        foreach ((string name, string value) in more)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage response = await client.SendAsync(request);
        IEnumerable<KeyValuePair<string, string>> headers =
            from header in response.Headers.Concat(response.Content.Headers)
            from value in header.Value
            select new KeyValuePair<string, string>(header.Key.ToLowerInvariant(), value);
        return new RawAnswer((int)response.StatusCode, "", [.. headers], await response.Content.ReadAsByteArrayAsync());
    }
}
