using System;
using System.Linq;
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

        await fixture.Connections.Open(context, fixture.Notices, TimeSpan.FromSeconds(30)).ListSecretsAsync("x", 0, null, null, Ending);

        Assert.Single(fixture.Server.Requests);
        string tunnel = proxy.Heads.Last();
        Assert.StartsWith($"CONNECT {fixture.Server.Address.Authority} ", tunnel);
        Assert.Contains("Proxy-Authorization: Basic " + Convert.ToBase64String("us@er:pass"u8), tunnel);
        Assert.All(proxy.Heads, head => Assert.DoesNotContain("a-bearer-token", head));
    }

    [Fact]
    public async Task A_proxy_that_cannot_be_reached_is_named_without_its_password()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, EmptyList));
        ClusterContext context = fixture.Context().With(proxy: new Uri("http://user:pass@127.0.0.1:1"));

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(
            () => fixture.Connections.Open(context, fixture.Notices, TimeSpan.FromSeconds(30)).ListSecretsAsync("x", 0, null, null, Ending));

        Assert.Equal(ErrorId.ClusterUnreachable, error.Id);
        Assert.Contains("through the proxy 127.0.0.1:1: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("pass", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_does_not_change_whom_to_trust()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, EmptyList));
        using TunnelProxy proxy = new(needsPassword: false);
        ClusterContext context = fixture.Context().With(
            proxy: new Uri($"http://127.0.0.1:{proxy.Port}"), caBundle: TestCA.Root("other").Pem);

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(
            () => fixture.Connections.Open(context, fixture.Notices, TimeSpan.FromSeconds(30)).ListSecretsAsync("x", 0, null, null, Ending));

        Assert.Equal(ErrorId.ServerCertificateUntrusted, error.Id);
        Assert.Equal(0, fixture.Server.Bytes);
    }

    [Fact]
    public async Task A_proxy_reached_by_TLS_is_asked_for_its_own_name()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, EmptyList));
        using TunnelProxy proxy = new(needsPassword: false, fixture.CA.Server("localhost"));
        using TunnelProxy wrong = new(needsPassword: false, fixture.CA.Server("elsewhere"));
        ClusterContext through = fixture.Context().With(proxy: new Uri($"https://localhost:{proxy.Port}"));
        ClusterContext throughWrong = fixture.Context().With(proxy: new Uri($"https://localhost:{wrong.Port}"));

        await fixture.Connections.Open(through, fixture.Notices, TimeSpan.FromSeconds(30)).ListSecretsAsync("x", 0, null, null, Ending);
        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(
            () => fixture.Connections.Open(throughWrong, fixture.Notices, TimeSpan.FromSeconds(30)).ListSecretsAsync("x", 0, null, null, Ending));

        Assert.Single(fixture.Server.Requests);
        Assert.Equal(ErrorId.ServerCertificateUntrusted, error.Id);
        Assert.Empty(wrong.Heads);
    }

    [Fact]
    public async Task A_socks5_proxy_is_used_with_its_user_name()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, EmptyList));
        using TunnelProxy proxy = new(needsPassword: true, speaksSocks: true);
        ClusterContext context = fixture.Context().With(proxy: new Uri($"socks5://user:pass@127.0.0.1:{proxy.Port}"));

        await fixture.Connections.Open(context, fixture.Notices, TimeSpan.FromSeconds(30)).ListSecretsAsync("x", 0, null, null, Ending);

        Assert.Single(fixture.Server.Requests);
        Assert.Equal(["user:pass"], proxy.Heads);
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
    [InlineData("https://k3s.example.com:6443", "socks5://p:1080", null, "socks5://p:1080")]
    public void The_environments_proxy_is_chosen_as_kubectl_does(string server, string? proxy, string? noProxy, string? expected) =>
        Assert.Equal(expected, EnvironmentProxy.For(new Uri(server), proxy, noProxy)?.AbsoluteUri.Replace("1080/", "1080"));

    [Theory]
    [InlineData("http://user:pass word@[")]
    [InlineData("ftp://user:pass%20word@host")]
    public void A_proxy_variable_that_is_no_proxys_URL_is_an_error_that_does_not_quote_it(string proxy)
    {
        K3sTokenException error = Assert.Throws<K3sTokenException>(() => EnvironmentProxy.For(new Uri("https://10.1.2.3"), proxy, null));

        Assert.Contains("HTTPS_PROXY", error.Message);
        Assert.DoesNotContain("word", error.Message);
    }
}
