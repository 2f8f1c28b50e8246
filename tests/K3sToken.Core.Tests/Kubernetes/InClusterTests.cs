using System;
using System.IO;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class InClusterTests : IDisposable
{
    private static readonly byte[] Ca = Recorded.Bytes("cacerts/self-signed.cacerts.pem");
    private readonly KubeconfigFolder _folder = new();

    public InClusterTests()
    {
        _folder.Environment["KUBERNETES_SERVICE_HOST"] = "10.43.0.1";
        _folder.Environment["KUBERNETES_SERVICE_PORT"] = "443";
        _folder.Write("serviceaccount/token", "not read here");
        _folder.Write("serviceaccount/ca.crt", Ca);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_pod_uses_its_service_account()
    {
        Kubeconfig pod = _folder.Open();
        Assert.Null(pod.Path);
        Assert.Equal(["in-cluster"], pod.ContextNames);

        ClusterContext context = pod.Resolve(null);
        Assert.Equal("in-cluster", context.Name);
        Assert.Equal(new Uri("https://10.43.0.1:443/"), context.Server);
        Assert.Equal(Ca, context.CABundle);
        Assert.Equal(_folder.PathOf("serviceaccount/token"), context.User.TokenFile);
        Assert.Null(context.User.Token);
        Assert.Null(context.Kubeconfig);
    }

    [Fact]
    public void A_kubeconfig_goes_before_the_service_account()
    {
        string home = _folder.Write("home/.kube/config", "");
        Assert.Equal(home, _folder.Open().Path);
    }

    [Theory]
    [InlineData("fd00:10:43::1", "https://[fd00:10:43::1]:443/")]
    [InlineData("[fd00:10:43::1]", "https://[fd00:10:43::1]:443/")]
    [InlineData("kubernetes.default.svc", "https://kubernetes.default.svc:443/")]
    public void The_host_may_be_a_name_or_an_IPv6_address(string host, string expected)
    {
        _folder.Environment["KUBERNETES_SERVICE_HOST"] = host;
        Assert.Equal(new Uri(expected), _folder.Open().Resolve(null).Server);
    }

    [Theory]
    [InlineData("KUBERNETES_SERVICE_HOST")]
    [InlineData("KUBERNETES_SERVICE_PORT")]
    public void Without_the_variables_there_is_no_pod(string variable)
    {
        _folder.Environment.Remove(variable);
        Assert.Equal(ErrorId.KubeconfigNotFound, Assert.Throws<K3sTokenException>(() => _folder.Open()).Id);
    }

    [Fact]
    public void Without_a_token_there_is_no_pod()
    {
        File.Delete(_folder.PathOf("serviceaccount/token"));
        Assert.Equal(ErrorId.KubeconfigNotFound, Assert.Throws<K3sTokenException>(() => _folder.Open()).Id);
    }

    [Fact]
    public void A_pod_without_a_usable_CA_or_port_is_invalid()
    {
        K3sTokenException Invalid()
        {
            K3sTokenException error = Assert.Throws<K3sTokenException>(() => _folder.Open().Resolve(null));
            Assert.Equal(ErrorId.KubeconfigInvalid, error.Id);
            return error;
        }

        _folder.Write("serviceaccount/ca.crt", "no certificate");
        Assert.Contains("ca.crt", Invalid().Message, StringComparison.Ordinal);
        File.Delete(_folder.PathOf("serviceaccount/ca.crt"));
        Assert.Contains("ca.crt", Invalid().Message, StringComparison.Ordinal);
        foreach (string port in new[] { "x", "99999999999", "99999", "-1" })
        {
            _folder.Environment["KUBERNETES_SERVICE_PORT"] = port;
            Assert.Contains("KUBERNETES_SERVICE_PORT", Invalid().Message, StringComparison.Ordinal);
        }
    }
}
