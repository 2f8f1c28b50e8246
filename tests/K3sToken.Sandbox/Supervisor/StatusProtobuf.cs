using System.IO;
using System.Linq;
using System.Text;
using K3sToken.Sandboxing.Http;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Supervisor;

/// <summary>A Status in the binary form of Kubernetes, for those who accept nothing else before it.</summary>
internal static class StatusProtobuf
{
    public const string ContentType = "application/vnd.kubernetes.protobuf";

    private static readonly string[] Others = ["application/json", "application/yaml", "application/*", "*/*"];

    public static bool IsWanted(HttpRequest request) =>
        ContentNegotiation.Clauses(request).Select(clause => clause.Type)
            .FirstOrDefault(type => type == ContentType || Others.Contains(type)) == ContentType;

    public static byte[] Write(Status status)
    {
        byte[] listMetadata = [.. Field(1, ""), .. Field(2, ""), .. Field(3, "")];
        byte[] body =
        [
            .. Field(1, listMetadata), .. Field(2, "Failure"), .. Field(3, status.Message ?? ""), .. Field(4, status.Reason ?? ""),
            .. status.Details is { } details ? Field(5, Write(details)) : [], (6 << 3) | 0, .. Number(status.Code),
        ];
        byte[] type = [.. Field(1, ""), .. Field(2, "Status")];
        return [.. "k8s\0"u8, .. Field(1, type), .. Field(2, body), .. Field(3, ""), .. Field(4, "")];
    }

    private static byte[] Write(StatusDetails details) =>
    [
        .. Field(1, details.Name ?? ""), .. Field(2, details.Group ?? ""), .. Field(3, details.Kind ?? ""),
        .. details.Causes.SelectMany(cause => Field(
            4,
            (byte[])[.. Field(1, cause.Reason ?? ""), .. Field(2, cause.Message), .. Field(3, cause.Field ?? "")])),
        (5 << 3) | 0, .. Number(details.RetryAfterSeconds), .. Field(6, details.Uid ?? ""),
    ];

    private static byte[] Field(int number, string text) => Field(number, Encoding.UTF8.GetBytes(text));

    private static byte[] Field(int number, byte[] content) => [(byte)((number << 3) | 2), .. Number(content.Length), .. content];

    private static byte[] Number(int value)
    {
        using MemoryStream bytes = new();
        for (; value > 0x7f; value >>= 7)
        {
            bytes.WriteByte((byte)(value | 0x80));
        }

        bytes.WriteByte((byte)value);
        return bytes.ToArray();
    }
}
