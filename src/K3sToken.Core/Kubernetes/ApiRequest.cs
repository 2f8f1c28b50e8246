using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Threading.Tasks;

namespace K3sToken.Kubernetes;

/// <summary>One request to the API, to be sent once or more often.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">What follows the server's URL, from the first slash on.</param>
/// <param name="Name">The object that the request is about; empty for a list.</param>
internal sealed record ApiRequest(HttpMethod Method, string Path, string Name)
{
    private static readonly ProductInfoHeaderValue[] UserAgent =
    [
        new("K3sToken", typeof(ApiRequest).Assembly.GetName().Version!.ToString(3)),
        new($"({HttpPlatform.Edition})"),
    ];

    /// <summary>The body; null for none.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>The body's media type.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>True if the body may hold a secret, so that no text of the server that could quote it may be shown.</summary>
    public bool HoldsSecret { get; init; }

    /// <summary>True if the request changes nothing.</summary>
    public bool IsRead => Method == HttpMethod.Get;

    /// <summary>True once the body of the latest try was handed to a connection: the server may have got the request.</summary>
    public bool Left { get; private set; }

    /// <summary>True if the server says that the object which the request names is not there; false if it does not know the path.</summary>
    public bool IsAboutMissing(ApiStatus status) =>
        status.Code == HttpStatusCode.NotFound && status.Reason == "NotFound" && Name.Length > 0 && status.Name == Name
        && Method != HttpMethod.Post;

    /// <summary>A message for one try.</summary>
    public HttpRequestMessage ToMessage(Uri server)
    {
        Left = false;
        HttpRequestMessage message = new(Method, new Uri(server.GetLeftPart(UriPartial.Path).TrimEnd('/') + Path));
        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        Array.ForEach(UserAgent, message.Headers.UserAgent.Add);
        if (Body is { } body)
        {
            message.Content = new WatchedContent(this, body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(ContentType);
        }

        return message;
    }

    private sealed class WatchedContent(ApiRequest request, ReadOnlyMemory<byte> body) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            request.Left = true;
            return MemoryMarshal.TryGetArray(body, out ArraySegment<byte> bytes)
                ? stream.WriteAsync(bytes.Array!, bytes.Offset, bytes.Count)
                : stream.WriteAsync(body.ToArray(), 0, body.Length);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = body.Length;
            return true;
        }
    }
}
