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
    public static async Task<RawAnswer> GetAsync(Sandbox sandbox, string target)
    {
        using SocketsHttpHandler handler = new();
        handler.SslOptions.CertificateChainPolicy = RawHttp.Trust(sandbox);
        using HttpClient client = new(handler);
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(sandbox.Url, target))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using HttpResponseMessage response = await client.SendAsync(request);
        IEnumerable<KeyValuePair<string, string>> headers =
            from header in response.Headers.Concat(response.Content.Headers)
            from value in header.Value
            select new KeyValuePair<string, string>(header.Key.ToLowerInvariant(), value);
        return new RawAnswer((int)response.StatusCode, "", [.. headers], await response.Content.ReadAsByteArrayAsync());
    }
}
