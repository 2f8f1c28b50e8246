using K3sToken.Kubernetes;
using K3sToken.Supervisor;
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

    private static RotationNodes Of(bool agentsToo, params string[] hosts) => RotationNodes.Of(Nodes, hosts, agentsToo);
}
