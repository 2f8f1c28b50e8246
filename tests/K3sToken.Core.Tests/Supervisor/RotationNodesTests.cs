using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using K3sToken.Sandboxing;
using K3sToken.Sandboxing.Http;
using K3sToken.Sandboxing.Nodes;
using K3sToken.Supervisor;
using K3sToken.Tests.Kubernetes;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Supervisor;

public sealed class RotationNodesTests
{
    private static readonly NodeResource[] Nodes =
    [
        new("agent-1", false, ["10.0.0.9"]),
        new("server-1", true, ["10.0.0.1", "server-1"]),
        new("server-2", true, ["10.0.0.2"]),
    ];

    [Fact]
    public void Servers_are_restarted_always_and_agents_where_they_have_the_same_token()
    {
        Assert.Equal(["server-1", "server-2"], Of(false, "10.0.0.1", "10.0.0.2").Restart!);
        Assert.Equal(["server-1", "server-2", "agent-1"], Of(true, "10.0.0.1", "10.0.0.2").Restart!);
    }

    [Theory]
    [InlineData("10.0.0.1 10.0.0.2")]
    [InlineData("SERVER-1 server-2.example.com")]
    [InlineData("10.0.0.1 127.0.0.1")]
    [InlineData("tunnel-1 tunnel-2")]
    public void Servers_are_known_by_name_by_address_or_by_number(string hosts)
    {
        RotationNodes found = Of(false, hosts.Split(' '));
        Assert.True(found.AllNamed);
        Assert.Null(found.Warning);
    }

    [Theory]
    [InlineData("10.0.0.1 10.0.0.2 10.0.0.3")]
    [InlineData("tunnel-1 tunnel-2 tunnel-3")]
    public void A_server_that_is_no_node_is_warned_of(string hosts)
    {
        RotationNodes found = Of(false, hosts.Split(' '));
        Assert.True(found.AllNamed);
        Assert.Contains("--disable-agent", found.Warning);
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("10.0.0.1 10.0.0.1")]
    [InlineData("10.0.0.1 10.0.0.9")]
    [InlineData("tunnel-1")]
    public void A_server_that_nobody_named_is_warned_of(string hosts)
    {
        RotationNodes found = Of(false, hosts.Split(' '));
        Assert.False(found.AllNamed);
        Assert.Contains("server-2", found.Warning);
    }

    [Theory]
    [InlineData(null, "server-1 server-2 agent-1 agent-2")]
    [InlineData("an-agent-token", "server-1 server-2")]
    public async Task The_cluster_is_asked_and_agents_are_restarted_where_they_joined_with_the_server_token(string? agentToken, string expected)
    {
        await using Sandbox sandbox = await StartAsync(agentToken);
        RotationNodes found = await FindAsync(sandbox, 2, ContextOf(sandbox));
        Assert.Equal(expected, string.Join(' ', found.Restart!));
        Assert.Null(found.Warning);
        Assert.True(found.AllNamed);
    }

    [Fact]
    public async Task Servers_that_nobody_named_keep_the_rotation_from_being_finished()
    {
        await using Sandbox sandbox = await StartAsync();
        RotationNodes found = await FindAsync(sandbox, 1, ContextOf(sandbox));
        Assert.Equal(4, found.Restart!.Length);
        Assert.Contains("1 of server-1, server-2 are missing", found.Warning);
        Assert.False(found.AllNamed);
    }

