using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class ProxyTests
{
    private const string EmptyList = """{"kind":"SecretList","items":[]}""";

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_goes_through_the_contexts_proxy_and_keeps_its_credentials_from_it()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, EmptyList));
        using TunnelProxy proxy = new(needsPassword: true);
        ClusterContext context = fixture.Context().With(proxy: new Uri($"http://us%40er:pass@127.0.0.1:{proxy.Port}"));

        await fixture.Connections.Open(context, fixture.Notices, TimeSpan.FromSeconds(30)).ListSecretsAsync("x", 0, null, Ending);

        Assert.Single(fixture.Server.Requests);
        string tunnel = proxy.Heads.Last();
        Assert.StartsWith($"CONNECT {fixture.Server.Address.Authority} ", tunnel);
        Assert.Contains("Proxy-Authorization: Basic " + Convert.ToBase64String("us@er:pass"u8), tunnel);
        Assert.All(proxy.Heads, head => Assert.DoesNotContain("a-bearer-token", head));
    }

    [Fact]
    public async Task A_proxy_does_not_change_whom_to_trust()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, EmptyList));
        using TunnelProxy proxy = new(needsPassword: false);
        ClusterContext context = fixture.Context().With(proxy: new Uri($"http://127.0.0.1:{proxy.Port}"), caBundle: TestCA.Root("other").Pem);

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(
            () => fixture.Connections.Open(context, fixture.Notices, TimeSpan.FromSeconds(30)).ListSecretsAsync("x", 0, null, Ending));

        Assert.Equal(ErrorId.ServerCertificateUntrusted, error.Id);
        Assert.Equal(0, fixture.Server.Bytes);
    }

    [Fact]
    public async Task A_proxy_that_refuses_is_told_from_a_server_that_does()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, EmptyList));
        using TunnelProxy proxy = new(needsPassword: true);
        ClusterContext context = fixture.Context().With(proxy: new Uri($"http://127.0.0.1:{proxy.Port}"));

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(() => fixture.Connections
            .Open(context, fixture.Notices, TimeSpan.FromSeconds(30)).CreateSecretAsync("x", new byte[2], Ending));

        Assert.Equal(ErrorId.ClusterUnreachable, error.Id);
        Assert.Contains("proxy", error.Message);
        Assert.False(error.AnswerLost);
    }

    [Theory]
    [InlineData("https://10.1.2.3:6443", "http://p:3128", null, "http://p:3128/")]
    [InlineData("https://10.1.2.3:6443", "p:3128", null, "http://p:3128/")]
    [InlineData("https://10.1.2.3:6443", null, null, null)]
    [InlineData("https://10.1.2.3:6443", " ", null, null)]
    [InlineData("https://127.0.0.1:6443", "http://p:3128", null, null)]
    [InlineData("https://127.8.8.8:6443", "http://p:3128", null, null)]
    [InlineData("https://[::1]:6443", "http://p:3128", null, null)]
    [InlineData("https://localhost:6443", "http://p:3128", null, null)]
    [InlineData("https://10.1.2.3:6443", "http://p:3128", "*", null)]
    [InlineData("https://10.1.2.3:6443", "http://p:3128", "10.1.2.3", null)]
    [InlineData("https://10.1.2.3:6443", "http://p:3128", "10.1.2.3:6443", null)]
    [InlineData("https://10.1.2.3:6443", "http://p:3128", "10.1.2.3:443", "http://p:3128/")]
    [InlineData("https://10.1.2.3:6443", "http://p:3128", "192.168.0.0/16, 10.0.0.0/8", null)]
    [InlineData("https://10.1.2.3:6443", "http://p:3128", "10.2.0.0/16", "http://p:3128/")]
    [InlineData("https://10.1.2.3:6443", "http://p:3128", "10.0.0.0/99", "http://p:3128/")]
    [InlineData("https://[fd00::7]:6443", "http://p:3128", "fd00::/8", null)]
    [InlineData("https://[fd00::7]:6443", "http://p:3128", "[fd00::7]:6443", null)]
    [InlineData("https://k3s.example.com:6443", "http://p:3128", "example.com", null)]
    [InlineData("https://k3s.example.com:6443", "http://p:3128", ".example.com", null)]
    [InlineData("https://k3s.example.com:6443", "http://p:3128", "*.example.com", null)]
    [InlineData("https://K3S.example.com:6443", "http://p:3128", "k3s.EXAMPLE.com:6443", null)]
    [InlineData("https://example.com:6443", "http://p:3128", ".example.com", "http://p:3128/")]
    [InlineData("https://badexample.com:6443", "http://p:3128", "example.com", "http://p:3128/")]
    [InlineData("https://k3s.example.com:6443", "http://p:3128", ",, other.example", "http://p:3128/")]
    public void The_environments_proxy_is_chosen_as_kubectl_does(string server, string? proxy, string? noProxy, string? expected) =>
        Assert.Equal(expected, EnvironmentProxy.For(new Uri(server), proxy, noProxy)?.AbsoluteUri);

    [Fact]
    public void A_proxy_variable_that_is_no_URL_is_an_error_that_does_not_quote_it()
    {
        K3sTokenException error = Assert.Throws<K3sTokenException>(
            () => EnvironmentProxy.For(new Uri("https://10.1.2.3"), "http://user:pass word@[", null));

        Assert.Contains("HTTPS_PROXY", error.Message);
        Assert.DoesNotContain("pass word", error.Message);
    }

    /// <summary>A proxy that knows CONNECT and nothing else.</summary>
    private sealed class TunnelProxy : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly bool _needsPassword;

        public TunnelProxy(bool needsPassword)
        {
            _needsPassword = needsPassword;
            _listener.Start();
            _ = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public System.Collections.Concurrent.ConcurrentQueue<string> Heads { get; } = new();

        public void Dispose() => _listener.Stop();

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    _ = ServeAsync(await _listener.AcceptTcpClientAsync(Ending));
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
            }
        }

        private async Task ServeAsync(TcpClient client)
        {
            try
            {
                using (client)
                {
                    NetworkStream near = client.GetStream();
                    string head = await ReadHeadAsync(near);
                    while (_needsPassword && !head.Contains("Proxy-Authorization"))
                    {
                        await near.WriteAsync(
                            "HTTP/1.1 407 X\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
                        head = await ReadHeadAsync(near);
                    }

                    using TcpClient far = new();
                    await far.ConnectAsync(IPEndPoint.Parse(head.Split(' ')[1]));
                    await near.WriteAsync("HTTP/1.1 200 X\r\n\r\n"u8.ToArray());
                    await Task.WhenAny(near.CopyToAsync(far.GetStream()), far.GetStream().CopyToAsync(near));
                }
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
            }
        }

        private async Task<string> ReadHeadAsync(NetworkStream from)
        {
            StringBuilder head = new();
            byte[] one = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                if (await from.ReadAsync(one) == 0)
                {
                    throw new IOException("closed");
                }

                head.Append((char)one[0]);
            }

            Heads.Enqueue(head.ToString());
            return head.ToString();
        }
    }
}
