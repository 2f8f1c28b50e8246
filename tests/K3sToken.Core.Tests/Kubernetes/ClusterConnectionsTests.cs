using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class ClusterConnectionsTests
{
    private const string EmptyList = """{"kind":"SecretList","items":[]}""";

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commands_share_a_connection_as_long_as_the_context_stays_the_same()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, EmptyList));

        await fixture.Open().ListSecretsAsync("x", 0, null, null, Ending);
        await fixture.Open().ListSecretsAsync("x", 0, null, null, Ending);
        Assert.Equal(1, fixture.Server.Connections);

        await fixture.Open(new ClusterUser { Token = new K3sToken.Tokens.Secret("another") }).ListSecretsAsync("x", 0, null, null, Ending);
        Assert.Equal(2, fixture.Server.Connections);
        Assert.Equal("Bearer another", fixture.Server.Requests.Last()["Authorization"]);
    }

    [Fact]
    public async Task Who_to_act_as_does_not_stick_to_a_connection()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, EmptyList));
        K3sToken.Tokens.Secret token = new("t");
        ClusterUser asJane = new()
        {
            Token = token,
            ActAs = new Impersonation("jane", null, [], new Dictionary<string, IReadOnlyList<string>>()),
        };

        await fixture.Open(asJane).ListSecretsAsync("x", 0, null, null, Ending);
        await fixture.Open(new ClusterUser { Token = token }).ListSecretsAsync("x", 0, null, null, Ending);

        Assert.Equal(["jane", null], fixture.Server.Requests.Select(r => r["Impersonate-User"]));
    }

    [Fact]
    public async Task Closed_connections_are_made_anew_when_they_are_needed()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, EmptyList));

        await fixture.Open().ListSecretsAsync("x", 0, null, null, Ending);
        fixture.Connections.Dispose();
        await fixture.Open().ListSecretsAsync("x", 0, null, null, Ending);

        Assert.Equal(2, fixture.Server.Connections);
    }

    [Fact]
    public async Task Of_many_clusters_those_used_last_are_kept()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, EmptyList));
        async Task Use(int user) =>
            await fixture.Open(new ClusterUser { Token = new K3sToken.Tokens.Secret($"user{user}") }).ListSecretsAsync("x", 0, null, null, Ending);

        for (int user = 0; user < 128; user++)
        {
            await Use(user);
        }

        int all = fixture.Server.Connections;
        await Use(0);
        Assert.Equal(all, fixture.Server.Connections);
        await Use(128);
        all = fixture.Server.Connections;
        await Use(0);
        Assert.Equal(all, fixture.Server.Connections);
        await Use(1);
        Assert.True(fixture.Server.Connections > all);
    }

    [Fact]
    public void A_bundle_without_a_certificate_is_a_faulty_kubeconfig()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, EmptyList));
        ClusterContext context = fixture.Context().With(caBundle: Encoding.ASCII.GetBytes("nothing"));

        K3sTokenException error = Assert.Throws<K3sTokenException>(
            () => fixture.Connections.Open(context, fixture.Notices, TimeSpan.FromSeconds(30)));

        Assert.Equal(ErrorId.KubeconfigInvalid, error.Id);
    }

    [Fact]
    public async Task A_server_that_cannot_be_found_is_named()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, EmptyList));
        ClusterContext context = fixture.Context().With(server: new Uri("https://no-such-host.invalid:6443"));

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(
            () => fixture.Connections.Open(context, fixture.Notices, TimeSpan.FromSeconds(30)).ListSecretsAsync("x", 0, null, null, Ending));

        Assert.Equal(ErrorId.ClusterUnreachable, error.Id);
        Assert.Contains("https://no-such-host.invalid:6443 cannot be reached: its host name cannot be resolved", error.Message);
    }
}
