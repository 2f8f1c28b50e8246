using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class KubernetesApiTests
{
    private const string Name = "bootstrap-token-abc123";

    private const string EmptyList = """{"kind":"SecretList","items":[]}""";

    private const string OneSecret = """
        {"kind":"Secret","metadata":{"name":"bootstrap-token-abc123","uid":"u-1","resourceVersion":"7"},"data":{"token-id":"YWJjMTIz"}}
        """;

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
        using X509Certificate2 certificate = fixture.CA.Client();
        ClusterUser user = new() { ClientCertificate = TestCA.PemOf(certificate), ClientKey = TestCA.KeyPemOf(certificate) };
        IKubernetesApi api = fixture.Open(user);

        SecretPage page = await api.ListSecretsAsync("type=bootstrap.kubernetes.io/token", 500, null, null, Ending);
        SecretResource? one = await api.GetSecretAsync(Name, Ending);
        SecretResource created = await api.CreateSecretAsync(Name, Encoding.UTF8.GetBytes("{}"), Ending);
        SecretResource? patched = await api.PatchSecretAsync(Name, Encoding.UTF8.GetBytes("{}"), Ending);
        bool deleted = await api.DeleteSecretAsync(Name, "u-1", Ending);

        Assert.Equal("next", page.ContinueFrom);
        Assert.Equal([1, 2], page.Items.Single()["k"]);
        Assert.Equal("u-1", one!.Uid);
        Assert.Equal("7", created.ResourceVersion);
        Assert.Equal("abc123", Encoding.UTF8.GetString(patched!["token-id"]!));
        Assert.True(deleted);
        Assert.Equal("CN=system:admin, O=system:masters", fixture.Server.ClientSubjects.Single());
        Assert.All(fixture.Server.Requests, request => Assert.Null(request["Authorization"]));
    }

    [Fact]
    public async Task Each_request_is_what_the_API_server_expects()
    {
        using ApiFixture fixture = new(request => request.Method switch
        {
            "GET" when request.Target.Contains('?') => Answer.Json(200, EmptyList),
            "DELETE" => Answer.Json(200, """{"kind":"Status","status":"Success"}"""),
            _ => Answer.Json(200, OneSecret),
        });
        IKubernetesApi api = fixture.Open();

        await api.ListSecretsAsync("type=bootstrap.kubernetes.io/token", 500, null, null, Ending);
        await api.ListSecretsAsync("type=bootstrap.kubernetes.io/token", 0, "a+b/c=", null, Ending);
        await api.GetSecretAsync(Name, Ending);
        await api.CreateSecretAsync(Name, "{\"a\":1}"u8.ToArray(), Ending);
        await api.PatchSecretAsync(Name, "{\"b\":2}"u8.ToArray(), Ending);
        await api.DeleteSecretAsync(Name, null, Ending);
        await api.DeleteSecretAsync(Name, "u\"1", Ending);

        const string Secrets = "/api/v1/namespaces/kube-system/secrets";
        Received[] sent = [.. fixture.Server.Requests];
        Assert.Equal(
            [
                $"GET {Secrets}?fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken&limit=500",
                $"GET {Secrets}?fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken&continue=a%2Bb%2Fc%3D",
                $"GET {Secrets}/{Name}",
                $"POST {Secrets}",
                $"PATCH {Secrets}/{Name}",
                $"DELETE {Secrets}/{Name}",
                $"DELETE {Secrets}/{Name}",
            ],
            sent.Select(r => $"{r.Method} {r.Target}"));
        Assert.Equal(("application/json", "{\"a\":1}"), (sent[3]["Content-Type"], sent[3].Text));
        Assert.Equal(("application/merge-patch+json", "{\"b\":2}"), (sent[4]["Content-Type"], sent[4].Text));
        Assert.Equal("DeleteOptions", JsonDocument.Parse(sent[5].Body).RootElement.GetProperty("kind").GetString());
        Assert.Equal(
            "u\"1", JsonDocument.Parse(sent[6].Body).RootElement.GetProperty("preconditions").GetProperty("uid").GetString());
        Assert.All(sent, request =>
        {
            Assert.Equal("application/json", request["Accept"]);
            Assert.Matches(@"^K3sToken/\d+\.\d+\.\d+ \(Core\)$", request["User-Agent"]);
            Assert.Equal("gzip", request["Accept-Encoding"]);
            Assert.Equal("Bearer a-bearer-token", request["Authorization"]);
            Assert.Null(request["traceparent"]);
        });
        Assert.Equal(1, fixture.Server.Connections);
    }

    [Fact]
    public async Task The_path_of_a_servers_URL_is_kept()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, EmptyList));
        ClusterContext context = fixture.Context().With(server: new Uri(fixture.Server.Address, "/k8s/clusters/c-xyz/"));

        IKubernetesApi api = fixture.Connections.Open(context, fixture.Notices, TimeSpan.FromSeconds(30));
        await api.ListSecretsAsync("x", 0, null, null, Ending);

        Assert.Equal("/k8s/clusters/c-xyz/api/v1/namespaces/kube-system/secrets?fieldSelector=x", fixture.Server.Requests.Single().Target);
        Assert.Null(await api.GetServedCAAsync(Ending));
        Assert.Single(fixture.Server.Requests);
    }

    [Fact]
    public async Task A_name_that_is_none_stays_within_its_path()
    {
        using ApiFixture fixture =
            ApiFixture.Answering(Answer.Json(200, OneSecret.Replace(Name, "../../x?y#z", StringComparison.Ordinal)));

        await fixture.Open().GetSecretAsync("../../x?y#z", Ending);

        Assert.EndsWith("/secrets/..%2F..%2Fx%3Fy%23z", fixture.Server.Requests.Single().Target);
    }

    [Fact]
    public async Task The_answer_to_another_request_is_not_believed()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, OneSecret));
        IKubernetesApi api = fixture.Open();

        K3sTokenException read = await Assert.ThrowsAsync<K3sTokenException>(() => api.GetSecretAsync("bootstrap-token-zzzzzz", Ending));
        K3sTokenException created =
            await Assert.ThrowsAsync<K3sTokenException>(() => api.CreateSecretAsync("bootstrap-token-zzzzzz", "{}"u8.ToArray(), Ending));
        K3sTokenException patched =
            await Assert.ThrowsAsync<K3sTokenException>(() => api.PatchSecretAsync("bootstrap-token-zzzzzz", "{}"u8.ToArray(), Ending));

        Assert.All([read, created, patched], e => Assert.Contains("another Secret than the one", e.Message, StringComparison.Ordinal));
        Assert.Equal([false, true, true], new[] { read.AnswerLost, created.AnswerLost, patched.AnswerLost });
    }

    [Fact]
    public async Task A_deletion_that_its_answer_calls_a_failure_is_not_believed()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, """{"kind":"Status","status":"Failure","code":403}"""));

        K3sTokenException e = await Assert.ThrowsAsync<K3sTokenException>(() => fixture.Open().DeleteSecretAsync(Name, null, Ending));

        Assert.True(e.AnswerLost);
    }

    [Fact]
    public async Task User_name_and_password_go_as_basic_authentication()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, EmptyList));
        ClusterUser user = new() { BasicUserName = "jörg", BasicPassword = new K3sToken.Tokens.Secret("p:w") };

        await fixture.Open(user).ListSecretsAsync("x", 0, null, null, Ending);

        string header = fixture.Server.Requests.Single()["Authorization"]!;
        Assert.Equal("jörg:p:w", Encoding.UTF8.GetString(Convert.FromBase64String(header.Split(' ')[1])));
    }

    [Fact]
    public async Task Impersonation_goes_as_headers()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, EmptyList));
        ClusterUser user = new()
        {
            Token = new K3sToken.Tokens.Secret("t"),
            ActAs = new Impersonation("jane", "u-9", ["g1", "g 2"], new Dictionary<string, IReadOnlyList<string>>
            {
                ["example.com/Scopes %"] = ["a", "b"],
            }),
        };

        await fixture.Open(user).ListSecretsAsync("x", 0, null, null, Ending);

        Assert.Equal(
            [
                "Impersonate-User=jane",
                "Impersonate-Uid=u-9",
                "Impersonate-Group=g1",
                "Impersonate-Group=g 2",
                "Impersonate-Extra-example.com%2FScopes%20%25=a",
                "Impersonate-Extra-example.com%2FScopes%20%25=b",
            ],
            fixture.Server.Requests.Single().Headers.Where(h => h.Key.StartsWith("Impersonate", StringComparison.Ordinal))
                .Select(h => $"{h.Key}={h.Value}"));
    }

    [Fact]
    public async Task A_name_to_act_as_cannot_add_a_header()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, EmptyList));
        ClusterUser user = new() { ActAs = new Impersonation("jane\r\nX: y", null, [], new Dictionary<string, IReadOnlyList<string>>()) };

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(
            () => fixture.Open(user).ListSecretsAsync("x", 0, null, null, Ending));

        Assert.Equal(ErrorId.KubeconfigInvalid, error.Id);
        Assert.Empty(fixture.Server.Requests);
    }

    [Fact]
    public async Task A_packed_answer_is_unpacked()
    {
        using System.IO.MemoryStream packed = new();
        using (System.IO.Compression.GZipStream gzip = new(packed, System.IO.Compression.CompressionMode.Compress, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(OneSecret));
        }

        byte[] head = Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: {packed.Length}\r\n\r\n");
        using ApiFixture fixture = ApiFixture.Answering(new Answer([.. head, .. packed.ToArray()]));

        Assert.Equal("u-1", (await fixture.Open().GetSecretAsync(Name, Ending))!.Uid);
    }

    [Fact]
    public async Task The_servers_clock_is_told_and_a_wrong_one_is_a_warning_once()
    {
        string date = DateTime.UtcNow.AddMinutes(-10).ToString("R");
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, EmptyList, "Date: " + date));
        IKubernetesApi api = fixture.Open();

        await api.ListSecretsAsync("x", 0, null, null, Ending);
        await api.ListSecretsAsync("x", 0, null, null, Ending);

        Assert.InRange(api.Clock.Offset.TotalMinutes, -10.2, -9.8);
        Assert.Contains("s behind this machine's", Assert.Single(fixture.Notices.Warnings));
    }

    [Fact]
    public async Task A_clock_that_is_nearly_right_is_no_warning()
    {
        string date = DateTime.UtcNow.AddSeconds(15).ToString("R");
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, EmptyList, "Date: " + date));

        await fixture.Open().ListSecretsAsync("x", 0, null, null, Ending);

        Assert.Empty(fixture.Notices.Warnings);
    }

    [Fact]
    public async Task No_secret_is_told_in_verbose_texts()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, OneSecret));
        IKubernetesApi api = fixture.Open();

        await api.GetSecretAsync(Name, Ending);
        await api.CreateSecretAsync(Name, Encoding.UTF8.GetBytes("the-body"), Ending);

        Assert.NotEmpty(fixture.Notices.VerboseTexts);
        Assert.DoesNotContain(fixture.Notices.VerboseTexts, text => text.Contains("a-bearer-token") || text.Contains("the-body"));
    }
}
