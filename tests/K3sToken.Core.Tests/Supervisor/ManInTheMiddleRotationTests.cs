using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Supervisor;
using K3sToken.Tests.Kubernetes;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Supervisor;

/// <summary>Servers that are not the ones whose token is rotated, or waited for. None may get a byte of an Authorization header.</summary>
public sealed class ManInTheMiddleRotationTests : IDisposable
{
    private const string Old = "the-old-password";
    private const string New = "the-new-password";

    /// <summary>The most connections that either of the two needs: three to verify the server, three to ask it, the change, two to ask again.</summary>
    private const int MostConnections = 9;

    private readonly TestCA _ca = TestCA.Root("k3s-server-ca");
    private readonly TestCA _evilCA = TestCA.Root("k3s-server-ca");
    private readonly List<IDisposable> _open = [];
    private readonly List<ScriptedServer> _evil = [];

    public static TheoryData<string, bool, ErrorId> Strangers => new()
    {
        { "another CA", true, ErrorId.CAHashMismatch },
        { "the right bundle and another CA", true, ErrorId.ServerCertificateUntrusted },
        { "the right bundle and another CA", false, ErrorId.ServerCertificateUntrusted },
        { "the right CA and the wrong name", true, ErrorId.ServerCertificateUntrusted },
        { "the right CA and the wrong name", false, ErrorId.ServerCertificateUntrusted },
        { "a forged bundle with both CAs", true, ErrorId.CAHashMismatch },
    };

    public static IEnumerable<TheoryDataRow<int, string>> Swaps =>
        from connections in Enumerable.Range(1, MostConnections - 1)
        from stranger in new[] { "the right bundle and another CA", "the right CA and the wrong name" }
        select new TheoryDataRow<int, string>(connections, stranger);

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    private string Hash => CAHash.Compute(_ca.Pem);

    private static SupervisorAccess Access => new(TimeSpan.FromSeconds(30), new TestNotices());

    [Theory]
    [MemberData(nameof(Strangers))]
    public async Task A_rotation_shows_nothing_to_a_stranger_with_force_neither(string stranger, bool hasHash, ErrorId expected)
    {
        Uri address = Evil(stranger).Address;
        foreach (bool force in new[] { false, true })
        {
            K3sTokenException thrown = await Assert.ThrowsAsync<K3sTokenException>(() => RotateAsync([address], hasHash, force));
            Assert.Equal(expected, thrown.Id);
            AssertNobodyWasTold(thrown.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Strangers))]
    public async Task A_stranger_among_the_servers_keeps_the_change_from_all_with_force_too(string stranger, bool hasHash, ErrorId expected)
    {
        ScriptedServer good = Good();
        K3sTokenException thrown =
            await Assert.ThrowsAsync<K3sTokenException>(() => RotateAsync([good.Address, Evil(stranger).Address], hasHash, force: true));
        Assert.Equal(expected, thrown.Id);
        Assert.DoesNotContain(good.Requests, request => request.Method == "PUT");
        AssertNobodyWasTold(thrown.ToString());
    }

    [Theory]
    [MemberData(nameof(Strangers))]
    public async Task Who_looks_how_far_a_rotation_has_come_shows_nothing_to_a_stranger(string stranger, bool hasHash, ErrorId expected)
    {
        using RotationTokens tokens = Tokens(hasHash);
        using RotationWatch watch = new([Evil(stranger).Address], tokens, Access, isStored: true);
        for (int i = 0; i < 2; i++)
        {
            (TokenRotationServer[] servers, K3sTokenException[] untrusted) = await watch.LookAsync(Ending);
            Assert.Equal(TokenRotationServerState.Unreachable, servers.Single().State);
            Assert.Equal(expected, untrusted.Single().Id);
            AssertNobodyWasTold(untrusted.Single().ToString(), servers.Single().Detail);
        }
    }

    [Theory]
    [MemberData(nameof(Swaps))]
    public async Task Whoever_takes_the_place_of_the_server_during_a_rotation_is_told_nothing(int connections, string stranger)
    {
        ScriptedServer good = Good();
        Uri address = Switch(connections, good, stranger);

        (TokenRotation? result, K3sTokenException? problem) = await TryAsync(address);

        bool isSent = good.Requests.Any(request => request.Method == "PUT");
        Assert.Equal(isSent, result is not null);
        Assert.Equal(connections >= 7, isSent);
        Assert.Equal(isSent ? null : ErrorId.ServerCertificateUntrusted, problem?.Id);
        Assert.Equal(isSent ? TokenRotationState.PendingRestart : null, result?.State);
        AssertNobodyWasTold(problem?.ToString() ?? "", string.Join(' ', result?.Servers.Select(server => server.Detail) ?? []));
    }

