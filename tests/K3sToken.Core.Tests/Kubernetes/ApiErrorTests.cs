using System;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class ApiErrorTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    public static TheoryData<string> RecordedFailures()
    {
        TheoryData<string> ids = [];
        foreach (JsonElement exchange in Recorded.List("secrets/exchanges.json", "exchanges"))
        {
            if (exchange.GetProperty("response").TryGetProperty("status", out JsonElement status) && status.GetInt32() >= 400)
            {
                ids.Add(exchange.GetProperty("id").GetString()!);
            }
        }

        return ids;
    }

    [Theory]
    [MemberData(nameof(RecordedFailures))]
    public async Task A_recorded_failure_becomes_the_right_error_for_a_read_and_a_change(string id)
    {
        JsonElement exchange = Recorded.List("secrets/exchanges.json", "exchanges").First(e => e.GetProperty("id").GetString() == id);
        JsonElement response = exchange.GetProperty("response");
        int status = response.GetProperty("status").GetInt32();
        string body = response.TryGetProperty("bodyText", out JsonElement text) ? text.GetString()! : "";
        string name = exchange.GetProperty("request").GetProperty("path").GetString()!.Split('?')[0].Split('/')[^1];
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(status, body));
        IKubernetesApi api = fixture.Open();

        // What the change sends must not come back, whatever the server quotes.
        byte[] sent = Encoding.UTF8.GetBytes(
            exchange.GetProperty("request").TryGetProperty("bodyText", out JsonElement request) ? request.GetString()! : "{}");
        Exception onCreate = await Assert.ThrowsAnyAsync<Exception>(() => api.CreateSecretAsync(name, sent, Ending));

        K3sTokenException error = Assert.IsType<K3sTokenException>(onCreate);
        Assert.Equal(ExpectedId(status, body), error.Id);
        Assert.DoesNotContain("Invalid value", error.Message);
        Assert.DoesNotContain("json parse error", error.Message);
        Assert.Contains(fixture.Server.Address.Authority, error.Message);
        if (status == 404)
        {
            Assert.Null(await api.GetSecretAsync(name, Ending));
            Assert.Null(await api.PatchSecretAsync(name, sent, Ending));
            Assert.False(await api.DeleteSecretAsync(name, null, Ending));
        }
        else
        {
            K3sTokenException onGet = await Assert.ThrowsAsync<K3sTokenException>(() => api.GetSecretAsync(name, Ending));
            Assert.Equal(error.Id, onGet.Id);
            Assert.False(onGet.AnswerLost);
        }
    }

    [Theory]
    [InlineData("forbidden-list", "User \"system:serviceaccount:default:default\" cannot list resource \"secrets\"")]
    [InlineData("bootstrap-bearer-list", "User \"system:bootstrap:907581\" cannot list resource \"secrets\"")]
    [InlineData("forbidden-create", "User \"system:serviceaccount:default:default\" cannot create resource \"secrets\"")]
    public async Task A_refusal_says_in_the_servers_words_who_may_not_do_what(string id, string says)
    {
        string body = Recorded.List("secrets/exchanges.json", "exchanges").First(e => e.GetProperty("id").GetString() == id)
            .GetProperty("response").GetProperty("bodyText").GetString()!;
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(403, body));

        K3sTokenException onRead = await Assert.ThrowsAsync<K3sTokenException>(() => fixture.Open().GetSecretAsync("x", Ending));
        K3sTokenException onChange = await Assert.ThrowsAsync<K3sTokenException>(
            () => fixture.Open().CreateSecretAsync("x", new byte[2], Ending));

        Assert.Equal(ErrorId.AccessDenied, onRead.Id);
        Assert.Contains(says, onRead.Message);
        Assert.Contains(says, onChange.Message);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(409)]
    [InlineData(422)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_body_that_the_server_quotes_is_not_shown(int status)
    {
        string answer = $$$"""
            {"kind":"Status","reason":"c2VjcmV0MTIzNDU2Nzg5","message":"admission webhook denied: c2VjcmV0MTIzNDU2Nzg5","code":{{{status}}},
             "details":{"causes":[{"field":"data[token-secret]","message":"Invalid value: c2VjcmV0MTIzNDU2Nzg5"}]}}
            """;
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(status, answer));
        IKubernetesApi api = fixture.Open();
        byte[] body = "c2VjcmV0MTIzNDU2Nzg5"u8.ToArray();

        K3sTokenException onCreate = await Assert.ThrowsAsync<K3sTokenException>(() => api.CreateSecretAsync("x", body, Ending));
        K3sTokenException onPatch = await Assert.ThrowsAsync<K3sTokenException>(() => api.PatchSecretAsync("x", body, Ending));

        Assert.DoesNotContain("c2VjcmV0", onCreate.ToString());
        Assert.DoesNotContain("c2VjcmV0", onPatch.ToString());
        Assert.DoesNotContain(fixture.Notices.VerboseTexts, text => text.Contains("c2VjcmV0"));
    }

    [Fact]
    public async Task An_invalid_object_names_the_fields()
    {
        string body = Recorded.List("secrets/exchanges.json", "exchanges").First(e => e.GetProperty("id").GetString() == "create-too-big")
            .GetProperty("response").GetProperty("bodyText").GetString()!;
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(422, body));

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(
            () => fixture.Open().CreateSecretAsync("x", new byte[2], Ending));

        Assert.Contains("422 Invalid, about data", error.Message);
    }

    [Theory]
    [InlineData("Expired", "fresh", "fresh")]
    [InlineData("Expired", "", null)]
    [InlineData("Gone", "", null)]
    public async Task An_expired_listing_says_where_to_go_on(string reason, string goesOn, string? expected)
    {
        string body = $$"""{"kind":"Status","metadata":{"continue":"{{goesOn}}"},"reason":"{{reason}}","code":410}""";
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(410, body));

        ListExpiredException expired =
            await Assert.ThrowsAsync<ListExpiredException>(() => fixture.Open().ListSecretsAsync("x", 5, "old", null, Ending));

        Assert.Equal(expected, expired.ContinueFrom);
    }

    [Theory]
    [InlineData("404 page not found", "text/plain")]
    [InlineData("""{"kind":"Status","reason":"NotFound","details":{},"code":404}""", "application/json")]
    [InlineData("""{"kind":"Status","reason":"NotFound","details":{"name":"kube-system","kind":"namespaces"}}""", "application/json")]
    public async Task A_path_that_the_server_does_not_know_is_no_missing_token(string body, string type)
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Of(404, type, body));
        IKubernetesApi api = fixture.Open();

        K3sTokenException onGet = await Assert.ThrowsAsync<K3sTokenException>(() => api.GetSecretAsync("x", Ending));
        K3sTokenException onDelete = await Assert.ThrowsAsync<K3sTokenException>(() => api.DeleteSecretAsync("x", null, Ending));
        K3sTokenException onList = await Assert.ThrowsAsync<K3sTokenException>(() => api.ListSecretsAsync("x", 0, null, null, Ending));

        Assert.Equal([ErrorId.ServerError, ErrorId.ServerError, ErrorId.ServerError], [onGet.Id, onDelete.Id, onList.Id]);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    public async Task A_redirect_is_not_followed(int status)
    {
        using ApiFixture elsewhere = ApiFixture.Answering(Answer.Json(200, """{"kind":"SecretList","items":[]}"""));
        using ApiFixture fixture = ApiFixture.Answering(
            Answer.Of(status, "text/html", "", $"Location: {elsewhere.Server.Address}login?state=abc"));

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(() => fixture.Open().ListSecretsAsync("x", 0, null, null, Ending));

        Assert.Equal(ErrorId.ServerError, error.Id);
        Assert.Contains($"points elsewhere to {elsewhere.Server.Address}login", error.Message);
        Assert.DoesNotContain("state=abc", error.Message);
        Assert.Equal(0, elsewhere.Server.Connections);
    }

    [Fact]
    public async Task An_HTML_page_is_no_answer()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Of(200, "text/html", "<html>Please log in</html>"));
        IKubernetesApi api = fixture.Open();

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(() => api.ListSecretsAsync("x", 0, null, null, Ending));

        Assert.Equal(ErrorId.ServerError, error.Id);
        Assert.Contains("text/html and not JSON", error.Message);
        Assert.Equal(ErrorId.ServerError, (await Assert.ThrowsAsync<K3sTokenException>(() => api.GetSecretAsync("x", Ending))).Id);
        K3sTokenException onDelete = await Assert.ThrowsAsync<K3sTokenException>(() => api.DeleteSecretAsync("x", null, Ending));
        Assert.Equal(ErrorId.ServerError, onDelete.Id);
        Assert.True(onDelete.AnswerLost);
    }

    [Theory]
    [InlineData("""{"kind":"SecretList","items":[{"metadata":""")]
    [InlineData("""{"kind":"SecretList","items":[nonsense]}""")]
    public async Task Broken_JSON_is_a_server_error(string body)
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, body));

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(() => fixture.Open().ListSecretsAsync("x", 0, null, null, Ending));

        Assert.Equal(ErrorId.ServerError, error.Id);
        Assert.Contains("broken JSON", error.Message);
    }

    [Fact]
    public async Task A_status_that_is_no_text_counts_as_none()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(403, """{"kind":"Status","message":"half \ud83d"}"""));
        K3sTokenException thrown = await Assert.ThrowsAsync<K3sTokenException>(() => fixture.Open().ListNodesAsync(Ending));
        Assert.Equal(ErrorId.AccessDenied, thrown.Id);
    }

    [Fact]
    public async Task A_deletion_whose_answer_is_no_text_may_have_happened()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, """{"kind":"half \ud83d"}"""));
        K3sTokenException thrown = await Assert.ThrowsAsync<K3sTokenException>(() => fixture.Open().DeleteSecretAsync("a", null, Ending));
        Assert.Equal((ErrorId.ServerError, true), (thrown.Id, thrown.AnswerLost));
    }

    [Fact]
    public async Task What_the_server_says_cannot_steer_a_terminal()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(
            418, """{"kind":"Status","reason":"Te\u001b[31ma","message":"line 1\nline 2 \u009b2J \u202e \u001b]0;title\u0007 end"}"""));

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(() => fixture.Open().ListSecretsAsync("x", 0, null, null, Ending));

        Assert.DoesNotContain(error.Message, c => char.IsControl(c) || c == '\u202e');
        Assert.Contains("line 1 line 2", error.Message);
    }

    [Fact]
    public async Task A_failed_change_that_the_server_may_have_made_says_so()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(504, """{"kind":"Status","reason":"Timeout","code":504}"""));

        K3sTokenException onChange = await Assert.ThrowsAsync<K3sTokenException>(
            () => fixture.Open().CreateSecretAsync("x", new byte[2], Ending));
        K3sTokenException onRead = await Assert.ThrowsAsync<K3sTokenException>(() => fixture.Open().GetSecretAsync("x", Ending));

        Assert.True(onChange.AnswerLost);
        Assert.False(onRead.AnswerLost);
        Assert.Equal(2, fixture.Server.Requests.Count);
    }

    private static ErrorId ExpectedId(int status, string body) => status switch
    {
        401 => ErrorId.AuthenticationFailed,
        403 => ErrorId.AccessDenied,
        409 => body.Contains("AlreadyExists") ? ErrorId.TokenAlreadyExists : ErrorId.ConflictingChange,
        _ => ErrorId.ServerError,
    };
}
