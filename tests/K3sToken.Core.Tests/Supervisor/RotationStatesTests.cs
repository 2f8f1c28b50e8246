using System;
using System.Linq;
using System.Net;
using K3sToken.Kubernetes;
using K3sToken.Supervisor;
using Xunit;

namespace K3sToken.Tests.Supervisor;

public sealed class RotationStatesTests
{
    [Theory]
    [InlineData(TokenRotationServerState.OldAccepted)]
    [InlineData(TokenRotationServerState.PendingRestart)]
    public void A_server_that_accepts_both_tokens_is_not_said_to_accept_the_old_one_only(TokenRotationServerState state)
    {
        ProbeResult accepted = new(CredentialVerdict.AcceptedAsServer, HttpStatusCode.MethodNotAllowed, "");

        Assert.StartsWith("It accepts the old token and the new one.", new RotationFinding("x") { Old = accepted, New = accepted }.Describe(state).Detail);
    }

    [Theory]
    [InlineData("AcceptedAsServer", "Refused", "OldAccepted")]
    [InlineData("AcceptedAsServer", "AcceptedAsServer", "OldAccepted")]
    [InlineData("Refused", "AcceptedAsServer", "Rotated")]
    [InlineData("Refused", "Refused", "NeitherAccepted")]
    [InlineData("Starting", "Starting", "Starting")]
    [InlineData("AcceptedAsServer", "Starting", "Starting")]
    [InlineData("Starting", "AcceptedAsServer", "Starting")]
    [InlineData("Unknown", "AcceptedAsServer", "Unreachable")]
    [InlineData("Refused", "Unknown", "Unreachable")]
    [InlineData("AcceptedAsServer", "Unknown", "Unreachable")]
    [InlineData("TooOld", "TooOld", "Unreachable")]
    [InlineData(null, null, "Unreachable")]
    public void A_server_stands_where_its_answers_prove(string? old, string? @new, string expected) =>
        Assert.Equal(expected, RotationStates.OfServer(Verdict(old), Verdict(@new)).ToString());

    [Theory]
    [InlineData("OldAccepted", false, "OldAccepted")]
    [InlineData("OldAccepted", true, "PendingRestart")]
    [InlineData("OldAccepted OldAccepted", false, "OldAccepted OldAccepted")]
    [InlineData("OldAccepted Rotated", false, "PendingRestart Rotated")]
    [InlineData("Unreachable Starting NeitherAccepted", true, "Unreachable Starting NeitherAccepted")]
    public void A_server_waits_for_its_restart_only_where_the_new_token_is_known_to_be_stored(string each, bool isStored, string expected) =>
        Assert.Equal(States(expected), RotationStates.Together(States(each), isStored));

    [Theory]
    [InlineData("Done", "PendingRestart", "PendingRestart")]
    [InlineData("Done", "PendingRestart PendingRestart PendingRestart", "PendingRestart")]
    [InlineData("Done", "Rotated", "Rotated")]
    [InlineData("Done", "Rotated Rotated", "Rotated")]
    [InlineData("Done", "Rotated PendingRestart", "Split")]
    [InlineData("Done", "PendingRestart Unreachable", "PendingRestart")]
    [InlineData("Done", "Rotated Unreachable", "PendingRestart")]
    [InlineData("Done", "Unreachable", "PendingRestart")]
    [InlineData("Done", "Starting", "PendingRestart")]
    [InlineData("Done", "NeitherAccepted", "Unknown")]
    [InlineData("Done", "PendingRestart NeitherAccepted", "Unknown")]
    [InlineData("Uncertain", "OldAccepted", "Unknown")]
    [InlineData("Uncertain", "OldAccepted Unreachable", "Unknown")]
    [InlineData("Uncertain", "Rotated", "Rotated")]
    [InlineData("Uncertain", "Rotated PendingRestart", "Split")]
    [InlineData("Uncertain", "Rotated Starting", "Unknown")]
    [InlineData("Refused", "OldAccepted", "Rejected")]
    [InlineData("Refused", "OldAccepted Unreachable", "Rejected")]
    [InlineData("Refused", "NeitherAccepted", "Unknown")]
    [InlineData("Refused", "Rotated Unreachable", "Unknown")]
    [InlineData("Refused", "Rotated PendingRestart", "Split")]
    [InlineData("TooOld", "OldAccepted", "Rejected")]
    public void The_cluster_is_never_said_to_be_further_than_is_known(string answer, string each, string expected) =>
        Assert.Equal(expected, RotationStates.OfCluster(Answer(answer), States(each), allNamed: true).ToString());

    [Fact]
    public void Servers_that_nobody_named_keep_a_cluster_from_being_rotated() => Assert.Equal(
        TokenRotationState.PendingRestart,
        RotationStates.OfCluster(RotationAnswer.Done, [TokenRotationServerState.Rotated], allNamed: false));

    [Fact]
    public void Whatever_is_known_besides_only_servers_that_all_accept_the_new_token_make_a_cluster_rotated()
    {
        TokenRotationServerState[] all = Enum.GetValues<TokenRotationServerState>();
        foreach (RotationAnswer answer in Enum.GetValues<RotationAnswer>())
        {
            foreach (TokenRotationServerState[] states in all.SelectMany(a => all.Select(b => new[] { a, b })))
            {
                bool isRotated = RotationStates.OfCluster(answer, states, allNamed: true) == TokenRotationState.Rotated;
                Assert.Equal(states.All(state => state == TokenRotationServerState.Rotated), isRotated);
            }
        }
    }

    [Theory]
    [InlineData(200, "", "", "Done", false)]
    [InlineData(204, "", "", "Uncertain", false)]
    [InlineData(307, "", "", "Uncertain", false)]
    [InlineData(400, "", "", "Refused", false)]
    [InlineData(401, "Unauthorized", "", "Refused", false)]
    [InlineData(403, "Forbidden", "", "Refused", false)]
    [InlineData(404, "", "", "Refused", false)]
    [InlineData(405, "", "", "Refused", false)]
    [InlineData(429, "", "", "Refused", false)]
    [InlineData(500, "InternalError", "", "Uncertain", false)]
    [InlineData(502, "", "", "Uncertain", true)]
    [InlineData(503, "", "", "Uncertain", true)]
    [InlineData(503, "ServiceUnavailable", "", "Refused", false)]
    [InlineData(504, "", "", "Uncertain", true)]
    [InlineData(401, "Unauthorized", "v1", "TooOld", false)]
    [InlineData(404, "NotFound", "v1", "TooOld", false)]
    public void An_answer_proves_that_nothing_has_changed_only_where_nobody_took_the_request(
        int status, string reason, string apiVersion, string expected, bool isLost)
    {
        SupervisorAnswer answer = new(new ApiStatus((HttpStatusCode)status) { Reason = reason, ApiVersion = apiVersion }, []);
        Assert.Equal((Answer(expected), isLost), RotationRequest.Judge(answer));
    }

    private static CredentialVerdict? Verdict(string? name) => name is null ? null : Enum.Parse<CredentialVerdict>(name);

    private static RotationAnswer Answer(string name) => Enum.Parse<RotationAnswer>(name);

    private static TokenRotationServerState[] States(string names) =>
        [.. names.Split(' ').Select(Enum.Parse<TokenRotationServerState>)];
}