    [Theory]
    [MemberData(nameof(Swaps))]
    public async Task Whoever_takes_the_place_of_the_server_while_somebody_waits_is_told_nothing(int connections, string stranger)
    {
        using RotationTokens tokens = Tokens(hasHash: true);
        using RotationWatch watch = new([Switch(connections, Good(), stranger)], tokens, Access, isStored: true);
        (TokenRotationServer[] Servers, K3sTokenException[] Untrusted) seen = ([], []);
        for (int i = 0; i < 4; i++)
        {
            seen = await watch.LookAsync(Ending);
        }

        Assert.Equal(TokenRotationServerState.Unreachable, seen.Servers.Single().State);
        Assert.Equal(ErrorId.ServerCertificateUntrusted, seen.Untrusted.Single().Id);
        AssertNobodyWasTold(seen.Untrusted.Single().ToString());
    }

    [Fact]
    public async Task A_change_is_not_sent_after_a_redirect()
    {
        ScriptedServer elsewhere = Evil("the right bundle and another CA");
        ScriptedServer server = Open(new ScriptedServer(_ca.Server("127.0.0.1"), request => request.Method == "PUT"
            ? Answer.Of(307, "text/plain", "", $"Location: {elsewhere.Address}v1-k3s/token")
            : AnswerOf(request, _ca.Pem)));

        (TokenRotation? result, _) = await TryAsync(server.Address);

        Assert.Equal(TokenRotationState.Unknown, result?.State);
        Assert.Equal(0, elsewhere.Connections);
    }

    [Fact]
    public async Task The_right_server_gets_the_change()
    {
        ScriptedServer good = Good();
        (TokenRotation? result, _) = await TryAsync(good.Address);
        Assert.Equal(TokenRotationState.PendingRestart, result?.State);
        Assert.Equal(MostConnections, good.Connections);
    }

    public void Dispose() => _open.ForEach(open => open.Dispose());

    private RotationTokens Tokens(bool hasHash)
    {
        using Secret value = new(New);
        return RotationTokens.Read(hasHash ? $"K10{Hash}::server:{Old}" : Old, value);
    }

    private async Task<(TokenRotation? Result, K3sTokenException? Problem)> RotateAsync(Uri[] servers, bool hasHash, bool force)
    {
        using RotationTokens tokens = Tokens(hasHash);
        using Rotation rotation = await Rotation.PrepareAsync(servers, tokens, Access, force, null, Ending);
        return await rotation.RunAsync(asPlainText: true, Ending);
    }

    private async Task<(TokenRotation? Result, K3sTokenException? Problem)> TryAsync(Uri server)
    {
        try
        {
            return await RotateAsync([server], hasHash: true, force: true);
        }
        catch (K3sTokenException e)
        {
            return (null, e);
        }
    }

    private ScriptedServer Good() => Serve(_ca, _ca.Pem, "127.0.0.1");

    private ScriptedServer Evil(string stranger)
    {
        ScriptedServer server = stranger switch
        {
            "another CA" => Serve(_evilCA, _evilCA.Pem, "127.0.0.1"),
            "the right bundle and another CA" => Serve(_evilCA, _ca.Pem, "127.0.0.1"),
            "the right CA and the wrong name" => Serve(_ca, _ca.Pem, "server-2", "10.0.0.2"),
            _ => Serve(_evilCA, [.. _ca.Pem, .. _evilCA.Pem], "127.0.0.1"),
        };
        _evil.Add(server);
        return server;
    }

    private Uri Switch(int connections, ScriptedServer good, string stranger)
    {
        ScriptedServer evil = Evil(stranger);
        return Open(new PortSwitch(connection => connection <= connections ? good : evil)).Address;
    }

    private ScriptedServer Serve(TestCA ca, byte[] bundle, params string[] names) =>
        Open(new ScriptedServer(ca.Server(names), request => AnswerOf(request, bundle) with { Then = Then.Cut }));

    /// <summary>As a server with the old token, which closes each connection, so that the next request needs another.</summary>
    private static Answer AnswerOf(Received request, byte[] bundle)
    {
        string old = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("server:" + Old));
        return request switch
        {
            { Target: "/cacerts" } => Answer.Of(200, "text/plain", Encoding.ASCII.GetString(bundle), "Connection: close"),
            { Method: "PUT" } => Answer.Of(200, "text/plain", "", "Connection: close"),
            _ when request["Authorization"] == old => Answer.Of(405, "text/plain", "", "Connection: close"),
            _ => Answer.Of(401, "text/plain", "", "Connection: close"),
        };
    }

    private T Open<T>(T server)
        where T : IDisposable
    {
        _open.Add(server);
        return server;
    }

    private void AssertNobodyWasTold(params string[] texts)
    {
        Assert.All(_evil, server => Assert.DoesNotContain("Authorization", server.ReceivedText, StringComparison.OrdinalIgnoreCase));
        Assert.All(texts, text => Assert.False(text.Contains(Old, StringComparison.Ordinal) || text.Contains(New, StringComparison.Ordinal), text));
    }
}
