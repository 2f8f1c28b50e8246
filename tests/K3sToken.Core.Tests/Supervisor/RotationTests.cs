using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Sandboxing;
using K3sToken.Sandboxing.Http;
using K3sToken.Supervisor;
using K3sToken.Tests.Kubernetes;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Supervisor;

/// <summary>Rotations of sandboxes, with all that can go wrong.</summary>
public sealed class RotationTests
{
    private const string New = "the-new-password";
    private const string OldAndNewRefused = "a-third-password";

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    /// <summary>Each fault: what is known afterwards, the error, how often the change was sent, and whether the datastore has it.</summary>
    public static TheoryData<RotationFault, int, TokenRotationState, ErrorId?, int> Faults => new()
    {
        { RotationFault.None, 1, TokenRotationState.PendingRestart, null, 1 },
        { RotationFault.LostBeforeChange, 1, TokenRotationState.PendingRestart, null, 2 },
        { RotationFault.LostAfterChange, 1, TokenRotationState.PendingRestart, null, 2 },
        { RotationFault.LostBeforeChange, 2, TokenRotationState.Unknown, ErrorId.ClusterUnreachable, 2 },
        { RotationFault.LostAfterChange, 2, TokenRotationState.Unknown, ErrorId.ClusterUnreachable, 2 },
        { RotationFault.ErrorBeforeChange, 1, TokenRotationState.Unknown, ErrorId.ServerError, 1 },
        { RotationFault.ErrorAfterFiles, 1, TokenRotationState.Unknown, ErrorId.ServerError, 1 },
        { RotationFault.ErrorWithOtherKey, 1, TokenRotationState.Unknown, ErrorId.ServerError, 1 },
        { RotationFault.ErrorAfterDatastore, 1, TokenRotationState.Unknown, ErrorId.ServerError, 1 },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Whatever_goes_wrong_the_state_is_never_firmer_than_the_servers_and_the_new_value_is_there(
        RotationFault fault, int times, TokenRotationState expected, ErrorId? error, int sent)
    {
        await using Sandbox sandbox = await StartAsync(2);
        string old = PasswordOf(sandbox.Token);
        sandbox.Servers[0].Faults.OnRotation(fault, times);

        (TokenRotation result, K3sTokenException? failure) = await RotateAsync(sandbox, sandbox.Token, New);

        Assert.Equal((expected, error), (result.State, failure?.Id));
        Assert.Equal(sent, Puts(sandbox).Count());
        Assert.Equal(New, result.NewShortToken);
        Assert.Equal(sandbox.Token.Split("::")[0] + "::server:" + New, result.NewToken);
        Assert.True(expected != TokenRotationState.PendingRestart || sandbox.Datastore.Opens(New));
        AssertSaysNoSecret([failure?.ToString(), result.ToString(), .. result.Warnings, .. result.Servers.Select(s => s.ToString())], old, New);
    }

    [Fact]
    public async Task Three_servers_are_rotated_one_restart_after_the_other()
    {
        await using Sandbox sandbox = await StartAsync(3);
        string oldToken = sandbox.Token;
        (TokenRotation result, _) = await RotateAsync(sandbox, oldToken, New);
        using RotationTokens tokens = Read(oldToken, New);
        using RotationWatch watch = new([.. sandbox.Servers.Select(s => s.Url)], tokens, Access(), isStored: true);

        List<string> seen = [await LookAsync(watch)];
        foreach (SandboxServer server in sandbox.Servers)
        {
            Assert.True(await server.RestartAsync(New), server.FatalError);
            seen.Add(await LookAsync(watch));
        }

        Assert.Equal(TokenRotationState.PendingRestart, result.State);
        Assert.Equal(
            [
                "PendingRestart PendingRestart PendingRestart",
                "Rotated PendingRestart PendingRestart",
                "Rotated Rotated PendingRestart",
                "Rotated Rotated Rotated",
            ],
            seen);
        Assert.Equal((sandbox.Servers.Count, "PUT"), (result.Server.Length, Puts(sandbox).Single().Method));
        Assert.Single(sandbox.Servers[0].Requests, request => request.Method == "PUT");
    }

    [Fact]
    public async Task Servers_that_were_not_restarted_tell_nobody_whether_they_were_rotated()
    {
        await using Sandbox sandbox = await StartAsync(2);
        string oldToken = sandbox.Token;
        using RotationTokens tokens = Read(oldToken, New);
        using RotationWatch watch = new([.. sandbox.Servers.Select(s => s.Url)], tokens, Access(), isStored: false);
        string before = await LookAsync(watch);
        await RotateAsync(sandbox, oldToken, New);
        string after = await LookAsync(watch);
        await sandbox.Servers[1].RestartAsync(New);
        string split = await LookAsync(watch);
        await sandbox.Servers[0].StopAsync();

        Assert.Equal(("OldAccepted OldAccepted", "OldAccepted OldAccepted"), (before, after));
        Assert.Equal("PendingRestart Rotated", split);
        Assert.Equal("Unreachable Rotated", await LookAsync(watch));
    }

    [Fact]
    public async Task A_server_that_is_starting_is_said_to_start()
    {
        await using Sandbox sandbox = await StartAsync(1);
        sandbox.Servers[0].Faults.Phase = StartPhase.Starting;
        using RotationTokens tokens = Read(sandbox.Token, New);
        using RotationWatch watch = new([sandbox.Url], tokens, Access(), isStored: true);
        Assert.Equal("Starting", await LookAsync(watch));
    }

    [Fact]
    public async Task A_token_that_is_not_the_current_one_sends_nothing()
    {
        await using Sandbox sandbox = await StartAsync(2);
        await AssertRefusedAsync(sandbox, OldAndNewRefused, New, ErrorId.ServerCertificateUntrusted);
        Assert.DoesNotContain(sandbox.Requests, request => request.Headers.ContainsKey("Authorization"));
        await AssertRefusedAsync(sandbox, sandbox.Token.Split("::")[0] + "::server:wrong", New, ErrorId.AuthenticationFailed);
    }

    [Fact]
    public async Task The_current_value_is_no_new_one()
    {
        await using Sandbox sandbox = await StartAsync(1);
        await AssertRefusedAsync(sandbox, sandbox.Token, sandbox.Token, ErrorId.RotationRejected);
    }

    [Fact]
    public async Task A_server_that_accepts_the_new_value_already_is_not_rotated_again()
    {
        await using Sandbox sandbox = await StartAsync(2);
        string oldToken = sandbox.Token;
        await RotateAsync(sandbox, oldToken, New);
        await sandbox.Servers[1].RestartAsync(New);
        int before = Puts(sandbox).Count();

        K3sTokenException thrown = await Assert.ThrowsAsync<K3sTokenException>(() => RotateAsync(sandbox, oldToken, New));

        Assert.Equal((ErrorId.RotationRejected, before), (thrown.Id, Puts(sandbox).Count()));
    }

    [Fact]
    public async Task A_token_of_another_cluster_gets_no_credentials_out()
    {
        await using Sandbox sandbox = await StartAsync(1);
        string other = $"K10{new string('0', 64)}::server:{PasswordOf(sandbox.Token)}";
        await AssertRefusedAsync(sandbox, other, New, ErrorId.CAHashMismatch);
        await AssertRefusedAsync(sandbox, other, New, ErrorId.CAHashMismatch, force: true);
        await AssertRefusedAsync(sandbox, PasswordOf(sandbox.Token), $"K10{new string('0', 64)}::server:{New}", ErrorId.CAHashMismatch);
        Assert.DoesNotContain(sandbox.Requests, request => request.Headers.ContainsKey("Authorization"));
    }

    [Fact]
    public async Task Without_a_hash_a_server_is_taken_on_trust_by_force_only_and_with_a_warning()
    {
        await using Sandbox sandbox = await StartAsync(1);
        (TokenRotation result, K3sTokenException? error) = await RotateAsync(sandbox, PasswordOf(sandbox.Token), New, force: true);
        Assert.Null(error);
        Assert.Equal(TokenRotationState.PendingRestart, result.State);
        Assert.Contains(result.Warnings, warning => warning.Contains("on trust", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_is_down_is_left_out_by_force_only_and_never_the_first()
    {
        await using Sandbox sandbox = await StartAsync(3);
        await sandbox.Servers[2].StopAsync();
        await AssertRefusedAsync(sandbox, sandbox.Token, New, ErrorId.ClusterUnreachable);
        (TokenRotation result, _) = await RotateAsync(sandbox, sandbox.Token, New, force: true);
        Assert.Equal(TokenRotationState.PendingRestart, result.State);
        Assert.Equal("PendingRestart PendingRestart Unreachable", string.Join(' ', result.Servers.Select(server => server.State)));
        Assert.Contains(result.Warnings, warning => warning.Contains(result.Server[2], StringComparison.Ordinal));

        await using Sandbox another = await StartAsync(2);
        await another.Servers[0].StopAsync();
        await AssertRefusedAsync(another, another.Servers[1].Token, New, ErrorId.ClusterUnreachable, force: true);
    }

    [Fact]
    public async Task Servers_that_disagree_about_the_token_are_not_rotated()
    {
        await using Sandbox sandbox = await StartAsync(2);
        string oldToken = sandbox.Token;
        await RotateAsync(sandbox, oldToken, OldAndNewRefused);
        await sandbox.Servers[1].RestartAsync(OldAndNewRefused);
        int before = Puts(sandbox).Count();
        await Assert.ThrowsAsync<K3sTokenException>(() => RotateAsync(sandbox, oldToken, New, force: true));
        Assert.Equal(before, Puts(sandbox).Count());
    }

    [Fact]
    public async Task Servers_of_two_clusters_are_not_rotated_together()
    {
        await using Sandbox one = await StartAsync(1, "same-password");
        await using Sandbox two = await StartAsync(1, "same-password");
        using RotationTokens tokens = Read("same-password", New);
        K3sTokenException thrown = await Assert.ThrowsAsync<K3sTokenException>(
            () => Rotation.PrepareAsync([one.Url, two.Url], tokens, Access(), true, null, Ending));
        Assert.Equal(ErrorId.RotationRejected, thrown.Id);
    }

    [Fact]
    public async Task A_server_that_is_too_old_says_so_before_anything_is_sent()
    {
        await using Sandbox sandbox = await StartAsync(1);
        sandbox.Servers[0].Faults.TooOldToRotate = true;
        await AssertRefusedAsync(sandbox, sandbox.Token, New, ErrorId.ServerTooOld);
    }

    [Fact]
    public async Task A_server_with_the_older_status_codes_is_rotated()
    {
        await using Sandbox sandbox = await StartAsync(1);
        sandbox.Servers[0].Faults.LegacyStatusCodes = true;
        (TokenRotation result, _) = await RotateAsync(sandbox, sandbox.Token, New);
        Assert.Equal(TokenRotationState.PendingRestart, result.State);
    }

    [Fact]
    public async Task A_refusal_leaves_the_state_rejected()
    {
        await using Sandbox sandbox = await StartAsync(1);
        sandbox.Intercept = http =>
        {
            bool isChange = http.Request.Method == "PUT";
            http.Response.StatusCode = isChange ? 403 : 200;
            return Task.FromResult(isChange);
        };
        (TokenRotation result, K3sTokenException? error) = await RotateAsync(sandbox, sandbox.Token, New);
        Assert.Equal((TokenRotationState.Rejected, ErrorId.RotationRejected), (result.State, error?.Id));
        Assert.Equal(New, result.NewShortToken);
    }

    [Fact]
    public async Task A_500_says_what_the_token_file_holds()
    {
        await using Sandbox sandbox = await StartAsync(1);
        sandbox.Servers[0].Faults.OnRotation(RotationFault.ErrorAfterFiles);
        string oldToken = sandbox.Token;
        (_, K3sTokenException? error) = await RotateAsync(sandbox, oldToken, New, dataDir: sandbox.Servers[0].DataDirectory);
        Assert.Contains("holds the new token", error?.Message);
        Assert.Contains("Rotate back first", error?.Message);
    }

    [Fact]
    public async Task Who_stops_before_the_change_changes_nothing()
    {
        await using Sandbox sandbox = await StartAsync(1);
        using CancellationTokenSource stop = new();
        using RotationTokens tokens = Read(sandbox.Token, New);
        using Rotation rotation = await Rotation.PrepareAsync([sandbox.Url], tokens, Access(), false, null, stop.Token);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rotation.RunAsync(true, stop.Token));
        Assert.Empty(Puts(sandbox));
    }

    [Fact]
    public async Task Who_stops_after_the_change_was_sent_does_not_abort_it()
    {
        await using Sandbox sandbox = await StartAsync(1);
        using CancellationTokenSource stop = new();
        sandbox.Intercept = http =>
        {
            if (http.Request.Method == "PUT")
            {
                stop.Cancel();
            }

            return Task.FromResult(false);
        };
        using RotationTokens tokens = Read(sandbox.Token, New);
        using Rotation rotation = await Rotation.PrepareAsync([sandbox.Url], tokens, Access(), false, null, stop.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rotation.RunAsync(true, stop.Token));

        Assert.Equal(200, Puts(sandbox).Single().Status);
        Assert.True(sandbox.Datastore.Opens(New));
    }

    [Fact]
    public void Pauses_grow_to_ten_seconds()
    {
        List<double> pauses = [];
        TimeSpan? pause = null;
        for (int i = 0; i < 7; i++)
        {
            pause = RotationWatch.NextPause(pause);
            pauses.Add(pause.Value.TotalSeconds);
        }

        Assert.Equal([0.5, 1, 2, 4, 8, 10, 10], pauses);
    }

    private static Task<Sandbox> StartAsync(int servers, string? token = null) =>
        Sandbox.StartAsync(new SandboxOptions { Servers = servers, Token = token });

    private static SupervisorAccess Access() => new(TimeSpan.FromSeconds(30), new TestNotices());

    private static RotationTokens Read(string old, string @new)
    {
        using Secret value = new(@new);
        return RotationTokens.Read(old, value);
    }

    private static async Task<(TokenRotation Result, K3sTokenException? Error)> RotateAsync(
        Sandbox sandbox, string old, string @new, bool force = false, string? dataDir = null)
    {
        using RotationTokens tokens = Read(old, @new);
        Uri[] servers = [.. sandbox.Servers.Select(server => server.Url)];
        using Rotation rotation = await Rotation.PrepareAsync(servers, tokens, Access(), force, dataDir, Ending);
        Assert.Equal(servers.Length, rotation.Preview.Split(Environment.NewLine).Length);
        return await rotation.RunAsync(asPlainText: true, Ending);
    }

    private static async Task AssertRefusedAsync(Sandbox sandbox, string old, string @new, ErrorId expected, bool force = false)
    {
        K3sTokenException thrown = await Assert.ThrowsAsync<K3sTokenException>(() => RotateAsync(sandbox, old, @new, force));
        Assert.Equal(expected, thrown.Id);
        Assert.Empty(Puts(sandbox));
        AssertSaysNoSecret([thrown.ToString()], PasswordOf(old), PasswordOf(@new));
    }

    private static async Task<string> LookAsync(RotationWatch watch) =>
        string.Join(' ', (await watch.LookAsync(Ending)).Servers.Select(server => server.State));

    private static IEnumerable<LoggedRequest> Puts(Sandbox sandbox) => sandbox.Requests.Where(request => request.Method == "PUT");

    private static string PasswordOf(string token) => token.Split("::server:")[^1];

    private static void AssertSaysNoSecret(IEnumerable<string?> texts, params string[] secrets)
    {
        foreach (string text in texts.OfType<string>())
        {
            Assert.DoesNotContain(secrets, secret => text.Contains(secret, StringComparison.Ordinal));
        }
    }
}
