using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Supervisor;
using K3sToken.Tests.Kubernetes;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Supervisor;

public sealed class CredentialProbeTests
{
    private static readonly Secret Password = new("a-password");

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    /// <summary>Each recorded exchange whose credentials the probe would show just so on just that path.</summary>
    public static IEnumerable<TheoryDataRow<string, string>> Exchanges =>
        from file in new[] { "with-agent-token", "without-agent-token" }
        from exchange in RecordedSupervisor.Exchanges(file)
        where CredentialOf(exchange) is not null
        let id = RecordedSupervisor.Text(exchange, "id")
        select new TheoryDataRow<string, string>(file, id) { TestDisplayName = $"{file}: {id}" };

    [Fact]
    public void The_recorded_exchanges_are_here() => Assert.Equal(36, Exchanges.Count());

    [Theory]
    [MemberData(nameof(Exchanges))]
    public async Task Recorded_answers_prove_what_was_true(string file, string id)
    {
        JsonElement exchange = RecordedSupervisor.Exchanges(file).First(e => RecordedSupervisor.Text(e, "id") == id);
        SupervisorCredential credential = CredentialOf(exchange)!;
        using SupervisorFixture fixture = new(_ => RecordedSupervisor.Replay(exchange));
        using VerifiedSupervisor verified = await fixture.VerifyAsync();

        ProbeResult result = await CredentialProbe.AskAsync(verified.Client, credential, Ending);

        Received request = fixture.Server.Requests.Last();
        Assert.Equal("GET " + RecordedSupervisor.Text(exchange.GetProperty("request"), "path"), $"{request.Method} {request.Target}");
        Assert.Equal(RecordedSupervisor.Header(exchange.GetProperty("request"), "Authorization"), request["Authorization"]);
        Assert.Null(request["Accept"]);
        Assert.Equal(ExpectedOf(id), result.Verdict);
        Assert.Equal(exchange.GetProperty("response").GetProperty("status").GetInt32(), (int)result.Status);
    }

    [Theory]
    [InlineData(405, nameof(CredentialVerdict.AcceptedAsServer))]
    [InlineData(400, nameof(CredentialVerdict.AcceptedAsServer))]
    [InlineData(401, nameof(CredentialVerdict.Refused))]
    [InlineData(403, nameof(CredentialVerdict.Unknown))]
    [InlineData(404, nameof(CredentialVerdict.Unknown))]
    [InlineData(200, nameof(CredentialVerdict.Unknown))]
    [InlineData(500, nameof(CredentialVerdict.Unknown))]
    [InlineData(502, nameof(CredentialVerdict.Unknown))]
    [InlineData(307, nameof(CredentialVerdict.Unknown))]
    public async Task A_status_without_a_body_is_judged_for_a_server_token(int status, string expected) =>
        Assert.Equal(expected, (await AskAsync(Answer.Of(status, "text/plain", ""), SupervisorCredential.Server(Password))).Verdict.ToString());

    [Theory]
    [InlineData(200, nameof(CredentialVerdict.AcceptedAsAgent))]
    [InlineData(401, nameof(CredentialVerdict.Refused))]
    [InlineData(403, nameof(CredentialVerdict.Unknown))]
    [InlineData(405, nameof(CredentialVerdict.Unknown))]
    [InlineData(400, nameof(CredentialVerdict.Unknown))]
    [InlineData(503, nameof(CredentialVerdict.Starting))]
    public async Task A_status_without_a_body_is_judged_for_an_agent_token(int status, string expected) =>
        Assert.Equal(expected, (await AskAsync(Answer.Of(status, "text/plain", ""), SupervisorCredential.Agent(Password))).Verdict.ToString());

