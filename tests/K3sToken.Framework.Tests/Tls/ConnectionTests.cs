using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using K3sToken.Tests.Kubernetes;
using K3sToken.Yaml;
using Xunit;

namespace K3sToken.Tests.Tls;

/// <summary>Connects to the servers of the kubeconfigs in a folder, which FrameworkTlsTests fills.</summary>
public sealed class ConnectionTests
{
    private static readonly string? Folder = Environment.GetEnvironmentVariable("K3STOKEN_TLS_KUBECONFIGS");

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_of_the_right_CA_and_name_answers()
    {
        SecretPage page = await Open("right").ListSecretsAsync("type=bootstrap.kubernetes.io/token", 0, null, null, Ending);

        Assert.Empty(page.Items);
    }

    [Theory]
    [InlineData("another-ca", "does not chain to the CA")]
    [InlineData("another-name", "it is not for the name '127.0.0.1'; it is for: elsewhere.example")]
    public async Task Any_other_is_refused_for_reads_and_for_changes(string server, string reason)
    {
        IKubernetesApi api = Open(server);

        K3sTokenException onRead = await Assert.ThrowsAsync<K3sTokenException>(() => api.ListSecretsAsync("x", 0, null, null, Ending));
        K3sTokenException onChange = await Assert.ThrowsAsync<K3sTokenException>(() => api.CreateSecretAsync("x", new byte[10], Ending));

        Assert.Equal(ErrorId.ServerCertificateUntrusted, onRead.Id);
        Assert.Contains(reason, onRead.Message);
        Assert.Equal(ErrorId.ServerCertificateUntrusted, onChange.Id);
        Assert.Contains(reason, onChange.Message);
    }

    private static IKubernetesApi Open(string server)
    {
        Assert.SkipWhen(Folder is null, "K3STOKEN_TLS_KUBECONFIGS is not set: another test sets it, and starts the servers.");
        Kubeconfig kubeconfig = Kubeconfig.Open(Path.Combine(Folder, server), Folder, new KubeconfigPlaces(), new YamlDotNetParser());
        return ClusterConnections.Session.Open(kubeconfig.Resolve(null), new TestNotices(), TimeSpan.FromSeconds(30));
    }
}
