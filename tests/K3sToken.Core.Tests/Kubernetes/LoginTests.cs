using System;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class LoginTests
{
    private const string EmptyList = """{"kind":"SecretList","items":[]}""";

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_file_is_read_again_when_the_server_refuses_its_token()
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "old\n", Ending);
        using ApiFixture fixture = new(request =>
        {
            bool isNew = request["Authorization"] == "Bearer new";
            File.WriteAllText(file, "new\n");
            return isNew ? Answer.Json(200, EmptyList) : Answer.Json(401, "{}");
        });

        await fixture.Open(new ClusterUser { TokenFile = file }).ListSecretsAsync("x", 0, null, null, Ending);

        Assert.Equal(["Bearer old", "Bearer new"], fixture.Server.Requests.Select(r => r["Authorization"]));
        File.Delete(file);
    }

    [Fact]
    public async Task A_token_file_that_goes_on_being_refused_is_read_again_once()
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "old", Ending);
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(401, "{}"));

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(
            () => fixture.Open(new ClusterUser { TokenFile = file }).CreateSecretAsync("x", new byte[2], Ending));

        Assert.Equal(ErrorId.AuthenticationFailed, error.Id);
        Assert.Equal(2, fixture.Server.Requests.Count);
        File.Delete(file);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("line\r\nX: y")]
    public async Task A_token_that_is_none_is_not_sent_and_not_told(string token)
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, token, Ending);
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, EmptyList));

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(
            () => fixture.Open(new ClusterUser { TokenFile = file }).ListSecretsAsync("x", 0, null, null, Ending));

        Assert.Equal(ErrorId.AuthenticationFailed, error.Id);
        Assert.Contains(file, error.Message);
        Assert.DoesNotContain("words", error.Message);
        Assert.Equal(0, fixture.Server.Connections);
        File.Delete(file);
    }

    [Fact]
    public async Task A_missing_token_file_is_named()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, EmptyList));

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(
            () => fixture.Open(new ClusterUser { TokenFile = "/nowhere/token" }).ListSecretsAsync("x", 0, null, null, Ending));

        Assert.Equal(ErrorId.AuthenticationFailed, error.Id);
        Assert.Contains("/nowhere/token", error.Message);
    }

    [Fact]
    public async Task A_refused_token_is_an_error_that_does_not_hold_it()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(401, """{"kind":"Status","reason":"Unauthorized","code":401}"""));

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(() => fixture.Open().ListSecretsAsync("x", 0, null, null, Ending));

        Assert.Equal(ErrorId.AuthenticationFailed, error.Id);
        Assert.Contains("context 'test'", error.Message);
        Assert.DoesNotContain("a-bearer-token", error.ToString());
        Assert.Single(fixture.Server.Requests);
    }

    [Theory]
    [InlineData("error:0A000412:SSL routines::ssl/tls alert bad certificate", true)]
    [InlineData("error:0A000413:SSL routines::ssl/tls alert unsupported certificate", true)]
    [InlineData("error:0A00045C:SSL routines::tlsv13 alert certificate required", true)]
    [InlineData("error:0A000418:SSL routines::tlsv1 alert unknown ca", true)]
    [InlineData("error:0A000410:SSL routines::ssl/tls alert handshake failure", false)]
    [InlineData("error:0A00042E:SSL routines::tlsv1 alert protocol version", false)]
    public void An_alert_about_the_client_certificate_is_a_refused_login(string alert, bool isRefusal)
    {
        HttpRequestException failure = new("failed", new IOException("failed", new InvalidOperationException(alert)));
        ApiRequest request = new(HttpMethod.Get, "/x", "");
        ClusterContext context = new() { Name = "test", Server = new Uri("https://host:6443"), User = new ClusterUser() };

        K3sTokenException error = ApiErrors.OfConnection(failure, null, request, context);

        Assert.Equal(isRefusal ? ErrorId.AuthenticationFailed : ErrorId.ClusterUnreachable, error.Id);
    }

    [Fact]
    public async Task A_plugin_is_run_again_when_the_server_refuses_what_it_gave_and_a_new_certificate_takes_a_new_connection()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The plugin of this test is a shell script.");
        string folder = Directory.CreateTempSubdirectory().FullName;
        string script = Path.Combine(folder, "plugin");
        using ApiFixture fixture = new(request =>
            request["Authorization"] == "Bearer t2" ? Answer.Json(200, EmptyList) : Answer.Json(401, "{}"));
        using X509Certificate2 first = fixture.CA.Issue("CN=first", TestCA.ClientAuthentication);
        using X509Certificate2 second = fixture.CA.Issue("CN=second", TestCA.ClientAuthentication);
        await File.WriteAllTextAsync(Path.Combine(folder, "1"), CredentialOf("t1", first), Ending);
        await File.WriteAllTextAsync(Path.Combine(folder, "2"), CredentialOf("t2", second), Ending);
        await File.WriteAllTextAsync(script, $"#!/bin/sh\ncd '{folder}'\ncat 1\nif [ -f 2 ]; then mv 2 1; fi\n", Ending);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        ClusterUser user = new()
        {
            Exec = new ExecPlugin("client.authentication.k8s.io/v1", script, [], [], null, false, null, InteractiveMode.Never),
        };
        IKubernetesApi api = fixture.Open(user);

        Assert.Equal(0, fixture.Server.Connections);
        await api.ListSecretsAsync("x", 0, null, null, Ending);
        await api.ListSecretsAsync("x", 0, null, null, Ending);

        Assert.Equal(["Bearer t1", "Bearer t2", "Bearer t2"], fixture.Server.Requests.Select(r => r["Authorization"]));
        Assert.Equal(["CN=first", "CN=second"], fixture.Server.ClientSubjects);
        Directory.Delete(folder, recursive: true);
    }

    private static string CredentialOf(string token, X509Certificate2 certificate)
    {
        string Json(byte[] pem) => Encoding.ASCII.GetString(pem).Replace("\n", "\\n");
        return $$$"""
            {"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"{{{token}}}",
             "clientCertificateData":"{{{Json(TestCA.PemOf(certificate))}}}","clientKeyData":"{{{Json(TestCA.KeyPemOf(certificate))}}}"}}
            """.ReplaceLineEndings("");
    }
}
