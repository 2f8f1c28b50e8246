using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using K3sToken.Supervisor;
using K3sToken.Tests.Kubernetes;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Supervisor;

/// <summary>Servers that are not the one which the token is for. None may get a byte of an Authorization header.</summary>
public sealed class ManInTheMiddleTests : IDisposable
{
    private readonly TestCA _ca = TestCA.Root("k3s-server-ca");
    private readonly TestCA _evilCA = TestCA.Root("k3s-server-ca");
    private readonly List<IDisposable> _open = [];
    private readonly List<ScriptedServer> _evil = [];

    private string Hash => CAHash.Compute(_ca.Pem);

    [Theory]
    [InlineData(null)]
    [InlineData(NodeRole.Agent)]
    [InlineData(NodeRole.Server)]
    public async Task A_server_with_another_CA_is_refused(NodeRole? role)
    {
        ScriptedServer server = Evil(_evilCA, _evilCA.Pem, "127.0.0.1");

        TokenTestResult result = await TestAsync(server.Address, Hash, role);

        Assert.Equal("Download+ Hash- Chain- HostName- Credentials-", Summary(result));
        Assert.Contains(Hash, result.Reason);
        NobodyGotCredentials(result);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(NodeRole.Agent)]
    [InlineData(NodeRole.Server)]
    public async Task A_server_that_hands_on_the_right_bundle_and_has_another_CA_is_refused(NodeRole? role)
    {
        ScriptedServer server = Evil(_evilCA, _ca.Pem, "127.0.0.1");

        TokenTestResult result = await TestAsync(server.Address, Hash, role);

        Assert.Equal("Download+ Hash+ Chain- HostName- Credentials-", Summary(result));
        NobodyGotCredentials(result);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(NodeRole.Agent)]
    [InlineData(NodeRole.Server)]
    public async Task The_right_CA_and_the_wrong_name_is_refused(NodeRole? role)
    {
        ScriptedServer server = Evil(_ca, _ca.Pem, "server-2", "10.0.0.2");

        TokenTestResult result = await TestAsync(server.Address, Hash, role);

        Assert.Equal("Download+ Hash+ Chain+ HostName- Credentials-", Summary(result));
        Assert.Contains("server-2", result.Reason);
        NobodyGotCredentials(result);
    }

    [Fact]
    public async Task The_wrong_name_is_refused_without_a_hash_too()
    {
        ScriptedServer server = Evil(_ca, _ca.Pem, "server-2");

        TokenTestResult result = await TestAsync(server.Address, "");

        Assert.Equal("Download+ Hash+ Chain+ HostName- Credentials-", Summary(result));
        NobodyGotCredentials(result);
    }

    [Fact]
    public async Task The_wrong_name_is_refused_with_a_file_of_CAs_too()
    {
        ScriptedServer server = Evil(_ca, _ca.Pem, "server-2");

        SupervisorAccess access = Access with { CACertificate = new CAFile("ca.pem", ServerTrust.In(_ca.Pem)!) };
        TokenTestResult result = await TestAsync(server.Address, Hash, access: access);

        Assert.Equal("Download+ Hash+ Chain+ HostName- Credentials-", Summary(result));
        NobodyGotCredentials(result);
    }

    [Fact]
    public async Task A_forged_bundle_that_holds_the_right_CA_beside_another_is_refused()
    {
        ScriptedServer server = Evil(_evilCA, [.. _ca.Pem, .. _evilCA.Pem], "127.0.0.1");

        TokenTestResult result = await TestAsync(server.Address, Hash);

        Assert.Equal("Download+ Hash- Chain- HostName- Credentials-", Summary(result));
        NobodyGotCredentials(result);
    }

    [Fact]
    public async Task A_forged_bundle_of_another_server_without_a_hash_does_not_verify_that_server()
    {
        ScriptedServer server = Evil(_evilCA, _ca.Pem, "127.0.0.1");

        TokenTestResult result = await TestAsync(server.Address, "");

        Assert.Equal("Download+ Hash+ Chain- HostName- Credentials-", Summary(result));
        NobodyGotCredentials(result);
    }

