using System;
using System.Text;
using System.Threading.Tasks;
using K3sToken.Supervisor;
using K3sToken.Tests.Kubernetes;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Supervisor;

public sealed class TokenTestTests
{
    private const string BootstrapToken = "abcdef.0123456789abcdef";

    [Theory]
    [InlineData("server:server-password", null, TokenKind.Server, NodeRole.Server)]
    [InlineData("server:server-password", NodeRole.Server, TokenKind.Server, NodeRole.Server)]
    [InlineData("node:agent-password", null, TokenKind.Agent, NodeRole.Agent)]
    [InlineData("node:agent-password", NodeRole.Agent, TokenKind.Agent, NodeRole.Agent)]
    [InlineData("server:agent-password", null, TokenKind.Agent, NodeRole.Agent)]
    [InlineData("server:agent-password", NodeRole.Agent, TokenKind.Agent, NodeRole.Agent)]
    [InlineData("node:server-password", null, TokenKind.Server, NodeRole.Server)]
    [InlineData("alice:server-password", null, TokenKind.Server, NodeRole.Server)]
    [InlineData(":server-password", null, TokenKind.Server, NodeRole.Server)]
    [InlineData(":agent-password", null, TokenKind.Agent, NodeRole.Agent)]
    [InlineData(BootstrapToken, null, TokenKind.Bootstrap, NodeRole.Agent)]
    [InlineData(BootstrapToken, NodeRole.Agent, TokenKind.Bootstrap, NodeRole.Agent)]
    public async Task A_token_is_accepted_for_what_it_is(string credentials, NodeRole? asked, TokenKind kind, NodeRole role)
    {
        using SupervisorFixture fixture = new(Accept);

        TokenTestResult result = await TestAsync(fixture, $"K10{fixture.Hash}::{credentials}", asked);

        Assert.Equal((true, kind, role, true, ""), (result.Succeeded, result.Kind, result.Role, result.CAVerified, result.Reason));
        Assert.All(result.Steps, step => Assert.True(step.Succeeded));
        Assert.Empty(fixture.Notices.Warnings);
    }

    [Theory]
    [InlineData("server-password", null, TokenKind.Server)]
    [InlineData("agent-password", null, TokenKind.Agent)]
    [InlineData("server-password", NodeRole.Server, TokenKind.Server)]
    [InlineData("agent-password", NodeRole.Agent, TokenKind.Agent)]
    [InlineData(BootstrapToken, null, TokenKind.Bootstrap)]
    public async Task A_short_token_is_accepted_with_a_warning(string token, NodeRole? asked, TokenKind kind)
    {
        using SupervisorFixture fixture = new(Accept);

        TokenTestResult result = await TestAsync(fixture, token, asked);

        Assert.Equal((true, kind, false), (result.Succeeded, result.Kind, result.CAVerified));
        Assert.Contains("taken on trust", Assert.Single(fixture.Notices.Warnings));
    }

    [Theory]
    [InlineData("server:server-password", NodeRole.Agent, TokenKind.Server)]
    [InlineData("server:agent-password", NodeRole.Server, TokenKind.Server)]
    [InlineData("node:agent-password", NodeRole.Server, TokenKind.Agent)]
    [InlineData("alice:wrong", null, TokenKind.User)]
    [InlineData(":wrong", null, TokenKind.Password)]
    [InlineData("abcdef.zzzzzzzzzzzzzzzz", null, TokenKind.Bootstrap)]
    public async Task A_token_that_is_refused_keeps_what_its_text_says(string credentials, NodeRole? asked, TokenKind kind)
    {
        using SupervisorFixture fixture = new(Accept);

        TokenTestResult result = await TestAsync(fixture, $"K10{fixture.Hash}::{credentials}", asked);

        Assert.Equal((false, kind, asked), (result.Succeeded, result.Kind, result.Role));
        Assert.Contains("does not accept it (401)", result.Reason);
        Assert.Equal(result.Reason, result.Steps[4].Detail);
        Assert.Null(result.NoVerdict);
    }