    [Fact]
    public async Task A_kubeconfig_of_another_cluster_says_nothing_and_is_not_asked()
    {
        await using Sandbox sandbox = await StartAsync();
        await using Sandbox other = await StartAsync();
        RotationNodes found = await FindAsync(sandbox, 2, ContextOf(other));
        Assert.Null(found.Restart);
        Assert.Contains("may lead to another cluster", found.Warning);
        Assert.DoesNotContain(other.Requests, request => request.Target.Contains("nodes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_kubeconfig_that_verifies_nothing_says_nothing()
    {
        await using Sandbox sandbox = await StartAsync();
        RotationNodes unverified = await FindAsync(sandbox, 2, ContextOf(sandbox, bundle: null, skip: true));
        RotationNodes ofThisMachine = await FindAsync(sandbox, 2, ContextOf(sandbox, bundle: null, skip: false));
        Assert.Equal((null, null), (unverified.Restart, ofThisMachine.Restart));
        Assert.DoesNotContain(sandbox.Requests, request => request.Target.Contains("nodes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_may_not_list_nodes_is_told_so_and_nothing_ends()
    {
        await using Sandbox sandbox = await StartAsync();
        sandbox.Intercept = http => http.Request.Path.Value!.EndsWith("/nodes", StringComparison.Ordinal)
            ? Scripted.RefuseAsync(http, 403, "Forbidden", "nodes is forbidden")
            : Task.FromResult(false);
        RotationNodes found = await FindAsync(sandbox, 2, ContextOf(sandbox));
        Assert.Null(found.Restart);
        Assert.Contains("403", found.Warning);
    }

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    private static Task<Sandbox> StartAsync(string? agentToken = null) => Sandbox.StartAsync(new SandboxOptions
    {
        Servers = 2,
        AgentToken = agentToken,
        Nodes = [new SandboxNode("agent-1", false), new SandboxNode("server-1", true), new SandboxNode("agent-2", false), new SandboxNode("server-2", true)],
    });

    private static ClusterContext ContextOf(Sandbox sandbox) => ContextOf(sandbox, [.. sandbox.CABundle], skip: false);

    private static ClusterContext ContextOf(Sandbox sandbox, byte[]? bundle, bool skip) => new()
    {
        Name = "default",
        Server = sandbox.Url,
        CABundle = bundle,
        SkipTlsVerify = skip,
        User = new ClusterUser
        {
            ClientCertificate = Encoding.ASCII.GetBytes(sandbox.AdminCertificatePem),
            ClientKey = Encoding.ASCII.GetBytes(sandbox.AdminKeyPem),
        },
    };

    private static async Task<RotationNodes> FindAsync(Sandbox sandbox, int named, ClusterContext context)
    {
        SupervisorAccess access = new(TimeSpan.FromSeconds(30), new TestNotices());
        using ClusterConnections connections = new();
        using Secret value = new("the-new-password");
        using RotationTokens tokens = RotationTokens.Read(sandbox.Token, value);
        IEnumerable<Uri> servers = sandbox.Servers.Take(named).Select(server => server.Url);
        using Rotation rotation = await Rotation.PrepareAsync([.. servers], tokens, access, false, null, Ending);
        RotationNodes found =
            await rotation.FindNodesAsync(connections.Open(context, new TestNotices(), TimeSpan.FromSeconds(30)), Ending);
        Assert.Equal(found.Warning is null ? [] : [found.Warning], rotation.Warnings);
        return found;
    }

    [Fact]
    public void A_server_that_is_named_twice_hides_no_other()
    {
        RotationHost[] hosts = [new("10.1.0.1", 6443, ["10.1.0.1"]), new("alias", 6443, ["10.1.0.1"])];

        RotationNodes found = RotationNodes.Of(Nodes, hosts, agentsToo: false);

        Assert.False(found.AllNamed);
        Assert.Contains("1 of server-1, server-2", found.Warning);
    }

    [Fact]
    public void Two_ports_of_one_address_are_two_servers()
    {
        RotationHost[] hosts = [new("tunnel", 6443, ["10.1.0.1"]), new("tunnel", 6444, ["10.1.0.1"])];

        Assert.True(RotationNodes.Of(Nodes, hosts, agentsToo: false).AllNamed);
    }

    [Fact]
    public void A_name_is_known_by_the_address_that_it_stands_for()
    {
        RotationHost[] hosts = [new("one.alias", 6443, ["10.0.0.1"]), new("two.alias", 6443, ["10.0.0.2"])];

        Assert.Null(RotationNodes.Of(Nodes, hosts, agentsToo: false).Warning);
    }

    private static RotationNodes Of(bool agentsToo, params string[] hosts) =>
        RotationNodes.Of(Nodes, [.. hosts.Select(host => new RotationHost(host, 6443, []))], agentsToo);
}
