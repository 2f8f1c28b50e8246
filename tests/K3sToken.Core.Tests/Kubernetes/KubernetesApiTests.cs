using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class KubernetesApiTests
{
    private const string OneSecret =
        """{"kind":"Secret","apiVersion":"v1","metadata":{"name":"bootstrap-token-abc123","uid":"u-1","resourceVersion":"7","creationTimestamp":"2026-11-21T18:57:46Z"},"data":{"token-id":"YWJjMTIz"},"type":"bootstrap.kubernetes.io/token"}""";

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_get_create_patch_and_delete_work_over_a_client_certificate()
    {
        using ApiFixture fixture = new(request => request.Method switch
        {
            "GET" when request.Target.Contains('?') => Answer.Json(
                200, """{"kind":"SecretList","metadata":{"continue":"next"},"items":[{"metadata":{"name":"a"},"data":{"k":"AQI="}}]}"""),
            "DELETE" => Answer.Json(200, """{"kind":"Status","status":"Success"}"""),
            _ => Answer.Json(200, OneSecret),
        });
        using var certificate = fixture.CA.Client();
        ClusterUser user = new() { ClientCertificate = TestCA.PemOf(certificate), ClientKey = TestCA.KeyPemOf(certificate) };
        IKubernetesApi api = fixture.Open(user);

        SecretPage page = await api.ListSecretsAsync("type=bootstrap.kubernetes.io/token", 500, null, Ending);
        SecretResource? one = await api.GetSecretAsync("bootstrap-token-abc123", Ending);
        SecretResource created = await api.CreateSecretAsync("bootstrap-token-abc123", Encoding.UTF8.GetBytes("{}"), Ending);
        SecretResource? patched = await api.PatchSecretAsync("bootstrap-token-abc123", Encoding.UTF8.GetBytes("{}"), Ending);
        bool deleted = await api.DeleteSecretAsync("bootstrap-token-abc123", "u-1", Ending);

        Assert.Equal("next", page.ContinueFrom);
        Assert.Equal([1, 2], page.Items.Single()["k"]);
        Assert.Equal("u-1", one!.Uid);
        Assert.Equal("7", created.ResourceVersion);
        Assert.Equal("abc123", Encoding.UTF8.GetString(patched!["token-id"]!));
        Assert.True(deleted);
        Assert.Equal("CN=system:admin, O=system:masters", fixture.Server.ClientSubjects.Single());
    }
}
