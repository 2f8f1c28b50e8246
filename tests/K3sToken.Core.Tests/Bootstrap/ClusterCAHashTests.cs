using System;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Bootstrap;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Bootstrap;

public sealed class ClusterCAHashTests
{
    private static readonly byte[] Served = Recorded.Bytes("cacerts/self-signed.cacerts.pem");
    private static readonly byte[] InKubeconfig = Recorded.Bytes("cacerts/ca-hash/single-lf.pem");

    private readonly FakeApi _api = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_bundle_that_the_server_hands_out_comes_first()
    {
        _api.ServedCA = Served;
        _api.Context = Cluster("https://cluster.example:6443");

        ClusterCAHash hash = await ClusterCAHash.FindAsync(_api, Cancellation);

        Assert.Equal((Sha256(Served), CAHashSource.Server, null), (hash.Hash, hash.Source, hash.Warning));
    }

    [Fact]
    public async Task Else_the_kubeconfigs_bundle()
    {
        _api.Context = Cluster("https://cluster.example:6443");

        ClusterCAHash hash = await ClusterCAHash.FindAsync(_api, Cancellation);

        Assert.Equal((Sha256(InKubeconfig), CAHashSource.Kubeconfig, null), (hash.Hash, hash.Source, hash.Warning));
    }

    [Theory]
    [InlineData("https://rancher.example/k8s/clusters/c-1", false, true)]
    [InlineData("https://cluster.example:6443", true, true)]
    [InlineData("https://cluster.example:6443", false, false)]
    public async Task Where_nothing_proves_the_CA_there_is_no_hash_but_a_warning(string server, bool skipVerify, bool hasBundle)
    {
        _api.ServedCA = hasBundle ? Served : null;
        _api.Context = Cluster(server, skipVerify, hasBundle);

        ClusterCAHash hash = await ClusterCAHash.FindAsync(_api, Cancellation);

        Assert.Equal(("", CAHashSource.None), (hash.Hash, hash.Source));
        Assert.NotNull(hash.Warning);
        Assert.True(_api.Requests.Count == (skipVerify || hasBundle ? 0 : 1));
    }

    private static ClusterContext Cluster(string server, bool skipVerify = false, bool hasBundle = true) => new()
    {
        Name = "test",
        Server = new Uri(server),
        SkipTlsVerify = skipVerify,
        CABundle = hasBundle ? InKubeconfig : null,
        User = new ClusterUser(),
    };

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
