using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using K3sToken.Supervisor;
using K3sToken.Tests.Kubernetes;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Supervisor;

public sealed class TlsBootstrapTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_with_the_CA_that_the_token_names_is_verified()
    {
        using SupervisorFixture fixture = new();

        using VerifiedSupervisor verified = await fixture.VerifyAsync();

        Assert.Null(verified.Failure);
        Assert.Equal("Download+ Hash+ Chain+ HostName+ Credentials-", Summary(verified));
        Assert.True(verified.CAVerified);
        Assert.False(verified.TrustedByHost);
        Assert.Equal(fixture.Bundle, verified.CABundle);
        Assert.Equal(["GET /cacerts", "GET /cacerts"], fixture.Server.Requests.Select(r => $"{r.Method} {r.Target}"));
    }

    [Fact]
    public async Task Steps_that_were_not_reached_say_so()
    {
        using SupervisorFixture fixture = new();

        using VerifiedSupervisor refused = await fixture.VerifyAsync(new string('a', 64));

        Assert.Equal("Download+ Hash- Chain- HostName- Credentials-", Summary(refused));
        Assert.Equal(["Not reached.", "Not reached.", "Not reached."], refused.Steps.ToArray().Skip(2).Select(step => step.Detail));
    }

    [Fact]
    public async Task Without_a_hash_the_CA_is_taken_on_trust_and_not_verified()
    {
        using SupervisorFixture fixture = new();

        using VerifiedSupervisor verified = await fixture.VerifyAsync(hash: "");

        Assert.Equal("Download+ Hash+ Chain+ HostName+ Credentials-", Summary(verified));
        Assert.Contains("no CA hash", verified.Steps.ToArray()[1].Detail);
        Assert.False(verified.CAVerified);
    }

    [Fact]
    public async Task A_hash_is_checked_also_where_this_machine_trusts_the_server()
    {
        using SupervisorFixture fixture = new();
        SupervisorAccess trusting = fixture.Access with { HostTrust = ServerTrust.In(fixture.CA.Pem)! };

        using VerifiedSupervisor refused = await fixture.VerifyAsync(new string('a', 64), trusting);

        Assert.Equal(ErrorId.CAHashMismatch, refused.Failure!.Id);
        Assert.Equal("Download+ Hash- Chain- HostName- Credentials-", Summary(refused));
    }

    [Fact]
    public async Task A_server_that_this_machine_trusts_needs_no_hash_and_one_connection()
    {
        using SupervisorFixture fixture = new();
        SupervisorAccess trusting = fixture.Access with { HostTrust = ServerTrust.In(fixture.CA.Pem)! };

        using VerifiedSupervisor verified = await fixture.VerifyAsync("", trusting);

        Assert.Equal((true, true, 1), (verified.TrustedByHost, verified.CAVerified, fixture.Server.Connections));
        Assert.Equal("Download+ Hash+ Chain+ HostName+ Credentials-", Summary(verified));
    }

    [Fact]
    public async Task A_hash_in_capitals_is_another_hash()
    {
        using SupervisorFixture fixture = new();

        using VerifiedSupervisor refused = await fixture.VerifyAsync(fixture.Hash.ToUpperInvariant());

        Assert.Equal(ErrorId.CAHashMismatch, refused.Failure!.Id);
        Assert.Contains("lower case", refused.Failure.Message);
    }

    [Theory]
    [InlineData("self-signed")]
    [InlineData("custom-ca")]
    [InlineData("custom-ca-no-root")]
    public async Task The_recorded_bundles_have_the_hash_in_their_token_files(string cluster)
    {
        using JoinTokenText token = JoinTokenText.Parse(File.ReadAllText(Recorded.PathOf($"cacerts/{cluster}.token")));
        using SupervisorFixture fixture = new() { BundleOverride = Recorded.Bytes($"cacerts/{cluster}.cacerts.pem") };

        using VerifiedSupervisor verified = await fixture.VerifyAsync(token.CAHash);

        // The bundle is right, and the server's certificate another CA's.
        Assert.Equal("Download+ Hash+ Chain- HostName- Credentials-", Summary(verified));
    }

    [Fact]
    public async Task A_file_of_CAs_is_trusted_in_place_of_what_the_server_says()
    {
        using SupervisorFixture fixture = new() { BundleOverride = TestCA.Root("cluster").Pem };
        SupervisorAccess right = fixture.Access with { CACertificate = new CAFile("front.pem", ServerTrust.In(fixture.CA.Pem)!) };
        SupervisorAccess wrong = fixture.Access with { CACertificate = new CAFile("other.pem", ServerTrust.In(TestCA.Root("other").Pem)!) };

        using VerifiedSupervisor verified = await fixture.VerifyAsync("", right);
        using VerifiedSupervisor refused = await fixture.VerifyAsync("", wrong);
        using VerifiedSupervisor hashed = await fixture.VerifyAsync(new string('a', 64), right);

        Assert.Equal("Download+ Hash+ Chain+ HostName+ Credentials-", Summary(verified));
        Assert.True(verified.CAVerified);
        Assert.Equal("Download+ Hash+ Chain- HostName- Credentials-", Summary(refused));
        Assert.Equal(ErrorId.CAHashMismatch, hashed.Failure!.Id);
    }

    [Fact]
    public async Task This_machines_trust_does_not_count_beside_a_file_of_CAs()
    {
        using SupervisorFixture fixture = new();
        SupervisorAccess access = fixture.Access with
        {
            HostTrust = ServerTrust.In(fixture.CA.Pem)!,
            CACertificate = new CAFile("other.pem", ServerTrust.In(TestCA.Root("other").Pem)!),
        };

        using VerifiedSupervisor refused = await fixture.VerifyAsync("", access);

        Assert.Equal("Download+ Hash+ Chain- HostName- Credentials-", Summary(refused));
    }

    [Theory]
    [InlineData(503, "starting", "starting")]
    [InlineData(401, "Unauthorized", "port 6443")]
    [InlineData(404, "not found", "port 6443")]
    public async Task A_server_that_serves_no_bundle_says_what_to_do(int status, string message, string expected)
    {
        using ScriptedServer server = new(TestCA.Root().Server("127.0.0.1"), _ => SupervisorFixture.Status(status, message, "Reason"));

        using VerifiedSupervisor refused = await RunAsync(server.Address, "");

        Assert.Equal(ErrorId.ServerError, refused.Failure!.Id);
        Assert.Contains(expected, refused.Failure.Message);
        Assert.Equal("Download- Hash- Chain- HostName- Credentials-", Summary(refused));
    }

    [Theory]
    [InlineData("<html>Please log in</html>")]
    [InlineData("")]
    public async Task What_holds_no_certificate_is_no_bundle(string body)
    {
        using ScriptedServer server = new(TestCA.Root().Server("127.0.0.1"), _ => Answer.Of(200, "text/plain", body));

        using VerifiedSupervisor refused = await RunAsync(server.Address, "");

        Assert.Equal(ErrorId.ServerError, refused.Failure!.Id);
        Assert.Contains("no certificate", refused.Failure.Message);
    }

    [Fact]
    public async Task A_bundle_without_end_is_not_read_to_its_end()
    {
        using ScriptedServer server = new(TestCA.Root().Server("127.0.0.1"), _ => Answer.Of(200, "text/plain", new string('x', 2 << 20)));

        using VerifiedSupervisor refused = await RunAsync(server.Address, "");

        Assert.Equal(ErrorId.ServerError, refused.Failure!.Id);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unreachable()
    {
        using VerifiedSupervisor refused = await RunAsync(new Uri("https://127.0.0.1:1"), "");

        Assert.Equal(ErrorId.ClusterUnreachable, refused.Failure!.Id);
        Assert.Equal("Download- Hash- Chain- HostName- Credentials-", Summary(refused));
    }

    [Fact]
    public async Task A_server_that_says_nothing_runs_out_of_time()
    {
        using ScriptedServer server = new(TestCA.Root().Server("127.0.0.1"), _ => Answer.Silence);

        using VerifiedSupervisor refused = await RunAsync(server.Address, "", timeout: 1);

        Assert.Equal(ErrorId.OperationTimedOut, refused.Failure!.Id);
    }

    [Fact]
    public async Task Whoever_asks_can_stop()
    {
        using CancellationTokenSource stop = new();
        using ScriptedServer server = new(TestCA.Root().Server("127.0.0.1"), _ =>
        {
            stop.Cancel();
            return Answer.Silence;
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => TlsBootstrap.RunAsync(server.Address, new(TimeSpan.FromSeconds(30), new TestNotices()), "", stop.Token));
    }

    [Fact]
    public async Task A_path_in_the_address_is_replaced()
    {
        using SupervisorFixture fixture = new();

        Uri address = SupervisorAddress.Parse(fixture.Server.Address + "k8s/clusters/c-1");
        using VerifiedSupervisor verified = await RunAsync(address, fixture.Hash);

        Assert.Null(verified.Failure);
    }

    private static Task<VerifiedSupervisor> RunAsync(Uri server, string hash, double timeout = 30) =>
        TlsBootstrap.RunAsync(server, new(TimeSpan.FromSeconds(timeout), new TestNotices()), hash, Ending);

    private static string Summary(VerifiedSupervisor supervisor) =>
        string.Join(" ", supervisor.Steps.ToArray().Select(step => step.Name + (step.Succeeded ? "+" : "-")));
}
