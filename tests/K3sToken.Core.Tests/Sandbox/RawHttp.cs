using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Tasks;
using K3sToken.Sandboxing;

namespace K3sToken.Tests.Sandboxing;

/// <summary>An answer as it came over the wire.</summary>
internal sealed record RawAnswer(int Status, string Reason, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public string? Header(string name) => Headers.Where(header => header.Key == name).Select(header => header.Value).FirstOrDefault();
}

/// <summary>Speaks HTTP/1.1 by hand, one connection a request, so that exactly the given headers are sent and every byte is seen.</summary>
internal static class RawHttp
{
    /// <summary>Sends a request as the admin, or as nobody, and reads the answer to its end.</summary>
    public static async Task<RawAnswer> SendAsync(
        Sandbox sandbox,
        string method,
        string target,
        IEnumerable<KeyValuePair<string, string>>? headers = null,
        string? body = null,
        bool asAdmin = true,
        Func<Task>? afterHead = null)
    {
        byte[]? bytes = body is null ? null : Encoding.UTF8.GetBytes(body);
        return await SendAsync(sandbox, sandbox.Url, method, target, headers ?? [], bytes, asAdmin, afterHead);
    }

    /// <summary>The same to any of the servers, with any body.</summary>
    public static async Task<RawAnswer> SendAsync(
        Sandbox sandbox,
        Uri url,
        string method,
        string target,
        IEnumerable<KeyValuePair<string, string>> headers,
        byte[]? body,
        bool asAdmin = false,
        Func<Task>? afterHead = null)
    {
        using TcpClient tcp = new();
        await tcp.ConnectAsync(url.Host, url.Port);
        using SslStream tls = new(tcp.GetStream());
        using X509Certificate2 client = X509Certificate2.CreateFromPem(sandbox.AdminCertificatePem, sandbox.AdminKeyPem);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = url.Host,
            ClientCertificateContext = asAdmin ? SslStreamCertificateContext.Create(client, null, offline: true) : null,
            CertificateChainPolicy = Trust(sandbox),
        });
        await WriteAsync(tls, url, method, target, headers, body);
        return await ReadAsync(new BufferedStream(tls), method, afterHead);
    }

    public static X509ChainPolicy Trust(Sandbox sandbox)
    {
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority,
        };
        policy.CustomTrustStore.ImportFromPem(Encoding.ASCII.GetString([.. sandbox.CABundle]));
        return policy;
    }

    private static async Task WriteAsync(
        SslStream tls,
        Uri url,
        string method,
        string target,
        IEnumerable<KeyValuePair<string, string>> headers,
        byte[]? body)
    {
        StringBuilder head = new();
        head.Append(CultureInfo.InvariantCulture, $"{method} {target} HTTP/1.1\r\nHost: {url.Authority}\r\n");
        foreach ((string name, string value) in headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        if (body is not null)
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        }

        await tls.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()));
        await tls.WriteAsync(body ?? []);
        await tls.FlushAsync();
    }

    private static async Task<RawAnswer> ReadAsync(Stream stream, string method, Func<Task>? afterHead)
    {
        string[] status = (await LineAsync(stream)).Split(' ', 3);
        if (status[1] == "100")
        {
            await LineAsync(stream);
            status = (await LineAsync(stream)).Split(' ', 3);
        }

        List<KeyValuePair<string, string>> headers = [];
        for (string line = await LineAsync(stream); line.Length > 0; line = await LineAsync(stream))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            headers.Add(new(line[..colon], line[(colon + 1)..].Trim()));
        }

        Task also = afterHead?.Invoke() ?? Task.CompletedTask;
        RawAnswer answer = new(int.Parse(status[1], CultureInfo.InvariantCulture), status[2], headers, []);
        byte[] body = method == "HEAD" ? []
            : answer.Header("Transfer-Encoding") == "chunked" ? await ChunksAsync(stream)
            : await ExactlyAsync(stream, int.Parse(answer.Header("Content-Length") ?? "0", CultureInfo.InvariantCulture));
        await also;
        return answer with { Body = body };
    }

    private static async Task<byte[]> ChunksAsync(Stream stream)
    {
        using MemoryStream body = new();
        while (true)
        {
            int length = int.Parse(await LineAsync(stream), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            body.Write(await ExactlyAsync(stream, length));
            await LineAsync(stream);
            if (length == 0)
            {
                return body.ToArray();
            }
        }
    }

    private static async Task<byte[]> ExactlyAsync(Stream stream, int length)
    {
        byte[] bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes);
        return bytes;
    }

    private static async Task<string> LineAsync(Stream stream)
    {
        StringBuilder line = new();
        byte[] one = new byte[1];
        while (await stream.ReadAsync(one) == 1)
        {
            if (one[0] == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append((char)one[0]);
        }

        throw new EndOfStreamException("The server closed the connection.");
    }
}
