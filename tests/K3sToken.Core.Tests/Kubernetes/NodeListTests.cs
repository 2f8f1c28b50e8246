using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class NodeListTests
{
    private const string Nodes = """
        {"kind":"NodeList","apiVersion":"v1","metadata":{"resourceVersion":"300"},"items":[
         {"metadata":{"name":"agent-1","labels":{"kubernetes.io/os":"linux"}},
          "status":{"addresses":[{"type":"InternalIP","address":"10.0.0.9"},{"type":"Hostname","address":"agent-1"}]}},
         {"metadata":{"name":"server-1","labels":{"node-role.kubernetes.io/control-plane":"true","node-role.kubernetes.io/etcd":"true"}},
          "status":{"addresses":[{"type":"InternalIP","address":"10.0.0.1"},{"type":"InternalIP","address":"fd00::1"}]}},
         {"metadata":{"name":"server-2","labels":{"node-role.kubernetes.io/etcd":"true"}},"status":{}},
         {"metadata":{"name":"server-3","labels":{"node-role.kubernetes.io/control-plane":""}}},
         {"metadata":{"name":"agent-2"},"spec":{}},
         {"metadata":{}}]}
        """;

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_come_with_their_addresses_and_whether_they_are_servers()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, Nodes));

        IReadOnlyList<NodeResource> nodes = await fixture.Open().ListNodesAsync(Ending);

        Assert.Equal(["agent-1", "server-1", "server-2", "server-3", "agent-2"], nodes.Select(node => node.Name));
        Assert.Equal([false, true, true, true, false], nodes.Select(node => node.IsControlPlane));
        Assert.Equal(["10.0.0.9/agent-1", "10.0.0.1/fd00::1", "", "", ""], nodes.Select(node => string.Join('/', node.Addresses)));
        Received request = fixture.Server.Requests.Single();
        Assert.Equal("GET /api/v1/nodes", $"{request.Method} {request.Target}");
        Assert.Equal("Bearer a-bearer-token", request["Authorization"]);
    }

    [Fact]
    public async Task A_nodes_name_steers_no_terminal()
    {
        string body = """{"items":[{"metadata":{"name":"a\u001b[2J\u009b\u202eb"}}]}""";
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, body));

        Assert.Equal("a\uFFFD[2J\uFFFD\uFFFDb", (await fixture.Open().ListNodesAsync(Ending)).Single().Name);
    }

    [Fact]
    public async Task A_cluster_may_have_none()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, """{"kind":"NodeList","items":[]}"""));
        Assert.Empty(await fixture.Open().ListNodesAsync(Ending));
    }

    [Theory]
    [InlineData("""{"kind":"NodeList"}""")]
    [InlineData("""{"items":{}}""")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"items":[{"metadata":{"name":"half \ud83d"}}]}""")]
    public async Task What_is_no_list_of_nodes_is_an_error(string body)
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, body));
        K3sTokenException thrown = await Assert.ThrowsAsync<K3sTokenException>(() => fixture.Open().ListNodesAsync(Ending));
        Assert.Equal(ErrorId.ServerError, thrown.Id);
    }

    [Fact]
    public async Task Who_may_not_list_nodes_is_told_which_right_is_missing()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(
            403,
            """
            {"kind":"Status","apiVersion":"v1","status":"Failure","message":"nodes is forbidden: User \"x\" cannot list resource \"nodes\"","reason":"Forbidden","code":403}
            """));
        K3sTokenException thrown = await Assert.ThrowsAsync<K3sTokenException>(() => fixture.Open().ListNodesAsync(Ending));
        Assert.Equal(ErrorId.AccessDenied, thrown.Id);
        Assert.Contains("(list on nodes)", thrown.Message);
        Assert.DoesNotContain("secrets", thrown.Message);
    }

    [Fact]
    public async Task The_list_is_asked_for_again_on_a_broken_connection()
    {
        int asked = 0;
        using ApiFixture fixture = new(_ => ++asked == 1 ? Answer.Cut : Answer.Json(200, Nodes));
        Assert.Equal(5, (await fixture.Open().ListNodesAsync(Ending)).Count);
        Assert.Equal(2, asked);
    }
}