    [Fact]
    public async Task Starting_proves_nothing_of_any_token()
    {
        Answer starting = SupervisorFixture.Status(503, "starting", "ServiceUnavailable");
        Answer later = SupervisorFixture.Status(503, "apiserver not ready", "ServiceUnavailable");
        foreach (SupervisorCredential credential in Each)
        {
            Assert.Equal(CredentialVerdict.Starting, (await AskAsync(starting, credential)).Verdict);
            Assert.Equal(CredentialVerdict.Starting, (await AskAsync(later, credential)).Verdict);
        }
    }

    [Fact]
    public async Task A_core_that_is_not_ready_proves_the_tokens_that_may_ask_for_it()
    {
        Answer answer = SupervisorFixture.Status(503, "runtime core not ready", "ServiceUnavailable");
        CredentialVerdict[] verdicts = await Task.WhenAll(Each.Select(async c => (await AskAsync(answer, c)).Verdict));
        Assert.Equal(
            [CredentialVerdict.Starting, CredentialVerdict.AcceptedAsAgent, CredentialVerdict.AcceptedAsBootstrap], verdicts);
    }

    [Fact]
    public async Task An_answer_of_the_API_server_is_no_verdict()
    {
        foreach (SupervisorCredential credential in Each)
        {
            ProbeResult unknown = await AskAsync(SupervisorFixture.ApiStatus(401, "Unauthorized", "Unauthorized"), credential);
            ProbeResult forbidden = await AskAsync(SupervisorFixture.ApiStatus(403, "forbidden: User ...", "Forbidden"), credential);
            Assert.Equal((CredentialVerdict.TooOld, CredentialVerdict.TooOld), (unknown.Verdict, forbidden.Verdict));
        }
    }

    [Fact]
    public async Task A_supervisor_that_knows_no_bootstrap_tokens_is_too_old_to_say() => Assert.Equal(
        CredentialVerdict.TooOld, (await AskAsync(SupervisorFixture.Forbidden, Each[2])).Verdict);

    [Fact]
    public async Task A_busy_server_is_asked_again()
    {
        int asked = 0;
        using SupervisorFixture fixture = new(_ => ++asked < 3
            ? Answer.Json(429, "{}", "Retry-After: 0")
            : SupervisorFixture.Status(405, "not allowed", "MethodNotAllowed"));
        using VerifiedSupervisor verified = await fixture.VerifyAsync();

        ProbeResult result = await CredentialProbe.AskAsync(verified.Client, SupervisorCredential.Server(Password), Ending);

        Assert.Equal((CredentialVerdict.AcceptedAsServer, 3), (result.Verdict, asked));
    }

    [Fact]
    public async Task A_server_that_stays_busy_says_nothing()
    {
        ProbeResult result = await AskAsync(Answer.Json(429, "{}", "Retry-After: 0"), SupervisorCredential.Server(Password));
        Assert.Equal((CredentialVerdict.Unknown, 429), (result.Verdict, (int)result.Status));
    }

    [Fact]
    public async Task No_answer_is_an_error()
    {
        using SupervisorFixture fixture = new(_ => Answer.Cut);
        using VerifiedSupervisor verified = await fixture.VerifyAsync();

        K3sTokenException thrown = await Assert.ThrowsAsync<K3sTokenException>(
            () => CredentialProbe.AskAsync(verified.Client, SupervisorCredential.Server(Password), Ending));

        Assert.Equal(ErrorId.ClusterUnreachable, thrown.Id);
        Assert.DoesNotContain("a-password", thrown.ToString());
    }

    [Fact]
    public async Task A_server_that_says_nothing_runs_out_of_time()
    {
        using SupervisorFixture fixture = new(_ => Answer.Silence);
        using VerifiedSupervisor verified = await fixture.VerifyAsync(access: fixture.Access with { Timeout = TimeSpan.FromSeconds(1) });

        K3sTokenException thrown = await Assert.ThrowsAsync<K3sTokenException>(
            () => CredentialProbe.AskAsync(verified.Client, SupervisorCredential.Server(Password), Ending));

        Assert.Equal(ErrorId.OperationTimedOut, thrown.Id);
    }

