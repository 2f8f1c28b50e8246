using System;
using System.Buffers;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

/// <summary>The very buffers that bodies and credentials have been in, after they were read.</summary>
public sealed class ZeroedBuffersTests
{
    private const int BodyBuffer = 8192;
    private const int PageBuffer = 64 << 10;

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public void A_secret_leaves_nothing_in_the_buffer_it_was_read_in() => MustBeZero(BodyBuffer, () =>
    {
        string body = """{"kind":"Secret","metadata":{"name":"a"},"data":{"token-secret":"c2VjcmV0"}}""";
        return SecretReader.ReadAsync(Response(body), Ending);
    });

    [Fact]
    public void A_page_leaves_nothing_in_the_buffer_it_was_read_in() => MustBeZero(PageBuffer, () =>
    {
        string body = """{"kind":"SecretList","items":[{"metadata":{"name":"a"},"data":{"token-secret":"c2VjcmV0"}}]}""";
        return SecretPageReader.ReadAsync(Response(body), null, Ending);
    });

    [Theory]
    [InlineData("nonsense")]
    [InlineData("""{"kind":"SecretList","items":[{"metadata":{"name":"a"},"data":{"token-secret":"c2Vj""")]
    public void A_body_that_cannot_be_read_leaves_nothing(string body)
    {
        MustBeZero(BodyBuffer, () => SecretReader.ReadAsync(Response(body), Ending));
        MustBeZero(PageBuffer, () => SecretPageReader.ReadAsync(Response(body), null, Ending));
    }

    [Fact]
    public void A_status_that_may_quote_the_request_leaves_nothing() => MustBeZero(BodyBuffer, () =>
        ApiStatus.ReadAsync(Response("""{"kind":"Status","message":"invalid value: secret","code":422}"""), Ending));

    [Fact]
    public void A_body_that_outgrows_its_buffer_leaves_nothing_in_it() => MustBeZero(BodyBuffer, () =>
        ResponseBody.ReadAllAsync(Response(new string('s', 3 * BodyBuffer)), int.MaxValue, static body => body.ToArray(), Ending));

    [Fact]
    public void A_body_that_is_too_large_leaves_nothing() => MustBeZero(BodyBuffer, () =>
        ResponseBody.ReadAllAsync(Response(new string('s', 200)), 100, static body => body.ToArray(), Ending));

    [Fact]
    public void The_credentials_of_a_context_are_zeroed_where_a_connection_with_them_is_kept_already()
    {
        using ClusterConnections connections = new();
        ClusterUser first = User();
        ClusterUser second = User();
        connections.Open(Context(first), new TestNotices(), TimeSpan.FromSeconds(1));

        connections.Open(Context(second), new TestNotices(), TimeSpan.FromSeconds(1));

        MustBeZero(second);
        Assert.Equal("a-bearer-token", first.Token!.Reveal().ToString());
        connections.Open(Context(first), new TestNotices(), TimeSpan.FromSeconds(1));
        Assert.Equal("a-bearer-token", first.Token!.Reveal().ToString());
    }

    [Fact]
    public void The_credentials_of_a_connection_are_zeroed_with_it()
    {
        ClusterUser user = User();
        ClusterConnections connections = new();
        connections.Open(Context(user), new TestNotices(), TimeSpan.FromSeconds(1));

        connections.Dispose();

        MustBeZero(user);
    }

    [Fact]
    public void A_plugins_credential_is_zeroed_when_it_is_disposed()
    {
        const string Json = """
            {"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",
             "status":{"token":"t","clientCertificateData":"c","clientKeyData":"k"}}
            """;
        ExecCredential credential = ExecCredential.Parse(Encoding.UTF8.GetBytes(Json), "client.authentication.k8s.io/v1");
        byte[] key = credential.ClientKey!;
        Assert.NotEqual(0, key[0]);

        credential.Dispose();

        Assert.All(key, b => Assert.Equal(0, b));
        Assert.Throws<ObjectDisposedException>(() => credential.Token!.Reveal().Length);
    }

    [Theory]
    [InlineData("file-token\r\n", false)]
    [InlineData("\uFEFFfile-token", false)]
    [InlineData("\uFEFFfile-token\n", true)]
    public async Task A_token_file_may_have_a_line_end_and_a_byte_order_mark(string text, bool isUtf16)
    {
        string file = System.IO.Path.GetTempFileName();
        await System.IO.File.WriteAllBytesAsync(file, (isUtf16 ? Encoding.Unicode : Encoding.UTF8).GetBytes(text), Ending);
        using ClusterLogin login = new(Context(new ClusterUser { TokenFile = file }));

        Assert.Equal("file-token", (await login.GetAsync(Ending)).Authorization!.Parameter);
        System.IO.File.Delete(file);
    }

    private static ClusterUser User() => new() { Token = new Secret("a-bearer-token"), ClientKey = [1, 2, 3], BasicPassword = new Secret("pw") };

    private static ClusterContext Context(ClusterUser user) => new() { Name = "test", Server = new Uri("https://127.0.0.1:1"), User = user };

    private static void MustBeZero(ClusterUser user)
    {
        Assert.All(user.ClientKey!, b => Assert.Equal(0, b));
        Assert.Throws<ObjectDisposedException>(() => user.Token!.Reveal().Length);
        Assert.Throws<ObjectDisposedException>(() => user.BasicPassword!.Reveal().Length);
    }

    private static HttpResponseMessage Response(string body) =>
        new(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    // The array that was given back to the pool last is the next that is rented on the same thread.
    private static void MustBeZero(int size, Func<Task> read)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(size);
        ArrayPool<byte>.Shared.Return(buffer);
        Array.Fill(buffer, (byte)0xEE);

        Task reading = read();

        Assert.True(reading.IsCompleted);
        _ = reading.Exception;
        byte[] again = ArrayPool<byte>.Shared.Rent(size);
        Assert.Same(buffer, again);
        Assert.Equal(-1, again.AsSpan().IndexOfAnyExcept((byte)0));
        ArrayPool<byte>.Shared.Return(again);
    }
}
