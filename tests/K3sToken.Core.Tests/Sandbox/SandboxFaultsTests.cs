using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Http;
using System.Security.Authentication;
using System.Threading.Tasks;
using K3sToken.Sandboxing;
using K3sToken.Sandboxing.Certificates;
using Xunit;
using static K3sToken.Tests.Sandboxing.SupervisorClient;

namespace K3sToken.Tests.Sandboxing;

public class SandboxFaultsTests
{
    [Theory]
    [InlineData(RotationFault.LostBeforeChange, 0, "old", "old")]
    [InlineData(RotationFault.LostAfterChange, 0, "new", "new")]
    [InlineData(RotationFault.ErrorBeforeChange, 500, "old", "old")]
    [InlineData(RotationFault.ErrorAfterFiles, 500, "new", "old")]
    [InlineData(RotationFault.ErrorWithOtherKey, 500, "new", "neither")]
    [InlineData(RotationFault.ErrorAfterDatastore, 500, "new", "new")]
    [InlineData(RotationFault.None, 200, "new", "new")]
    public async Task A_rotation_goes_wrong_where_it_is_told_to(RotationFault fault, int status, string files, string datastore)
    {
        await using Sandbox sandbox = await StartAsync();
        SandboxServer server = sandbox.Servers[0];
        server.Faults.OnRotation(fault);
        Assert.Equal(status, await StatusOfRotationAsync(sandbox, server));
        Assert.EndsWith(files == "old" ? Old : New, server.Token, StringComparison.Ordinal);
        Assert.Equal(datastore, sandbox.Datastore.Opens(Old) ? "old" : sandbox.Datastore.Opens(New) ? "new" : "neither");
        Assert.Equal("old", await AcceptsAsync(sandbox, server));
        int back = (await RotateAsync(sandbox, server, Old)).Status;
        Assert.Equal(datastore == "neither" ? 500 : 200, back);
    }

    [Fact]
    public async Task Faults_come_one_after_the_other_and_not_for_what_is_refused_anyway()
    {
        await using Sandbox sandbox = await StartAsync();
        SandboxServer server = sandbox.Servers[0];
        server.Faults.OnRotation(RotationFault.LostAfterChange, times: 2);
        server.Faults.OnRotation(RotationFault.ErrorBeforeChange);
        Assert.Equal(401, (await SendAsync(sandbox, server, "PUT", "/v1-k3s/token", "server:wrong", "{}")).Status);
        Assert.Equal(400, (await SendAsync(sandbox, server, "PUT", "/v1-k3s/token", "server:" + Old, "x")).Status);
        List<int> statuses = [];
        for (int i = 0; i < 4; i++)
        {
            statuses.Add(await StatusOfRotationAsync(sandbox, server));
        }

        Assert.Equal([0, 0, 500, 200], statuses);
    }

    [Fact]
    public async Task A_stale_server_starts_again_and_accepts_what_it_accepted()
    {
        await using Sandbox sandbox = await StartAsync();
        SandboxServer server = sandbox.Servers[0];
        await RotateAsync(sandbox, server);
        server.Faults.Stale = true;
        Assert.True(await server.RestartAsync(New));
        Assert.Equal("old", await AcceptsAsync(sandbox, server));
        server.Faults.Stale = false;
        Assert.True(await server.RestartAsync(New));
        Assert.Equal("new", await AcceptsAsync(sandbox, server));
    }

    [Fact]
    public async Task A_server_of_an_older_version_answers_as_one()
    {
        await using Sandbox sandbox = await StartAsync();
        SandboxServer server = sandbox.Servers[0];
        server.Faults.LegacyStatusCodes = true;
        RawAnswer legacy = await SendAsync(sandbox, server, "GET", "/v1-k3s/token", "server:" + Old);
        Assert.Equal((400, ""), (legacy.Status, legacy.Text));
        Assert.Equal(401, (await SendAsync(sandbox, server, "GET", "/v1-k3s/token", "server:" + New)).Status);
        server.Faults.TooOldToRotate = true;
        RawAnswer unknown = await SendAsync(sandbox, server, "GET", "/v1-k3s/token", "server:" + Old);
        Assert.Equal(401, unknown.Status);
        Assert.Contains("\"apiVersion\":\"v1\"", unknown.Text, StringComparison.Ordinal);
        Assert.Equal(401, await StatusOfRotationAsync(sandbox, server));
        Assert.EndsWith(Old, server.Token, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_told_anything_to_whom_an_impostor_shows_another_CA()
    {
        await using Sandbox sandbox = await StartAsync();
        SandboxServer server = sandbox.Servers[0];
        ClusterCertificates forged = ClusterCertificates.Create(new CertificateOptions());
        server.Faults.Impostor = new Impostor(forged) { Bundle = forged.Bundle };
        Assert.Equal(forged.Bundle, (await SendAsync(sandbox, server, "GET", "/cacerts")).Body);
        Assert.NotEqual(forged.Bundle, sandbox.CABundle);
        await RefusedAsync(sandbox, server);
        Assert.False(SawAuthorization(server));
        server.Faults.Impostor = null;
        using HttpClient client = Trusting(sandbox);
        await client.GetAsync(server.Url, TestContext.Current.CancellationToken);
        Assert.True(SawAuthorization(server));
    }

    [Fact]
    public async Task An_impostor_may_have_the_right_CA_and_the_wrong_name()
    {
        await using Sandbox sandbox = await StartAsync();
        SandboxServer server = sandbox.Servers[0];
        server.Faults.Impostor = new Impostor(sandbox.Certificates.Reissue(new CertificateOptions { WrongHostName = true }));
        await RefusedAsync(sandbox, server);
        Assert.False(SawAuthorization(server));
    }

    [Fact]
    public async Task An_impostor_may_come_after_some_connections()
    {
        await using Sandbox sandbox = await StartAsync();
        SandboxServer server = sandbox.Servers[0];
        server.Faults.Impostor = new Impostor(ClusterCertificates.Create(new CertificateOptions())) { AfterConnections = 2 };
        for (int i = 0; i < 2; i++)
        {
            using HttpClient each = Trusting(sandbox);
            await each.GetAsync(new Uri(server.Url, "/cacerts"), TestContext.Current.CancellationToken);
        }

        await RefusedAsync(sandbox, server);
    }

    private static Task<Sandbox> StartAsync() => Sandbox.StartAsync(new SandboxOptions { Token = Old });

    private static async Task<int> StatusOfRotationAsync(Sandbox sandbox, SandboxServer server)
    {
        try
        {
            return (await RotateAsync(sandbox, server)).Status;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static async Task RefusedAsync(Sandbox sandbox, SandboxServer server)
    {
        using HttpClient client = Trusting(sandbox);
        HttpRequestException refused =
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(server.Url, TestContext.Current.CancellationToken));
        Assert.IsType<AuthenticationException>(refused.InnerException);
    }
}
