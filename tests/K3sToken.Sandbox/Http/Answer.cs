using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Http;

/// <summary>What a request is answered with.</summary>
internal sealed record Answer(int Status, string ContentType, ReadOnlyMemory<byte> Body)
{
    // A Go server knows the length of what it buffered, and sends more than that in chunks.
    private const int BufferedByHttp1 = 2048;
    private const int BufferedByHttp2 = 4096;

    // The API server does not compress below this size.
    private const int WorthCompressing = 128 * 1024;

    /// <summary>No answer: the end of the connection.</summary>
    public static Answer Broken { get; } = new(0, "", default);

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Writes a body that has no end yet, after the headers. The body above is then left out.</summary>
    public Func<HttpContext, Task>? Stream { get; init; }

    public bool MayCompress { get; init; }

    /// <summary>The length is known to the sender, however long the body is.</summary>
    public bool LengthIsKnown { get; init; }

    public void PrepareHeaders(HttpContext context)
    {
        if (this == Broken)
        {
            return;
        }

        HttpResponse response = context.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType.Length == 0 ? null : ContentType;
        foreach ((string name, string value) in Headers)
        {
            response.Headers.Append(name, value);
        }
    }

    public async Task SendAsync(HttpContext context)
    {
        if (this == Broken)
        {
            await Scripted.BreakAsync(context);
            return;
        }

        if (Stream is not null)
        {
            await context.Response.StartAsync(context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Stream(context);
            return;
        }

        ReadOnlyMemory<byte> body = Body;
        if (MayCompress && body.Length > WorthCompressing && AcceptsGzip(context.Request))
        {
            body = Gzip(body);
            context.Response.Headers.ContentEncoding = "gzip";
            context.Response.Headers.Vary = "Accept-Encoding";
        }

        int buffered = HttpProtocol.IsHttp2(context.Request.Protocol) ? BufferedByHttp2 : BufferedByHttp1;
        if (LengthIsKnown || body.Length <= buffered)
        {
            context.Response.ContentLength = body.Length;
        }

        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    private static bool AcceptsGzip(HttpRequest request)
    {
        foreach (string part in request.Headers.AcceptEncoding.ToString().Split(','))
        {
            if (part.Split(';')[0].Trim() == "gzip")
            {
                return true;
            }
        }

        return false;
    }

    private static ReadOnlyMemory<byte> Gzip(ReadOnlyMemory<byte> body)
    {
        using MemoryStream compressed = new(body.Length / 8);
        using (GZipStream gzip = new(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(body.Span);
        }

        return compressed.ToArray();
    }
}
