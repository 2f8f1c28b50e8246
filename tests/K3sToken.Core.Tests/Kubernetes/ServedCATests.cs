using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class ServedCATests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_bundle_that_verified_the_connection_is_handed_out_as_served()
    {
        ApiFixture? fixture = null;
        using ApiFixture answering = fixture = new(_ => Answer.Of(200, "text/plain", Encoding.ASCII.GetString(fixture!.CA.Pem)));

        byte[]? bundle = await fixture.Open().GetServedCAAsync(Ending);

        Assert.Equal(fixture.CA.Pem, bundle);
        Received request = fixture.Server.Requests.Single();
        Assert.Equal("GET /cacerts", $"{request.Method} {request.Target}");
    }

    [Fact]
    public async Task A_bundle_other_than_the_kubeconfigs_is_tried_on_a_second_connection()
    {
        ApiFixture? fixture = null;
        using ApiFixture answering = fixture = new(
            _ => Answer.Of(200, "text/plain", "other bytes\n" + Encoding.ASCII.GetString(fixture!.CA.Pem)));

        byte[]? bundle = await fixture.Open().GetServedCAAsync(Ending);

        Assert.StartsWith("other bytes\n", Encoding.ASCII.GetString(bundle!));
        Assert.Equal(2, fixture.Server.Connections);
    }

    [Fact]
    public async Task A_bundle_that_does_not_verify_the_server_is_none()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Of(200, "text/plain", Encoding.ASCII.GetString(TestCA.Root("other").Pem)));

        Assert.Null(await fixture.Open().GetServedCAAsync(Ending));
    }

    [Theory]
    [InlineData(404, "404 page not found")]
    [InlineData(403, "forbidden")]
    [InlineData(401, "unauthorized")]
    [InlineData(302, "elsewhere")]
    [InlineData(503, "starting")]
    [InlineData(200, "no certificate at all")]
    [InlineData(200, "")]
    public async Task A_server_that_serves_none_has_none(int status, string body)
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Of(status, "text/plain", body));

        Assert.Null(await fixture.Open().GetServedCAAsync(Ending));
        Assert.Single(fixture.Server.Requests);
    }

    [Theory]
    [InlineData(1 << 20, true)]
    [InlineData((1 << 20) + 1, false)]
    public async Task A_bundle_of_more_than_a_MiB_is_none(int size, bool isOne)
    {
        ApiFixture? fixture = null;
        using ApiFixture answering = fixture = new(_ => Answer.Of(200, "text/plain", Encoding.ASCII.GetString(fixture!.CA.Pem).PadRight(size, '\n')));

        byte[]? bundle = await fixture.Open().GetServedCAAsync(Ending);

        Assert.Equal(isOne, bundle is not null);
    }

    [Fact]
    public async Task No_credentials_go_along()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Of(404, "text/plain", ""));
        using var certificate = fixture.CA.Client();
        ClusterUser user = new()
        {
            ClientCertificate = TestCA.PemOf(certificate),
            ClientKey = TestCA.KeyPemOf(certificate),
            Token = new K3sToken.Tokens.Secret("a-bearer-token"),
            ActAs = new Impersonation("jane", null, [], new Dictionary<string, IReadOnlyList<string>>()),
        };

        await fixture.Open(user).GetServedCAAsync(Ending);

        Received request = fixture.Server.Requests.Single();
        Assert.Null(request["Authorization"]);
        Assert.Null(request["Impersonate-User"]);
        Assert.Equal([null], fixture.Server.ClientSubjects);
    }

    [Fact]
    public async Task A_server_that_cannot_be_trusted_or_reached_is_an_error()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Of(404, "text/plain", ""));
        IKubernetesApi untrusted = fixture.Connections.Open(
            fixture.Context().With(caBundle: TestCA.Root("other").Pem), fixture.Notices, TimeSpan.FromSeconds(30));
        IKubernetesApi api = fixture.Open();

        Assert.Equal(
            ErrorId.ServerCertificateUntrusted,
            (await Assert.ThrowsAsync<K3sTokenException>(() => untrusted.GetServedCAAsync(Ending))).Id);
        fixture.Server.Dispose();
        Assert.Equal(ErrorId.ClusterUnreachable, (await Assert.ThrowsAsync<K3sTokenException>(() => api.GetServedCAAsync(Ending))).Id);
    }
}
