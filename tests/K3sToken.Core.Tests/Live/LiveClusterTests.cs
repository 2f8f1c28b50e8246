using Xunit;

namespace K3sToken.Tests.Live;

public sealed class LiveClusterTests
{
    private const string Yaml = """
        apiVersion: v1
        clusters:
        - cluster:
            certificate-authority-data: c2VydmVyOg==
            server: https://10.0.0.1:6443
          name: default
        """;

    [Theory]
    [InlineData(Yaml)]
    [InlineData("""clusters: [{name: live, cluster: {server: 'https://10.0.0.1:6443', certificate-authority-data: c2VydmVyOg==}}]""")]
    [InlineData("""{"clusters":[{"cluster":{"server":"https://10.0.0.1:6443"}},{"cluster":{"server": "https://10.0.0.1:6443"}}]}""")]
    public void A_cluster_may_be_changed_once_its_server_is_named_as_throw_away(string kubeconfig) =>
        Assert.Null(LiveCluster.Refusal(kubeconfig, "https://10.0.0.1:6443"));

    [Theory]
    [InlineData(Yaml, null)]
    [InlineData(Yaml, "")]
    [InlineData(Yaml, "yes")]
    [InlineData(Yaml, "https://10.0.0.1")]
    [InlineData(Yaml + "\n- cluster: {server: https://production:6443}", "https://10.0.0.1:6443")]
    [InlineData("clusters: []", "https://10.0.0.1:6443")]
    [InlineData("clusters: []", "")]
    public void Every_other_cluster_is_refused_with_what_to_do(string kubeconfig, string? throwaway) =>
        Assert.Contains("set K3STOKEN_LIVE_THROWAWAY to the server's URL", LiveCluster.Refusal(kubeconfig, throwaway));
}
