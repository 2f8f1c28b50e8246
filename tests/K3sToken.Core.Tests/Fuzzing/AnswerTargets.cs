using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Bootstrap;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Fuzzing;

/// <summary>The readers of what an API server answers.</summary>
internal static class AnswerTargets
{
    private static readonly DateTime Then = new(2026, 11, 21, 0, 0, 0, DateTimeKind.Utc);

    private static readonly ClusterContext Context = new()
    {
        Name = "here",
        Server = new Uri("https://host:6443"),
        User = new ClusterUser(),
    };

    private static readonly ApiRequest Request = new(HttpMethod.Get, "/api/v1/namespaces/kube-system/secrets", "bootstrap-token-abc123");

    private static readonly string[] Words =
    [
        "{", "}", "[", "]", ",", ":", "null", "\"\"", "\"kind\":\"SecretList\"", "\"items\":[", "\"metadata\":{", "\"data\":{",
        "\"name\":", "\"continue\":\"x\"",
        "\"creationTimestamp\":", "\"deletionTimestamp\":\"\"", "\"token-id\":", "\"expiration\":\"MjAyNi0xMS0yMVQxMDoxMToxMlo=\"",
        "\"kind\":\"Status\"",
        "\"reason\":", "\"message\":", "\"details\":{\"causes\":[{\"field\":\"a\"}]}", "\"kind\":\"Secret\"", "//", "/*", "\"kind\":1",
    ];

    public static FuzzTarget SecretPages { get; } = new("page of Secrets", Bodies("SecretList"), Words, ReadPage);

    public static FuzzTarget Secrets { get; } = new("Secret", Bodies("Secret"), Words, ReadSecret);

    public static FuzzTarget Statuses { get; } = new("Status", Bodies("Status"), Words, ReadStatus);

    private static byte[][] Bodies(string kind) =>
    [
        .. new[] { "secrets/exchanges.json", "secrets/paging.json", "supervisor-auth/without-agent-token.json" }
            .SelectMany(file => Recorded.List(file, "exchanges"))
            .Select(exchange => exchange.GetProperty("response").TryGetProperty("bodyText", out JsonElement body) ? body.GetString()! : "")
            .Where(body => body.Contains($"\"kind\":\"{kind}\"", StringComparison.Ordinal))
            .Distinct()
            .Select(Encoding.UTF8.GetBytes),
    ];

    private static void ReadPage(byte[] input)
    {
        // The server's bytes come in parts, which end anywhere.
        SecretPage page = Result(input, response => SecretPageReader.ReadAsync(response, null, CancellationToken.None));
        Assert.All(page.Items, Use);
        Assert.NotEqual("", page.ContinueFrom);
    }

    private static void ReadSecret(byte[] input)
    {
        SecretResource secret = Result(input, response => SecretReader.ReadAsync(response, CancellationToken.None));
        Assert.NotEqual("", secret.Name);
        Use(secret);
    }

    private static void Use(SecretResource secret)
    {
        BootstrapToken token = BootstrapTokenReader.Read(secret, Context, Then);
        Assert.Equal(token.CanAuthenticate, token.Problems.Length == 0);
        Assert.DoesNotContain('\u001b', token.Description + string.Concat(token.Groups));
        _ = token.FormatTimeToLive();
        BootstrapTokenReader.ReadToken(secret, "")?.Dispose();
    }

    private static void ReadStatus(byte[] input)
    {
        foreach (int code in new[] { 400, 403, 404, 409, 410, 422, 500 })
        {
            ApiStatus status = Result(input, response => ApiStatus.ReadAsync(response, CancellationToken.None), (HttpStatusCode)code);
            Exception error = ApiErrors.Of(status, Request, Context);
            Assert.DoesNotContain(error.Message, char.IsControl);
            Assert.InRange(error.Message.Length, 0, 3_000);
        }
    }

    // As the client of the API does.
    private static T Result<T>(byte[] body, Func<HttpResponseMessage, Task<T>> read, HttpStatusCode code = HttpStatusCode.OK)
    {
        using HttpResponseMessage response = new(code) { Content = new StreamContent(new Parts(body)) };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            return read(response).GetAwaiter().GetResult();
        }
        catch (InvalidDataException e)
        {
            throw ApiErrors.OfBody(e, Request, Context);
        }
    }

    /// <summary>Gives a few bytes a time, as many as the first of them says.</summary>
    private sealed class Parts(byte[] bytes) : MemoryStream(bytes)
    {
        private readonly int _most = bytes.Length == 0 ? 1 : (bytes.Length / 10) + 1 + (bytes[bytes.Length / 2] % 16);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            Task.FromResult(Read(buffer, offset, Math.Min(count, _most)));
    }
}
