using System;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;
using K3sToken.Sandboxing;
using K3sToken.Sandboxing.Certificates;
using K3sToken.Sandboxing.Datastore;
using Xunit;
using static K3sToken.Tests.Sandboxing.SupervisorClient;

namespace K3sToken.Tests.Sandboxing;

public class SandboxClusterTests
{
    [Fact]
    public async Task Each_server_takes_a_rotated_token_when_it_is_restarted_with_it()
    {
        await using Sandbox sandbox = await ThreeAsync();
        Assert.Equal(200, (await RotateAsync(sandbox, sandbox.Servers[0])).Status);
        Assert.Equal("old, old, old", await AllAcceptAsync(sandbox));
        Assert.True(await sandbox.Servers[1].RestartAsync(New));
        Assert.Equal("old, new, old", await AllAcceptAsync(sandbox));
        Assert.True(await sandbox.Servers[0].RestartAsync());
        Assert.True(await sandbox.Servers[2].RestartAsync(sandbox.Servers[0].Token));
        Assert.Equal("new, new, new", await AllAcceptAsync(sandbox));
        Assert.All(sandbox.Servers, server => Assert.EndsWith("::server:" + New, server.Token, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Old)]
    [InlineData(null)]
    public async Task A_server_does_not_start_again_without_the_new_token(string? token)
    {
        await using Sandbox sandbox = await ThreeAsync();
        await RotateAsync(sandbox, sandbox.Servers[0]);
        SandboxServer second = sandbox.Servers[1];
        Uri url = second.Url;
        Assert.False(await second.RestartAsync(token));
        Assert.False(second.IsRunning);
        Assert.EndsWith("bootstrap data already found and encrypted with different token", second.FatalError, StringComparison.Ordinal);
        Assert.Contains("level=fatal", Assert.Single(second.LogLines), StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<SocketException>(() => AcceptsAsync(sandbox, second));
        Assert.True(await second.RestartAsync(New));
        Assert.Null(second.FatalError);
        Assert.Equal(url, second.Url);
    }

    [Fact]
    public async Task The_same_request_to_another_server_is_harmless_and_another_value_is_not()
    {
        await using Sandbox sandbox = await ThreeAsync();
        await RotateAsync(sandbox, sandbox.Servers[0]);
        Assert.Equal(200, (await RotateAsync(sandbox, sandbox.Servers[1])).Status);
        Assert.True(sandbox.Datastore.Opens(New));
        Assert.Equal(500, (await RotateAsync(sandbox, sandbox.Servers[2], "another")).Status);
        Assert.True(sandbox.Datastore.Opens(New));
        Assert.EndsWith("::server:another", sandbox.Servers[2].Token, StringComparison.Ordinal);
        Assert.False(await sandbox.Servers[2].RestartAsync(New));
    }

    [Fact]
    public async Task Servers_share_Secrets_and_bootstrap_tokens_and_each_knows_what_it_was_asked()
    {
        await using Sandbox sandbox = await ThreeAsync();
        sandbox.Secrets.AddBootstrapToken("abcdef", "0123456789abcdef");
        foreach (SandboxServer server in sandbox.Servers)
        {
            RawAnswer answer = await RawHttp.SendAsync(
                sandbox, server.Url, "GET", "/v1-k3s/readyz", [new("Authorization", "Bearer abcdef.0123456789abcdef")], body: null);
            Assert.Equal(200, answer.Status);
            Assert.Equal("/v1-k3s/readyz", Assert.Single(server.Requests).Target);
            string received = Encoding.ASCII.GetString([.. server.ReceivedBytes]);
            Assert.StartsWith("GET /v1-k3s/readyz HTTP/1.1\r\n", received, StringComparison.Ordinal);
            Assert.EndsWith("\r\n\r\n", received, StringComparison.Ordinal);
        }

        Assert.Equal(3, sandbox.Requests.Count);
        sandbox.ForgetRequests();
        Assert.All(sandbox.Servers, server => Assert.Empty(server.ReceivedBytes));
    }

    [Theory]
    [InlineData(AuthorityKind.SelfSigned)]
    [InlineData(AuthorityKind.Custom)]
    [InlineData(AuthorityKind.CustomWithoutRoot)]
    public async Task A_token_names_the_CA_as_a_client_would_compute_it(AuthorityKind kind)
    {
        CertificateOptions certificates = new() { Authority = kind };
        await using Sandbox sandbox = await Sandbox.StartAsync(new SandboxOptions { Certificates = certificates, Token = Old });
        string hash = K3sToken.Tokens.CAHash.Compute([.. sandbox.CABundle]);
        Assert.Equal($"K10{hash}::server:{Old}", sandbox.Token);
        byte[] file = await File.ReadAllBytesAsync(
            Path.Combine(sandbox.Servers[0].DataDirectory, "server", "tls", "server-ca.crt"),
            TestContext.Current.CancellationToken);
        Assert.Equal(sandbox.CABundle, file);
    }

    [Fact]
    public async Task Other_CAs_are_in_the_files_and_in_the_datastore_and_the_server_starts_with_them()
    {
        await using Sandbox sandbox = await Sandbox.StartAsync(new SandboxOptions { Token = Old });
        string before = sandbox.Token;
        await sandbox.StartAgainAsync(ClusterCertificates.Create(new CertificateOptions()));
        Assert.NotEqual(before, sandbox.Token);
        Assert.True(await sandbox.Servers[0].RestartAsync(Old), sandbox.Servers[0].FatalError);
        Assert.Equal(sandbox.CABundle, (await SendAsync(sandbox, sandbox.Servers[0], "GET", "/cacerts")).Body);
    }

    [Fact]
    public async Task Nothing_is_left_behind()
    {
        Sandbox sandbox = await ThreeAsync();
        string[] directories = [.. sandbox.Servers.Select(server => server.DataDirectory)];
        Assert.Equal(3, directories.Distinct().Count(Directory.Exists));
        await sandbox.DisposeAsync();
        Assert.DoesNotContain(directories, Directory.Exists);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    public Task There_are_one_to_fifteen_servers(int servers) => Assert.ThrowsAsync<ArgumentOutOfRangeException>(
        () => Sandbox.StartAsync(new SandboxOptions { Servers = servers }));

    [Fact]
    public async Task Nodes_are_the_servers_unless_others_are_given()
    {
        await using Sandbox sandbox = await ThreeAsync();
        RawAnswer answer = await RawHttp.SendAsync(sandbox, "GET", "/api/v1/nodes");
        Assert.All(sandbox.Servers, server => Assert.Contains($"\"name\":\"{server.Name}\"", answer.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_datastore_has_one_key_named_after_the_token()
    {
        await using Sandbox sandbox = await ThreeAsync();
        await RotateAsync(sandbox, sandbox.Servers[0]);
        Assert.Equal(BootstrapCipher.KeyOf(New), Assert.Single(sandbox.Datastore.Keys).Key);
        Assert.True(sandbox.Datastore.Opens(New));
        Assert.False(sandbox.Datastore.Opens(Old));
    }

    private static Task<Sandbox> ThreeAsync() => Sandbox.StartAsync(new SandboxOptions { Servers = 3, Token = Old });

    private static async Task<string> AllAcceptAsync(Sandbox sandbox)
    {
        string[] accepted = [.. await Task.WhenAll(sandbox.Servers.Select(server => AcceptsAsync(sandbox, server)))];
        return string.Join(", ", accepted);
    }
}