    [Fact]
    public async Task A_bootstrap_token_is_not_shown_where_a_server_is_to_join()
    {
        using SupervisorFixture fixture = new(Accept);

        TokenTestResult result = await TestAsync(fixture, $"K10{fixture.Hash}::{BootstrapToken}", NodeRole.Server);

        Assert.False(result.Succeeded);
        Assert.Contains("not servers", result.Reason);
        Assert.DoesNotContain("Authorization", fixture.Server.ReceivedText);
    }

    [Fact]
    public async Task What_is_not_known_is_no_verdict()
    {
        (Answer Answer, ErrorId Id)[] answers =
        [
            (SupervisorFixture.Status(503, "starting", "ServiceUnavailable"), ErrorId.ServerError),
            (SupervisorFixture.ApiStatus(401, "Unauthorized", "Unauthorized"), ErrorId.ServerTooOld),
            (Answer.Of(502, "text/html", "Bad Gateway"), ErrorId.ServerError),
            (Answer.Cut, ErrorId.ClusterUnreachable),
        ];
        foreach ((Answer answer, ErrorId id) in answers)
        {
            using SupervisorFixture fixture = new(_ => answer);
            TokenTestResult result = await TestAsync(fixture, $"K10{fixture.Hash}::server:server-password", null);
            Assert.Equal((false, id), (result.Succeeded, result.NoVerdict?.Id));
            Assert.Equal(result.NoVerdict!.Message, result.Reason);
        }
    }

    [Fact]
    public async Task A_server_too_old_for_server_tokens_still_tells_an_agent_token()
    {
        using SupervisorFixture fixture = new(request => request.Target == "/v1-k3s/readyz"
            ? Accept(request)
            : SupervisorFixture.ApiStatus(401, "Unauthorized", "Unauthorized"));

        TokenTestResult agent = await TestAsync(fixture, $"K10{fixture.Hash}:::agent-password", null);
        TokenTestResult other = await TestAsync(fixture, $"K10{fixture.Hash}:::server-password", null);

        Assert.Equal((true, TokenKind.Agent), (agent.Succeeded, agent.Kind));
        Assert.Equal((false, ErrorId.ServerTooOld), (other.Succeeded, other.NoVerdict?.Id));
    }

    [Fact]
    public async Task A_dead_server_is_no_verdict()
    {
        using JoinTokenText token = JoinTokenText.Parse("a-password");
        SupervisorAccess access = new(TimeSpan.FromSeconds(30), new TestNotices());
        TokenTestResult result = await TokenTest.RunAsync(
            token, new Uri("https://127.0.0.1:1"), null, access, TestContext.Current.CancellationToken);

        Assert.Equal(ErrorId.ClusterUnreachable, result.NoVerdict?.Id);
        Assert.Equal("https://127.0.0.1:1", result.Server);
        Assert.False(result.CAVerified);
    }

    private static async Task<TokenTestResult> TestAsync(SupervisorFixture fixture, string text, NodeRole? role)
    {
        using JoinTokenText token = JoinTokenText.Parse(text);
        return await TokenTest.RunAsync(token, fixture.Server.Address, role, fixture.Access, TestContext.Current.CancellationToken);
    }

    /// <summary>A server whose server and agent tokens differ.</summary>
    private static Answer Accept(Received request)
    {
        string[] authorization = request["Authorization"]!.Split(' ');
        string shown = authorization[0] == "Basic" ? Encoding.UTF8.GetString(Convert.FromBase64String(authorization[1])) : authorization[1];
        return (shown, request.Target) switch
        {
            ("server:server-password", "/v1-k3s/token") => SupervisorFixture.Status(405, "not allowed", "MethodNotAllowed"),
            ("node:agent-password" or BootstrapToken, "/v1-k3s/readyz") => Answer.Of(200, "text/plain", "ok"),
            ("server:server-password" or "node:agent-password" or BootstrapToken, _) => SupervisorFixture.Forbidden,
            _ => SupervisorFixture.Status(401, "not authorized", "Unauthorized"),
        };
    }
}
