using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Http;

/// <summary>Makes answers of what is to be said.</summary>
internal static class Answers
{
    private const string PlainText = "text/plain; charset=utf-8";

    private static readonly KeyValuePair<string, string> NoSniff = new("X-Content-Type-Options", "nosniff");

    /// <summary>JSON without a final newline, written as asked for.</summary>
    public static Answer Json(int status, ReadOnlySpan<byte> json, OutputFormat format)
    {
        if (format.Yaml || format.Pretty)
        {
            return Json(status, Encoding.UTF8.GetString(json), format);
        }

        byte[] body = new byte[json.Length + 1];
        json.CopyTo(body);
        body[^1] = (byte)'\n';
        return new Answer(status, format.ContentType, body) { MayCompress = true };
    }

    /// <summary>JSON without a final newline, written as asked for.</summary>
    public static Answer Json(int status, string json, OutputFormat format)
    {
        string body = format.Yaml ? YamlText.FromJson(json) : format.Pretty ? GoJson.Indent(json) : json + "\n";
        return new Answer(status, format.ContentType, Encoding.UTF8.GetBytes(body)) { MayCompress = true };
    }

    /// <summary>A Status, in the format that the client wants if this server has it.</summary>
    public static Answer Of(Status status, HttpRequest request)
    {
        Answer answer = Negotiated(status, request, versioned: true);
        List<KeyValuePair<string, string>> headers = [];
        if (status.Code == 403)
        {
            headers.Add(NoSniff);
        }

        if (status.Details is { RetryAfterSeconds: > 0 and int seconds })
        {
            headers.Add(new("Retry-After", seconds.ToString(CultureInfo.InvariantCulture)));
        }

        return answer with { Headers = headers };
    }

    /// <summary>A Status, with its API version where that is said, and where none of the client's formats is to be had.</summary>
    public static Answer Negotiated(Status status, HttpRequest request, bool versioned) =>
        ContentNegotiation.Find(request) is OutputFormat format
            ? Json(status.Code, status.ToJson(versioned), format)
            : new Answer(status.Code, "application/json", Encoding.UTF8.GetBytes(GoJson.Indent(status.ToJson())));

    /// <summary>Plain text of the API server.</summary>
    public static Answer Text(int status, string text) =>
        new(status, PlainText, Encoding.UTF8.GetBytes(text)) { Headers = [NoSniff] };
}
