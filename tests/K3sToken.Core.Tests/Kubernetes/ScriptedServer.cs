using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace K3sToken.Tests.Kubernetes;

/// <summary>A request as the server saw it.</summary>
internal sealed record Received(string Method, string Target, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    public string? this[string header] => Headers.FirstOrDefault(h => h.Key.Equals(header, StringComparison.OrdinalIgnoreCase)).Value;

    public string Text => Encoding.UTF8.GetString(Body);
}

/// <summary>What the server does with a request: bytes to send as they are, then to keep the connection, cut it, or say no more.</summary>
internal sealed record Answer(byte[] Bytes, Then Then = Then.Keep)
{
    public static Answer Json(int status, string body, params string[] headers) => Of(status, "application/json", body, headers);

    public static Answer Of(int status, string type, string body, params string[] headers)
    {
        string head = string.Concat(headers.Select(h => h + "\r\n"));
        return new(Encoding.UTF8.GetBytes(
            $"HTTP/1.1 {status} X\r\nContent-Type: {type}\r\n{head}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"));
    }

    public static Answer Raw(string text, Then then) => new(Encoding.UTF8.GetBytes(text), then);

    public static Answer Cut { get; } = new([], Then.Cut);

    public static Answer Silence { get; } = new([], Then.Hang);
}

internal enum Then
{
    Keep,
    Cut,
    Hang,
}

/// <summary>A TLS server on loopback that speaks HTTP/1.1 by hand, so that it can also speak it wrongly.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly X509Certificate2 _certificate;
    private readonly SslStreamCertificateContext _context;
    private readonly Func<Received, Answer> _script;
    private readonly List<byte> _received = [];
    private int _connections;
    private long _bytes;

    public ScriptedServer(X509Certificate2 certificate, Func<Received, Answer> script, params X509Certificate2[] sentAlong)
    {
        // Some platforms want the key in a key store.
        _certificate = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        _context = SslStreamCertificateContext.Create(_certificate, [.. sentAlong], offline: true);
        _script = script;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Uri Address => new($"https://127.0.0.1:{Port.ToString(CultureInfo.InvariantCulture)}");

    public ConcurrentQueue<Received> Requests { get; } = new();

    /// <summary>The client certificates that were shown, one for each connection; null for none.</summary>
    public ConcurrentQueue<string?> ClientSubjects { get; } = new();

    public ConcurrentQueue<string?> ServerNames { get; } = new();

    /// <summary>TCP connections accepted.</summary>
    public int Connections => _connections;

    /// <summary>What was received within TLS, whatever it is.</summary>
    public string ReceivedText
    {
        get
        {
            lock (_received)
            {
                return Encoding.Latin1.GetString([.. _received]);
            }
        }
    }

    /// <summary>Bytes received within TLS.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public void Dispose()
    {
        _end.Cancel();
        _listener.Stop();
        _certificate.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token);
                Interlocked.Increment(ref _connections);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using SslStream tls = new(client.GetStream());
                await tls.AuthenticateAsServerAsync(Options(), _end.Token);
                ServerNames.Enqueue(tls.TargetHostName);
                ClientSubjects.Enqueue(tls.RemoteCertificate?.Subject);
                await ServeAsync(client, tls);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or AuthenticationException or ObjectDisposedException)
            {
            }
        }
    }

    private SslServerAuthenticationOptions Options() => new()
    {
        ServerCertificateContext = _context,
        ClientCertificateRequired = true,
#pragma warning disable CA5359 // Like the API server, it takes any certificate, or none, and judges it later.
        RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
    };

    private async Task ServeAsync(TcpClient client, SslStream tls)
    {
        List<byte> pending = [];
        while (await ReadRequestAsync(tls, pending) is { } request)
        {
            Requests.Enqueue(request);
            Answer answer = _script(request);
            await tls.WriteAsync(answer.Bytes, _end.Token);
            await tls.FlushAsync(_end.Token);
            if (answer.Then == Then.Hang)
            {
                await Task.Delay(Timeout.Infinite, _end.Token);
            }

            if (answer.Then == Then.Cut)
            {
                client.Client.LingerState = new LingerOption(answer.Bytes.Length == 0, 0);
                return;
            }
        }
    }

    private async Task<Received?> ReadRequestAsync(SslStream tls, List<byte> pending)
    {
        int end;
        while ((end = EndOfHead(pending)) < 0)
        {
            if (!await ReadMoreAsync(tls, pending))
            {
                return null;
            }
        }

        string[] lines = Encoding.UTF8.GetString([.. pending.Take(end)]).Split("\r\n");
        string[] first = lines[0].Split(' ');
        List<KeyValuePair<string, string>> headers =
            [.. lines.Skip(1).Select(l => l.Split(": ", 2)).Select(l => new KeyValuePair<string, string>(l[0], l[1]))];
        Received head = new(first[0], first[1], headers, []);
        int length = int.Parse(head["Content-Length"] ?? "0", CultureInfo.InvariantCulture);
        pending.RemoveRange(0, end + 4);
        while (pending.Count < length)
        {
            if (!await ReadMoreAsync(tls, pending))
            {
                return null;
            }
        }

        byte[] body = [.. pending.Take(length)];
        pending.RemoveRange(0, length);
        return head with { Body = body };
    }

    private async Task<bool> ReadMoreAsync(SslStream tls, List<byte> pending)
    {
        byte[] buffer = new byte[8192];
        int read = await tls.ReadAsync(buffer, _end.Token);
        Interlocked.Add(ref _bytes, read);
        lock (_received)
        {
            _received.AddRange(buffer.Take(read));
        }

        pending.AddRange(buffer.Take(read));
        return read > 0;
    }

    private static int EndOfHead(List<byte> bytes) =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes).IndexOf("\r\n\r\n"u8);
}
