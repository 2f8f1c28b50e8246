using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class RetryTests
{
    private const string Busy = """{"kind":"Status","reason":"TooManyRequests","message":"busy","code":429}""";

    private const string NotReady =
        """{"kind":"Status","metadata":{},"status":"Failure","message":"starting","reason":"ServiceUnavailable","code":503}""";

    private static readonly Answer Secret = Answer.Json(200, """{"kind":"Secret","metadata":{"name":"x"}}""");

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SocketError.NotConnected)]
    [InlineData(SocketError.ConnectionReset)]
    public void A_connection_that_is_reset_in_the_moment_it_is_made_was_none(SocketError error) =>
        Assert.True(HttpPlatform.IsConnectFailure(new SocketException((int)error)));

    [Fact]
    public async Task A_read_is_repeated_on_a_connection_that_breaks_but_not_for_ever()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Cut);

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(() => fixture.Open().GetSecretAsync("x", Ending));

        Assert.Equal(ErrorId.ClusterUnreachable, error.Id);
        Assert.False(error.AnswerLost);
        Assert.InRange(fixture.Server.Requests.Count, 3, 12);
    }

    [Fact]
    public async Task A_read_goes_on_after_a_connection_broke()
    {
        Answer[] answers =
        [
            Answer.Cut,
            Answer.Raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"kind\":", Then.Cut),
            Secret,
        ];
        int next = 0;
        using ApiFixture fixture = new(_ => answers[next++]);

        Assert.Equal("x", (await fixture.Open().GetSecretAsync("x", Ending))!.Name);
    }

    [Fact]
    public async Task A_read_is_not_lost_on_a_kept_connection_that_the_server_has_closed()
    {
        int requests = 0;
        using ApiFixture fixture = new(_ => requests++ == 0 ? Secret with { Then = Then.Cut } : Secret);
        IKubernetesApi api = fixture.Open();

        await api.GetSecretAsync("x", Ending);
        await api.GetSecretAsync("x", Ending);

        Assert.Equal(2, fixture.Server.Connections);
    }

    // .NET lets such an exception through where the other side is gone before the connection is used.
    [Fact]
    public void A_socket_that_is_not_connected_any_more_is_a_connection_that_failed()
    {
        SocketException gone = new((int)SocketError.NotConnected);

        Assert.True(HttpPlatform.IsConnectionFailure(gone));
        Assert.Equal("the connection was reset", HttpPlatform.Describe(gone));
    }

    [Theory]
    [InlineData("create")]
    [InlineData("patch")]
    [InlineData("delete")]
    public async Task A_change_whose_answer_never_came_is_not_sent_again(string change)
    {
        using ApiFixture fixture = new(request => request.Method == "GET" ? Secret : Answer.Cut);
        IKubernetesApi api = fixture.Open();

        // On a connection that is kept, and on a fresh one.
        await api.GetSecretAsync("x", Ending);
        for (int sent = 1; sent <= 2; sent++)
        {
            K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(() => Change(api, change));

            Assert.Equal(ErrorId.ClusterUnreachable, error.Id);
            Assert.True(error.AnswerLost);
            Assert.Contains("may have happened or not", error.Message);
            Assert.Equal(sent, fixture.Server.Requests.Count(r => r.Method != "GET"));
        }
    }

    [Fact]
    public async Task A_change_whose_answer_broke_off_is_lost_too()
    {
        using ApiFixture fixture = ApiFixture.Answering(
            Answer.Raw("HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"kind\":", Then.Cut));

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(
            () => fixture.Open().CreateSecretAsync("x", new byte[2], Ending));

        Assert.True(error.AnswerLost);
        Assert.Single(fixture.Server.Requests);
    }

    [Fact]
    public async Task A_change_that_could_not_be_sent_is_not_lost()
    {
        using ApiFixture fixture = ApiFixture.Answering(Secret);
        ClusterContext context = fixture.Context();
        fixture.Server.Dispose();

        IKubernetesApi api = fixture.Connections.Open(context, fixture.Notices, TimeSpan.FromSeconds(30));
        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(() => api.CreateSecretAsync("x", new byte[2], Ending));

        Assert.Equal(ErrorId.ClusterUnreachable, error.Id);
        Assert.Contains("the connection was refused", error.Message);
        Assert.False(error.AnswerLost);
    }

    [Fact]
    public async Task A_busy_server_is_asked_again_after_the_time_it_names()
    {
        int requests = 0;
        using ApiFixture fixture = new(_ => requests++ == 0 ? Answer.Json(429, Busy, "Retry-After: 1") : Secret);
        Stopwatch elapsed = Stopwatch.StartNew();

        await fixture.Open().GetSecretAsync("x", Ending);

        Assert.True(elapsed.Elapsed > TimeSpan.FromSeconds(0.9));
        Assert.Contains(fixture.Notices.VerboseTexts, text => text.EndsWith("Trying again in 1 s.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(429, Busy)]
    [InlineData(503, NotReady)]
    public async Task A_server_that_stays_busy_is_asked_five_times(int status, string body)
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(status, body, "Retry-After: 0"));

        K3sTokenException onRead = await Assert.ThrowsAsync<K3sTokenException>(() => fixture.Open().GetSecretAsync("x", Ending));
        int reads = fixture.Server.Requests.Count;
        K3sTokenException onChange = await Assert.ThrowsAsync<K3sTokenException>(
            () => fixture.Open().CreateSecretAsync("x", new byte[2], Ending));

        Assert.Equal(ErrorId.ServerError, onRead.Id);
        Assert.Equal(5, reads);
        Assert.Equal(10, fixture.Server.Requests.Count);
        Assert.False(onChange.AnswerLost);
    }

    [Fact]
    public async Task A_change_is_not_sent_again_after_a_503_that_does_not_say_when()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(503, NotReady));

        await Assert.ThrowsAsync<K3sTokenException>(() => fixture.Open().CreateSecretAsync("x", new byte[2], Ending));

        Assert.Single(fixture.Server.Requests);
    }

    [Fact]
    public async Task A_date_in_Retry_After_is_understood()
    {
        int requests = 0;
        string past = DateTime.UtcNow.AddMinutes(-1).ToString("R", CultureInfo.InvariantCulture);
        using ApiFixture fixture = new(_ => requests++ == 0 ? Answer.Json(503, NotReady, "Retry-After: " + past) : Secret);

        Assert.NotNull(await fixture.Open().GetSecretAsync("x", Ending));
    }

    [Fact]
    public async Task A_wait_that_is_longer_than_the_time_limit_is_not_begun()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(429, Busy, "Retry-After: 3600"));

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(() => fixture.Open().GetSecretAsync("x", Ending));

        Assert.Equal(ErrorId.ServerError, error.Id);
        Assert.Single(fixture.Server.Requests);
    }

    [Fact]
    public async Task No_answer_in_time_is_an_error_that_says_so()
    {
        using ApiFixture fixture = ApiFixture.Answering(Answer.Silence);
        IKubernetesApi api = fixture.Open(timeout: 0.5);

        K3sTokenException onRead = await Assert.ThrowsAsync<K3sTokenException>(() => api.GetSecretAsync("x", Ending));
        K3sTokenException onChange = await Assert.ThrowsAsync<K3sTokenException>(() => api.CreateSecretAsync("x", new byte[2], Ending));

        Assert.Equal(ErrorId.OperationTimedOut, onRead.Id);
        Assert.Contains("within 0.5 s", onRead.Message);
        Assert.Contains("-TimeoutSec", onRead.Message);
        Assert.False(onRead.AnswerLost);
        Assert.Equal(ErrorId.OperationTimedOut, onChange.Id);
        Assert.True(onChange.AnswerLost);
    }

    [Fact]
    public async Task A_body_that_never_ends_is_given_up_in_time()
    {
        using ApiFixture fixture = ApiFixture.Answering(
            Answer.Raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"kind\":", Then.Hang));

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(
            () => fixture.Open(timeout: 0.5).ListSecretsAsync("x", 0, null, null, Ending));

        Assert.Equal(ErrorId.OperationTimedOut, error.Id);
    }

    [Theory]
    [InlineData("answer")]
    [InlineData("body")]
    [InlineData("handshake")]
    [InlineData("wait")]
    public async Task Cancellation_ends_a_request_wherever_it_is(string at)
    {
        using System.Net.Sockets.TcpListener mute = new(System.Net.IPAddress.Loopback, 0);
        mute.Start();
        Uri muteAddress = new($"https://127.0.0.1:{((System.Net.IPEndPoint)mute.LocalEndpoint).Port}");
        using ApiFixture fixture = ApiFixture.Answering(at switch
        {
            "answer" => Answer.Silence,
            "wait" => Answer.Json(429, Busy, "Retry-After: 20"),
            _ => Answer.Raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"kind\":", Then.Hang),
        });
        IKubernetesApi api = fixture.Connections.Open(
            fixture.Context().With(server: at == "handshake" ? muteAddress : null), fixture.Notices, TimeSpan.FromSeconds(30));
        using CancellationTokenSource stop = new(TimeSpan.FromSeconds(0.3));

        Task<SecretPage> listing = api.ListSecretsAsync("x", 0, null, null, stop.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listing.WaitAsync(TimeSpan.FromSeconds(10), Ending));
    }

    [Fact]
    public async Task A_list_of_more_than_64_MiB_is_given_up_however_small_its_items_are()
    {
        string item = "\"" + new string('a', 1021) + "\",";
        string body = """{"kind":"SecretList","items":[""" + string.Concat(Enumerable.Repeat(item, 66 << 10)) + "0]}";
        using ApiFixture fixture = ApiFixture.Answering(Answer.Json(200, body));

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(() => fixture.Open().ListSecretsAsync("x", 0, null, null, Ending));

        Assert.Contains("larger than 64 MiB", error.Message);
    }

    [Fact]
    public async Task A_huge_answer_is_given_up()
    {
        byte[] chunk = new byte[1 << 20];
        Array.Fill(chunk, (byte)' ');
        byte[] body = [.. Enumerable.Repeat(chunk, 66).SelectMany(c => c)];
        byte[] head = System.Text.Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n");
        using ApiFixture fixture = ApiFixture.Answering(new Answer([.. head, .. body]));

        K3sTokenException onList = await Assert.ThrowsAsync<K3sTokenException>(() => fixture.Open().ListSecretsAsync("x", 0, null, null, Ending));
        K3sTokenException onGet = await Assert.ThrowsAsync<K3sTokenException>(() => fixture.Open().GetSecretAsync("x", Ending));

        Assert.Contains("larger than 8 MiB", onList.Message);
        Assert.Contains("larger than 8 MiB", onGet.Message);
        Assert.Equal(ErrorId.ServerError, onList.Id);
    }

    private static Task Change(IKubernetesApi api, string change) => change switch
    {
        "create" => api.CreateSecretAsync("x", new byte[2], Ending),
        "patch" => api.PatchSecretAsync("x", new byte[2], Ending),
        _ => api.DeleteSecretAsync("x", null, Ending),
    };
}