    [Fact]
    public async Task A_server_that_changes_its_certificate_after_the_download_is_refused()
    {
        ScriptedServer good = Good();
        ScriptedServer evil = Evil(_evilCA, _ca.Pem, "127.0.0.1");
        PortSwitch address = Open(new PortSwitch(connection => connection <= 2 ? good : evil));

        TokenTestResult result = await TestAsync(address.Address, Hash);

        Assert.Equal("Download+ Hash+ Chain- HostName- Credentials-", Summary(result));
        NobodyGotCredentials(result, good);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_changes_its_certificate_before_the_credentials_is_refused(bool hasHash)
    {
        ScriptedServer good = Good();
        ScriptedServer evil = Evil(_evilCA, _ca.Pem, "127.0.0.1");
        PortSwitch address = Open(new PortSwitch(connection => connection <= 3 ? good : evil));

        TokenTestResult result = await TestAsync(address.Address, hasHash ? Hash : "");

        Assert.Equal("Download+ Hash+ Chain+ HostName+ Credentials-", Summary(result));
        Assert.Contains("is not trusted", result.Reason);
        NobodyGotCredentials(result, good);
    }

    [Fact]
    public async Task A_server_that_changes_to_a_certificate_for_another_name_is_refused()
    {
        ScriptedServer good = Good();
        ScriptedServer evil = Evil(_ca, _ca.Pem, "server-2");
        PortSwitch address = Open(new PortSwitch(connection => connection <= 3 ? good : evil));

        TokenTestResult result = await TestAsync(address.Address, Hash);

        Assert.Equal("Download+ Hash+ Chain+ HostName+ Credentials-", Summary(result));
        NobodyGotCredentials(result, good);
    }

    [Fact]
    public async Task A_server_that_this_machine_trusted_until_the_credentials_is_refused()
    {
        ScriptedServer good = Good();
        ScriptedServer evil = Evil(_evilCA, _ca.Pem, "127.0.0.1");
        PortSwitch address = Open(new PortSwitch(connection => connection <= 1 ? good : evil));

        TokenTestResult result = await TestAsync(address.Address, Hash, access: Access with { HostTrust = ServerTrust.In(_ca.Pem)! });

        Assert.Equal("Download+ Hash+ Chain+ HostName+ Credentials-", Summary(result));
        NobodyGotCredentials(result, good);
    }

    [Fact]
    public async Task A_bundle_that_is_another_one_the_second_time_is_refused()
    {
        int asked = 0;
        byte[] both = [.. _ca.Pem, .. _evilCA.Pem];
        ScriptedServer server = Serve(_ca, () => asked++ == 0 ? both : _ca.Pem, "127.0.0.1");
        _evil.Add(server);

        TokenTestResult result = await TestAsync(server.Address, "");

        Assert.Equal("Download+ Hash+ Chain- HostName- Credentials-", Summary(result));
        NobodyGotCredentials(result);
    }

    [Theory]
    [InlineData("/cacerts")]
    [InlineData("/v1-k3s/token")]
    public async Task No_redirect_is_followed(string path)
    {
        ScriptedServer elsewhere = Evil(_ca, _ca.Pem, "127.0.0.1");
        ScriptedServer server = Open(new ScriptedServer(
            _ca.Server("127.0.0.1"),
            request => request.Target == path
                ? Answer.Of(307, "text/plain", "", $"Location: {elsewhere.Address}v1-k3s/token")
                : Answer.Of(200, "text/plain", Encoding.ASCII.GetString(_ca.Pem))));

        TokenTestResult result = await TestAsync(server.Address, Hash, NodeRole.Server);

        Assert.Equal(0, elsewhere.Connections);
        NobodyGotCredentials(result);
    }

    [Fact]
    public async Task The_right_server_gets_them()
    {
        ScriptedServer good = Good();

        TokenTestResult result = await TestAsync(good.Address, Hash);

        Assert.Equal("Download+ Hash+ Chain+ HostName+ Credentials+", Summary(result));
        Assert.Contains("Authorization", good.ReceivedText);
    }

    public void Dispose() => _open.ForEach(open => open.Dispose());

    private static SupervisorAccess Access => new(TimeSpan.FromSeconds(30), new TestNotices());

    private static async Task<TokenTestResult> TestAsync(Uri server, string hash, NodeRole? role = null, SupervisorAccess? access = null)
    {
        using JoinTokenText token = JoinTokenText.Parse($"K10{hash}::server:a-password");
        return await TokenTest.RunAsync(token, server, role, access ?? Access, TestContext.Current.CancellationToken);
    }

    private static string Summary(TokenTestResult result) =>
        string.Join(" ", result.Steps.Select(step => step.Name + (step.Succeeded ? "+" : "-")));

    private ScriptedServer Good() => Serve(_ca, () => _ca.Pem, "127.0.0.1");

    private ScriptedServer Evil(TestCA ca, byte[] bundle, params string[] names)
    {
        ScriptedServer server = Serve(ca, () => bundle, names);
        _evil.Add(server);
        return server;
    }

    /// <summary>Accepts whatever it is shown, and closes each connection, so that the next request needs another.</summary>
    private ScriptedServer Serve(TestCA ca, Func<byte[]> bundle, params string[] names) => Open(new ScriptedServer(
        ca.Server(names),
        request => request.Target == "/cacerts"
            ? Answer.Of(200, "text/plain", Encoding.ASCII.GetString(bundle()), "Connection: close") with { Then = Then.Cut }
            : SupervisorFixture.Status(405, "not allowed", "MethodNotAllowed")));

    private T Open<T>(T server)
        where T : IDisposable
    {
        _open.Add(server);
        return server;
    }

    private void NobodyGotCredentials(TokenTestResult result, params ScriptedServer[] others)
    {
        Assert.False(result.Succeeded);
        Assert.All(
            [.. _evil, .. others],
            server => Assert.DoesNotContain("Authorization", server.ReceivedText, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("a-password", string.Join(" ", result.Steps.Select(step => step.Detail)) + result.Reason);
    }
}