    [Fact]
    public async Task Whoever_asks_can_stop()
    {
        using CancellationTokenSource stop = new();
        using SupervisorFixture fixture = new(_ =>
        {
            stop.Cancel();
            return Answer.Silence;
        });
        using VerifiedSupervisor verified = await fixture.VerifyAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => CredentialProbe.AskAsync(verified.Client, SupervisorCredential.Server(Password), stop.Token));
    }

    [Theory]
    [InlineData("päss中文🔑")]
    [InlineData("a:b:c")]
    [InlineData("a\nb")]
    public async Task A_password_is_sent_as_the_bytes_of_its_UTF8(string password)
    {
        using Secret secret = new(password);
        using SupervisorFixture fixture = new(_ => SupervisorFixture.Status(401, "not authorized", "Unauthorized"));
        using VerifiedSupervisor verified = await fixture.VerifyAsync();

        await CredentialProbe.AskAsync(verified.Client, SupervisorCredential.Server(secret), Ending);

        string sent = AuthenticationHeaderValue.Parse(fixture.Server.Requests.Last()["Authorization"]!).Parameter!;
        Assert.Equal("server:" + password, Encoding.UTF8.GetString(Convert.FromBase64String(sent)));
    }

    private static SupervisorCredential[] Each =>
    [
        SupervisorCredential.Server(Password),
        SupervisorCredential.Agent(Password),
        SupervisorCredential.Bootstrap("abcdef", new Secret("0123456789abcdef")),
    ];

    private static async Task<ProbeResult> AskAsync(Answer answer, SupervisorCredential credential)
    {
        using SupervisorFixture fixture = new(_ => answer);
        using VerifiedSupervisor verified = await fixture.VerifyAsync();
        return await CredentialProbe.AskAsync(verified.Client, credential, Ending);
    }

    /// <summary>The credentials of a recorded request, if the probe shows such ones on that path.</summary>
    private static SupervisorCredential? CredentialOf(JsonElement exchange)
    {
        JsonElement request = exchange.GetProperty("request");
        string[] authorization = RecordedSupervisor.Header(request, "Authorization")?.Split(' ') ?? [];
        string place = $"{RecordedSupervisor.Text(request, "method")} {RecordedSupervisor.Text(request, "path")}";
        if (RecordedSupervisor.Header(request, "Accept") is not null || authorization.Length != 2)
        {
            return null;
        }

        if (authorization[0] == "Bearer" && place == "GET /v1-k3s/readyz")
        {
            return BootstrapTokenText.TryParse(authorization[1], out string? id, out Secret? secret)
                ? SupervisorCredential.Bootstrap(id, secret)
                : null;
        }

        byte[] decoded = new byte[authorization[1].Length];
        if (authorization[0] != "Basic" || !Convert.TryFromBase64String(authorization[1], decoded, out int length))
        {
            return null;
        }

        string[] pair = Encoding.UTF8.GetString(decoded, 0, length).Split(':', 2);
        return (pair[0], pair.Length, place) switch
        {
            ("server", 2, "GET /v1-k3s/token") => SupervisorCredential.Server(new Secret(pair[1])),
            ("node", 2, "GET /v1-k3s/readyz") => SupervisorCredential.Agent(new Secret(pair[1])),
            _ => null,
        };
    }

    private static CredentialVerdict ExpectedOf(string id) => id switch
    {
        "token-get/basic-server" or "token-get/basic-no-padding" => CredentialVerdict.AcceptedAsServer,
        "readyz/basic-node" or "readyz-before-core-ready/basic-node" => CredentialVerdict.AcceptedAsAgent,
        "readyz/bearer-bootstrap" or "readyz-before-core-ready/bearer-bootstrap" or "readyz/bearer-not-yet-expired"
            or "readyz/bearer-groups-none" or "readyz/bearer-groups-other" => CredentialVerdict.AcceptedAsBootstrap,
        _ => CredentialVerdict.Refused,
    };
}
