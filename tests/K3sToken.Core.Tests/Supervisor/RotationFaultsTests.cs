using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Sandboxing;
using K3sToken.Sandboxing.Certificates;
using K3sToken.Supervisor;
using K3sToken.Tests.Kubernetes;
using K3sToken.Tokens;
using Microsoft.AspNetCore.Http;
using Xunit;
using Ground = K3sToken.Tests.Sandboxing.SupervisorClient;

namespace K3sToken.Tests.Supervisor;

/// <summary>
/// All that can be wrong with a server, from each moment of a rotation on. Besides what the table expects, nothing that is said may be
/// firmer than the servers' files, their datastore and what they accept, and whoever started it has the new value whenever the cluster may.
/// </summary>
public sealed class RotationFaultsTests
{
    private const string Old = Ground.Old;
    private const string New = Ground.New;

    /// <summary>What is wrong from when on.</summary>
    public enum Moment
    {
        /// <summary>From the start.</summary>
        Before,

        /// <summary>From the moment when the request to rotate has arrived.</summary>
        Change,

        /// <summary>From the moment when it has been carried out; its answer still comes.</summary>
        After,

        /// <summary>From the moment when both servers were restarted with the new token.</summary>
        Restart,
    }

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    /// <summary>
    /// Each fault of a server (the first gets the change), and what is said where it begins: the state after the rotation, or the error
    /// that keeps it from being sent, from each of the first three moments; how the servers stand after their restart from the last.
    /// A dash: nothing can begin then. No Unknown but these.
    /// </summary>
    public static TheoryData<string, int, Moment, string> Faults
    {
        get
        {
            (string Fault, int Server, string Before, string Change, string After, string Restart)[] table =
            [
                ("None", 0, "PendingRestart", "PendingRestart", "PendingRestart", "Rotated Rotated"),
                ("LegacyStatusCodes", 0, "PendingRestart", "PendingRestart", "PendingRestart", "Rotated Rotated"),
                ("LegacyStatusCodes", 1, "PendingRestart", "PendingRestart", "PendingRestart", "Rotated Rotated"),
                ("TooOldToRotate", 0, "!ServerTooOld", "Rejected ServerTooOld", "PendingRestart", "Unreachable Rotated"),
                ("TooOldToRotate", 1, "!ServerTooOld", "PendingRestart", "PendingRestart", "Rotated Unreachable"),
                ("Starting", 0, "!ServerError", "Rejected RotationRejected", "PendingRestart", "Starting Rotated"),
                ("Starting", 1, "!ServerError", "PendingRestart", "PendingRestart", "Rotated Starting"),
                ("WithoutApi", 0, "PendingRestart", "PendingRestart", "PendingRestart", "Rotated Rotated"),
                ("WithoutApi", 1, "PendingRestart", "PendingRestart", "PendingRestart", "Rotated Rotated"),
                ("WithoutCore", 0, "PendingRestart", "PendingRestart", "PendingRestart", "Rotated Rotated"),
                ("WithoutCore", 1, "PendingRestart", "PendingRestart", "PendingRestart", "Rotated Rotated"),
                ("Stale", 0, "PendingRestart", "PendingRestart", "PendingRestart", "PendingRestart Rotated"),
                ("Stale", 1, "PendingRestart", "PendingRestart", "PendingRestart", "Rotated PendingRestart"),
                ("CustomCA", 0, "PendingRestart", "-", "-", "-"),
                ("CustomCAWithoutRoot", 0, "PendingRestart", "-", "-", "-"),
                ("WrongHostName", 0, "!ServerCertificateUntrusted", "PendingRestart", "PendingRestart", "Unreachable Rotated"),
                ("WrongHostName", 1, "!ServerCertificateUntrusted", "PendingRestart", "PendingRestart", "Rotated Unreachable"),
                ("Impostor", 0, "!CAHashMismatch", "PendingRestart", "PendingRestart", "Unreachable Rotated"),
                ("Impostor", 1, "!CAHashMismatch", "PendingRestart", "PendingRestart", "Rotated Unreachable"),
                ("ImpostorWithBundle", 0, "!ServerCertificateUntrusted", "PendingRestart", "PendingRestart", "Unreachable Rotated"),
                ("Down", 0, "!ClusterUnreachable", "Unknown ClusterUnreachable", "PendingRestart", "Unreachable Rotated"),
                ("Down", 1, "!ClusterUnreachable", "PendingRestart", "PendingRestart", "Rotated Unreachable"),

                // Of one request only: there is nothing of them to begin with, and nothing left afterwards.
                ("LostBeforeChange", 0, "-", "PendingRestart", "-", "-"),
                ("LostAfterChange", 0, "-", "PendingRestart", "-", "-"),
                ("LostBeforeChange twice", 0, "-", "Unknown ClusterUnreachable", "-", "-"),
                ("LostAfterChange twice", 0, "-", "Unknown ClusterUnreachable", "-", "-"),
                ("ErrorBeforeChange", 0, "-", "Unknown ServerError", "-", "-"),
                ("ErrorAfterFiles", 0, "-", "Unknown ServerError", "-", "-"),
                ("ErrorWithOtherKey", 0, "-", "Unknown ServerError", "-", "-"),
                ("ErrorAfterDatastore", 0, "-", "Unknown ServerError", "-", "-"),
                ("LostAfterChange, then ErrorBeforeChange", 0, "-", "Unknown ClusterUnreachable", "-", "-"),
                ("LostAfterChange, then Refused", 0, "-", "Unknown ClusterUnreachable", "-", "-"),
                ("Refused", 0, "-", "Rejected RotationRejected", "-", "-"),
                ("Gateway", 0, "-", "PendingRestart", "-", "-"),
            ];
            TheoryData<string, int, Moment, string> rows = [];
            foreach ((string fault, int server, string before, string change, string after, string restart) in table)
            {
                foreach ((Moment moment, string expected) in Moments(before, change, after, restart).Where(row => row.Expected != "-"))
                {
                    rows.Add(fault, server, moment, expected);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Nothing_is_said_that_is_not_so_and_the_new_value_is_there_whenever_the_cluster_may_have_it(
        string fault, int number, Moment moment, string expected)
    {
        await using Sandbox sandbox = await Sandbox.StartAsync(new SandboxOptions
        {
            Servers = 2,
            Token = Old,
            Certificates = new CertificateOptions { Authority = AuthorityOf(fault) },
        });
        SandboxServer server = sandbox.Servers[number];
        string token = sandbox.Token;
        await BeginAsync(sandbox, server, fault, moment);

        (TokenRotation? result, K3sTokenException? problem) = await TryAsync(sandbox, token);

        string said = result is null ? $"!{problem!.Id}" : problem is null ? $"{result.State}" : $"{result.State} {problem.Id}";
        AssertNotFirmer(sandbox, result);
        if (moment != Moment.Restart)
        {
            Assert.Equal(expected, said);
        }

        if (result is { State: TokenRotationState.PendingRestart })
        {
            string seen = await RestartAndLookAsync(sandbox, server, token, moment == Moment.Restart ? fault : "None");
            Assert.True(moment != Moment.Restart || seen == expected, seen);
        }
    }

    [Fact]
    public async Task A_lost_answer_is_asked_about_over_another_connection()
    {
        await using Sandbox sandbox = await Sandbox.StartAsync(new SandboxOptions { Token = Old });
        sandbox.Servers[0].Faults.OnRequest(RequestFault.GatewayTimeout, times: 1, FaultScope.Changes);

        (TokenRotation? result, _) = await TryAsync(sandbox, sandbox.Token);

        string[] connections = [.. sandbox.Requests.Where(request => request.Method == "PUT").Select(request => request.ConnectionId)];
        Assert.Equal(TokenRotationState.PendingRestart, result!.State);
        Assert.Equal(2, connections.Length);
        Assert.NotEqual(connections[0], connections[1]);
    }

    private static (Moment Moment, string Expected)[] Moments(string before, string change, string after, string restart) =>
        [(Moment.Before, before), (Moment.Change, change), (Moment.After, after), (Moment.Restart, restart)];

    private static AuthorityKind AuthorityOf(string fault) => fault switch
    {
        "CustomCA" => AuthorityKind.Custom,
        "CustomCAWithoutRoot" => AuthorityKind.CustomWithoutRoot,
        _ => AuthorityKind.SelfSigned,
    };

    /// <summary>Sees to it that a fault begins.</summary>
    private static async Task BeginAsync(Sandbox sandbox, SandboxServer server, string fault, Moment moment)
    {
        switch (moment)
        {
            case Moment.Before:
                await ApplyAsync(sandbox, server, fault);
                break;
            case Moment.Change:
                int changes = 0;
                sandbox.Intercept = http => IsChange(http) ? AtChangeAsync(sandbox, server, fault, http, ++changes) : Task.FromResult(false);
                break;
            case Moment.After when fault == "Down":
                bool isChanged = false;
                sandbox.InterceptAnswer = http =>
                {
                    isChanged |= IsChange(http);
                    return Task.FromResult(false);
                };
                sandbox.Intercept = http => Task.FromResult(isChanged && http.Connection.LocalPort == server.Url.Port && End(sandbox, server, http));
                break;
            case Moment.After:
                sandbox.InterceptAnswer = http =>
                {
                    if (IsChange(http))
                    {
                        http.Response.OnCompleted(() => ApplyAsync(sandbox, server, fault));
                    }

                    return Task.FromResult(false);
                };
                break;
        }
    }

    /// <summary>Ends the server with this request, which gets no answer.</summary>
    private static bool End(Sandbox sandbox, SandboxServer server, HttpContext http)
    {
        sandbox.Intercept = null;
        _ = Task.Run(server.StopAsync, CancellationToken.None);
        http.Abort();
        return true;
    }

    /// <summary>True if the request has been dealt with.</summary>
    private static async Task<bool> AtChangeAsync(Sandbox sandbox, SandboxServer server, string fault, HttpContext http, int changes)
    {
        bool isRefused = fault == "Refused" || (fault == "LostAfterChange, then Refused" && changes == 2);
        if (isRefused || (fault == "Gateway" && changes == 1))
        {
            http.Response.StatusCode = isRefused ? 403 : 504;
            return true;
        }

        if (fault == "Down" && server == sandbox.Servers[0])
        {
            return End(sandbox, server, http);
        }

        if (changes == 1)
        {
            await ApplyAsync(sandbox, server, fault);
        }

        return false;
    }

    private static bool IsChange(HttpContext http) => http.Request.Method == "PUT";

    private static async Task ApplyAsync(Sandbox sandbox, SandboxServer server, string fault)
    {
        SandboxFaults faults = server.Faults;
        ClusterCertificates right = sandbox.Certificates;
        switch (fault)
        {
            case "LegacyStatusCodes":
                faults.LegacyStatusCodes = true;
                break;
            case "TooOldToRotate":
                faults.TooOldToRotate = true;
                break;
            case "Starting" or "WithoutApi" or "WithoutCore":
                faults.Phase = Enum.Parse<StartPhase>(fault);
                break;
            case "Stale":
                faults.Stale = true;
                break;
            case "WrongHostName":
                faults.Impostor = new Impostor(right.Reissue(new CertificateOptions { WrongHostName = true }));
                break;
            case "Impostor":
                ClusterCertificates forged = ClusterCertificates.Create(new CertificateOptions());
                faults.Impostor = new Impostor(forged) { Bundle = forged.Bundle };
                break;
            case "ImpostorWithBundle":
                faults.Impostor = new Impostor(ClusterCertificates.Create(new CertificateOptions()));
                break;
            case "Down":
                await Task.Run(server.StopAsync);
                break;
            case "LostBeforeChange twice" or "LostAfterChange twice":
                faults.OnRotation(Enum.Parse<RotationFault>(fault.Split(' ')[0]), times: 2);
                break;
            case "LostAfterChange, then ErrorBeforeChange" or "LostAfterChange, then Refused":
                faults.OnRotation(RotationFault.LostAfterChange);
                faults.OnRotation(RotationFault.ErrorBeforeChange);
                break;
            default:
                faults.OnRotation(Enum.TryParse(fault, out RotationFault rotation) ? rotation : RotationFault.None);
                break;
        }
    }

    private static async Task<(TokenRotation? Result, K3sTokenException? Problem)> TryAsync(Sandbox sandbox, string token)
    {
        using RotationTokens tokens = Read(token);
        try
        {
            Uri[] servers = [.. sandbox.Servers.Select(server => server.Url)];
            using Rotation rotation = await Rotation.PrepareAsync(servers, tokens, Access(), force: false, dataDir: null, Ending);
            return await rotation.RunAsync(asPlainText: true, Ending);
        }
        catch (K3sTokenException e)
        {
            return (null, e);
        }
    }

    private static void AssertNotFirmer(Sandbox sandbox, TokenRotation? result)
    {
        bool isStored = sandbox.Datastore.Opens(New);
        bool isOld = sandbox.Datastore.Opens(Old) && sandbox.Servers.All(server => Password(server) == Old);
        switch (result?.State)
        {
            case null or TokenRotationState.Rejected:
                Assert.True(isOld);
                break;
            case TokenRotationState.PendingRestart:
                Assert.True(isStored);
                Assert.Equal(New, Password(sandbox.Servers[0]));
                break;
            default:
                Assert.Equal(TokenRotationState.Unknown, result.State);
                break;
        }

        if (result is not null)
        {
            Assert.Equal((New, sandbox.Servers[0].Token.Split("::")[0] + "::server:" + New), (result.NewShortToken, result.NewToken));
            Assert.DoesNotContain(result.Warnings, warning => warning.Contains(New, StringComparison.Ordinal));
        }
    }

    /// <summary>Restarts both servers, lets a fault begin, and looks; what was seen of each must be so.</summary>
    private static async Task<string> RestartAndLookAsync(Sandbox sandbox, SandboxServer faulty, string token, string fault)
    {
        if (fault == "Stale")
        {
            await ApplyAsync(sandbox, faulty, fault);
        }

        foreach (SandboxServer server in sandbox.Servers)
        {
            Assert.True(await server.RestartAsync(New), server.FatalError);
        }

        await ApplyAsync(sandbox, faulty, fault);
        using RotationTokens tokens = Read(token);
        using RotationWatch watch = new([.. sandbox.Servers.Select(server => server.Url)], tokens, Access(), isStored: true);
        TokenRotationServer[] seen = (await watch.LookAsync(Ending)).Servers;
        foreach ((SandboxServer server, TokenRotationServerState state) in sandbox.Servers.Zip(seen, (server, found) => (server, found.State)))
        {
            Assert.NotEqual(TokenRotationServerState.NeitherAccepted, state);
            if (state is TokenRotationServerState.Rotated or TokenRotationServerState.PendingRestart)
            {
                Assert.Equal(state == TokenRotationServerState.Rotated ? "new" : "old", await AcceptedAsync(sandbox, server));
                Assert.True(sandbox.Datastore.Opens(New));
            }
        }

        return string.Join(' ', seen.Select(server => server.State));
    }

    private static async Task<string> AcceptedAsync(Sandbox sandbox, SandboxServer server)
    {
        server.Faults.LegacyStatusCodes = false;
        return await Ground.AcceptsAsync(sandbox, server);
    }

    private static string Password(SandboxServer server) => server.Token.Split("::server:")[1];

    private static SupervisorAccess Access() => new(TimeSpan.FromSeconds(30), new TestNotices());

    private static RotationTokens Read(string old)
    {
        using Secret value = new(New);
        return RotationTokens.Read(old, value);
    }
}
