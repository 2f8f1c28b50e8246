using System;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class ConnectionTrustTests
{
    private static readonly Answer EmptyList = Answer.Json(200, """{"kind":"SecretList","items":[]}""");

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public void Nothing_is_downloaded_from_where_a_certificate_says()
    {
        using TcpListener somewhere = new(IPAddress.Loopback, 0);
        somewhere.Start();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509AuthorityInformationAccessExtension(ocspUris: null, caIssuersUris: [$"http://{somewhere.LocalEndpoint}/ca"]));
        using X509Certificate2 leaf = request.Create(
            new X500DistinguishedName("CN=unknown"), X509SignatureGenerator.CreateForECDsa(key), DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), [1]);

        Assert.NotNull(ServerTrust.InHost.Refuse(leaf, [], "localhost"));
        Assert.NotNull(ServerTrust.In(TestCA.Root().Pem)!.Refuse(leaf, [], "localhost"));

        Assert.False(somewhere.Pending());
    }

    [Fact]
    public async Task A_server_of_the_right_CA_and_name_gets_the_request()
    {
        using ApiFixture fixture = ApiFixture.Answering(EmptyList);

        await fixture.Open().ListSecretsAsync("x", 0, null, null, Ending);

        Assert.Equal("Bearer a-bearer-token", fixture.Server.Requests.Single()["Authorization"]);
        Assert.Empty(fixture.Notices.Warnings);
    }

    [Fact]
    public Task A_server_of_another_CA_gets_nothing() =>
        MustBeRefused(ca => ca.Server("127.0.0.1"), context => context.With(caBundle: TestCA.Root("other").Pem), "does not chain");

    [Fact]
    public Task A_server_of_the_right_CA_and_another_name_gets_nothing() =>
        MustBeRefused(
            ca => ca.Server("elsewhere.example"), context => context, "not for the name '127.0.0.1'; it is for: elsewhere.example");

    [Fact]
    public Task A_server_gets_nothing_where_no_CA_is_given_and_this_machine_does_not_trust_it() =>
        MustBeRefused(ca => ca.Server("127.0.0.1"), context => context.With(hostTrust: true), "this machine does not trust");

    [Fact]
    public Task A_server_whose_certificate_has_expired_gets_nothing() =>
        MustBeRefused(ca => ca.Issue("CN=k3s", TestCA.ServerAuthentication, -9, -3, "127.0.0.1"), context => context, "expired on");

    [Fact]
    public Task A_server_with_a_certificate_for_clients_gets_nothing() =>
        MustBeRefused(ca => ca.Issue("CN=k3s", TestCA.ClientAuthentication, names: "127.0.0.1"), context => context, "extended key usage");

    [Fact]
    public Task A_server_without_the_tls_server_name_gets_nothing() =>
        MustBeRefused(
            ca => ca.Server("127.0.0.1"), context => context.With(tlsServerName: "api.example"), "not for the name 'api.example'");

    [Fact]
    public async Task The_tls_server_name_stands_in_for_the_hosts_and_is_asked_for()
    {
        TestCA ca = TestCA.Root();
        using ScriptedServer server = new(ca.Server("api.example"), _ => EmptyList);
        using ClusterConnections connections = new();
        ClusterContext context = ContextOf(server, ca).With(tlsServerName: "api.example");

        await connections.Open(context, new TestNotices(), TimeSpan.FromSeconds(30)).ListSecretsAsync("x", 0, null, null, Ending);

        Assert.Equal("api.example", server.ServerNames.Single());
    }

    [Fact]
    public async Task A_bundle_of_an_intermediate_alone_is_enough()
    {
        TestCA intermediate = TestCA.Root().Intermediate("intermediate");
        using ScriptedServer server = new(intermediate.Server("127.0.0.1"), _ => EmptyList, intermediate.Certificate);
        using ClusterConnections connections = new();

        await connections.Open(ContextOf(server, intermediate), new TestNotices(), TimeSpan.FromSeconds(30))
            .ListSecretsAsync("x", 0, null, null, Ending);

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_bundle_of_the_root_is_enough_where_the_server_sends_what_is_between()
    {
        TestCA root = TestCA.Root();
        TestCA intermediate = root.Intermediate("intermediate");
        using ScriptedServer server = new(intermediate.Server("127.0.0.1"), _ => EmptyList, intermediate.Certificate);
        using ClusterConnections connections = new();

        await connections.Open(ContextOf(server, root), new TestNotices(), TimeSpan.FromSeconds(30)).ListSecretsAsync("x", 0, null, null, Ending);

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Insecure_skip_tls_verify_takes_any_certificate_and_warns_each_command_once()
    {
        TestCA ca = TestCA.Root();
        using ScriptedServer server = new(ca.Issue("CN=x", TestCA.ClientAuthentication, -9, -3), _ => EmptyList);
        using ClusterConnections connections = new();
        ClusterContext context = ContextOf(server, ca).With(hostTrust: true, skipTlsVerify: true);
        for (int command = 0; command < 2; command++)
        {
            TestNotices notices = new();
            IKubernetesApi api = connections.Open(context, notices, TimeSpan.FromSeconds(30));
            await api.ListSecretsAsync("x", 0, null, null, Ending);
            await api.ListSecretsAsync("x", 0, null, null, Ending);

            Assert.Contains("insecure-skip-tls-verify", Assert.Single(notices.Warnings));
            Assert.Null(await api.GetServedCAAsync(Ending));
        }

        Assert.Equal(1, server.Connections);
        Assert.DoesNotContain(server.Requests, r => r.Target == "/cacerts");
    }

    [Theory]
    [InlineData(-30, -1, "expired on")]
    [InlineData(1, 30, "is not valid before")]
    public async Task A_client_certificate_out_of_its_time_is_not_sent_anywhere(int from, int to, string says)
    {
        using ApiFixture fixture = ApiFixture.Answering(EmptyList);
        using X509Certificate2 certificate = fixture.CA.Client(to, from);
        ClusterUser user = new() { ClientCertificate = TestCA.PemOf(certificate), ClientKey = TestCA.KeyPemOf(certificate) };

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(
            () => fixture.Open(user).ListSecretsAsync("x", 0, null, null, Ending));

        Assert.Equal(ErrorId.ClientCertificateExpired, error.Id);
        Assert.Contains("system:admin", error.Message);
        Assert.Contains(says, error.Message);
        Assert.Equal(0, fixture.Server.Connections);
    }

    private static ClusterContext ContextOf(ScriptedServer server, TestCA ca) => new()
    {
        Name = "test",
        Server = server.Address,
        CABundle = ca.Pem,
        User = new ClusterUser { Token = new K3sToken.Tokens.Secret("a-bearer-token") },
    };

    private static async Task MustBeRefused(
        Func<TestCA, X509Certificate2> certificate, Func<ClusterContext, ClusterContext> change, string reason)
    {
        TestCA ca = TestCA.Root();
        using ScriptedServer server = new(certificate(ca), _ => EmptyList);
        using ClusterConnections connections = new();
        IKubernetesApi api = connections.Open(change(ContextOf(server, ca)), new TestNotices(), TimeSpan.FromSeconds(30));

        K3sTokenException onRead = await Assert.ThrowsAsync<K3sTokenException>(() => api.ListSecretsAsync("x", 0, null, null, Ending));
        K3sTokenException onChange = await Assert.ThrowsAsync<K3sTokenException>(() => api.CreateSecretAsync("x", new byte[10], Ending));

        Assert.Equal(ErrorId.ServerCertificateUntrusted, onRead.Id);
        Assert.Contains(reason, onRead.Message);
        Assert.Contains(server.Address.Authority, onRead.Message);
        Assert.Equal(ErrorId.ServerCertificateUntrusted, onChange.Id);
        Assert.False(onChange.AnswerLost);
        Assert.True(server.Connections is 2, $"{server.Connections} connections");
        Assert.Equal(0, server.Bytes);
    }
}
