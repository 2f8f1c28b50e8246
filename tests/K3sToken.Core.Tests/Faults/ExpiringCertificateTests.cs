using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Bootstrap;
using K3sToken.Kubernetes;
using K3sToken.Sandboxing;
using K3sToken.Sandboxing.Certificates;
using K3sToken.Sandboxing.Http;
using K3sToken.Tests.Kubernetes;
using K3sToken.Tokens;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace K3sToken.Tests.Faults;

/// <summary>A session whose client certificate was good when it began, and expires within it.</summary>
public sealed class ExpiringCertificateTests : IAsyncLifetime
{
    private const string SecretPart = "0123456789abcdef";
    private const int Tokens = 3000;

    private readonly ClusterConnections _connections = new();
    private Sandbox _sandbox = null!;
    private DateTime _end;

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    private string[] Held => [.. _sandbox.Secrets.All.Select(secret => $"{secret.Name} {secret.ResourceVersion}")];

    public async ValueTask InitializeAsync() => _sandbox = await Sandbox.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _connections.Dispose();
        await _sandbox.DisposeAsync();
    }

    [Theory]
    [InlineData("kept")]
    [InlineData("made anew")]
    public async Task Nothing_is_asked_any_more_and_a_renewed_kubeconfig_works(string connection)
    {
        _sandbox.Secrets.AddBootstrapToken("abc123", SecretPart);
        BootstrapTokenStore store = await BeginAsync(TimeSpan.FromSeconds(3), left: TimeSpan.Zero);
        if (connection == "made anew")
        {
            await _sandbox.Servers[0].ReconnectAsync();
        }

        await UntilExpiredAsync();
        int asked = _sandbox.Requests.Count;
        string[] held = Held;
        foreach (Func<Task> operation in Operations(store))
        {
            K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(operation);

            Assert.Equal(ErrorId.ClientCertificateExpired, error.Id);
            Assert.False(error.AnswerLost);
            Assert.Contains("CN=system:admin", error.Message);
            Assert.Contains("context 'default' expired on", error.Message);
            Assert.Contains("take the kubeconfig from there anew", error.Message);
        }

        Assert.Equal(asked, _sandbox.Requests.Count);
        Assert.Equal(held, Held);

        BootstrapTokenStore renewed = Open(_sandbox.Certificates.LoginOf(Identity.Admin));
        foreach (Func<Task> operation in Operations(renewed))
        {
            await operation();
        }

        Assert.Equal("bootstrap-token-new123", Assert.Single(_sandbox.Secrets.All).Name);
    }

    [Fact]
    public async Task A_change_whose_answer_is_lost_meanwhile_may_have_happened_and_says_so()
    {
        BootstrapTokenStore store = await BeginAsync(TimeSpan.FromSeconds(5), left: TimeSpan.FromSeconds(3));
        _sandbox.InterceptAnswer = async request => IsChange(request) && await AfterTheEndAsync(() => Scripted.BreakAsync(request));

        foreach (K3sTokenException error in await FailuresAsync(store))
        {
            Assert.Equal(ErrorId.ClusterUnreachable, error.Id);
            Assert.True(error.AnswerLost);
            Assert.Contains("may have happened", error.Message);
        }

        Assert.Equal("changed", _sandbox.Secrets.Get("bootstrap-token-cha123")!.Text("description"));
        Assert.Null(_sandbox.Secrets.Get("bootstrap-token-rem123"));
        Assert.NotNull(_sandbox.Secrets.Get("bootstrap-token-new123"));
    }

    [Fact]
    public async Task A_change_that_the_server_puts_off_meanwhile_is_not_sent_again()
    {
        BootstrapTokenStore store = await BeginAsync(TimeSpan.FromSeconds(5), left: TimeSpan.FromSeconds(3));
        _sandbox.Intercept = async request =>
            IsChange(request) && await AfterTheEndAsync(() => Scripted.RefuseAsync(request, 429, "TooManyRequests", "later", 1));

        foreach (K3sTokenException error in await FailuresAsync(store))
        {
            Assert.Equal(ErrorId.ClientCertificateExpired, error.Id);
            Assert.False(error.AnswerLost);
        }

        Assert.Equal(3, _sandbox.Requests.Count(request => request.Method != "GET"));
        Assert.Equal("", _sandbox.Secrets.Get("bootstrap-token-cha123")!.Text("description") ?? "");
        Assert.NotNull(_sandbox.Secrets.Get("bootstrap-token-rem123"));
        Assert.Null(_sandbox.Secrets.Get("bootstrap-token-new123"));
    }

    [Fact]
    public async Task A_listing_that_it_cuts_off_says_so()
    {
        _sandbox.Secrets.AddBootstrapTokens(Tokens);
        BootstrapTokenStore store = await BeginAsync(TimeSpan.FromSeconds(5), left: TimeSpan.FromSeconds(3));
        _sandbox.InterceptAnswer = async request =>
            request.Request.Query.ContainsKey("continue") && await AfterTheEndAsync(() => Task.FromResult(false));
        List<string> listed = [];

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(() => ListAsync(store, listed));

        Assert.Equal(ErrorId.ClientCertificateExpired, error.Id);
        Assert.EndsWith("The list is not complete.", error.Message);
        Assert.InRange(listed.Distinct().Count(), 1, Tokens - 1);
    }

    [Fact]
    public async Task Where_only_the_server_finds_that_it_has_expired_its_refusal_is_told_and_nothing_changes()
    {
        _sandbox.Secrets.AddBootstrapToken("abc123", SecretPart);
        BootstrapTokenStore store = await BeginAsync(TimeSpan.FromMinutes(5), left: TimeSpan.Zero);
        string[] held = Held;
        _sandbox.Clock.Offset = TimeSpan.FromHours(1);

        foreach (Func<Task> operation in Operations(store))
        {
            K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(operation);

            Assert.Equal(ErrorId.AuthenticationFailed, error.Id);
            Assert.False(error.AnswerLost);
            Assert.Contains("take the kubeconfig from the server anew", error.Message);
        }

        Assert.Equal(held, Held);
    }

    [Fact]
    public async Task A_plugin_that_gave_it_is_asked_for_another()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The plugin of this test is a shell script.");
        using KubeconfigFolder folder = new();
        string answer = folder.Write("answer", "");
        ExecPlugin plugin = new(
            "client.authentication.k8s.io/v1", "/bin/cat", [answer], [], null, false, null, InteractiveMode.Never);
        BootstrapTokenStore store = await BeginAsync(TimeSpan.FromSeconds(3), left: TimeSpan.Zero, login =>
        {
            File.WriteAllText(answer, CredentialOf(login));
            return Open(new ClusterUser { Exec = plugin });
        });

        await UntilExpiredAsync();
        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(() => store.FindAsync("bootstrap-token-abc123", Ending));
        File.WriteAllText(answer, CredentialOf(_sandbox.Certificates.LoginOf(Identity.Admin)));
        SecretResource? found = await store.FindAsync("bootstrap-token-abc123", Ending);

        Assert.Equal(ErrorId.ClientCertificateExpired, error.Id);
        Assert.EndsWith("The exec plugin '/bin/cat' gave no other: log in with it anew.", error.Message);
        Assert.Null(found);
    }

    private static IEnumerable<Func<Task>> Operations(BootstrapTokenStore store) =>
    [
        () => ListAsync(store, []),
        () => store.FindAsync("bootstrap-token-abc123", Ending),
        () => CreateAsync(store),
        () => ChangeAsync(store, "abc123"),
        () => store.TakeAsync("bootstrap-token-abc123", Ending),
    ];

    private static async Task ListAsync(BootstrapTokenStore store, List<string> listed)
    {
        using BootstrapTokenListing listing = store.List(Ending);
        while (await listing.NextPageAsync() is { } page)
        {
            listed.AddRange(page.Select(secret => secret.Name));
        }
    }

    private static async Task CreateAsync(BootstrapTokenStore store)
    {
        using Secret secret = new(SecretPart);
        await store.CreateAsync(new NewBootstrapToken { Given = ("new123", secret) }, Ending);
    }

    private static Task<SecretResource> ChangeAsync(BootstrapTokenStore store, string id) =>
        store.ChangeAsync("bootstrap-token-" + id, new BootstrapTokenChange { Description = "changed" }, Ending);

    private static bool IsChange(HttpContext request) => !HttpMethods.IsGet(request.Request.Method);

    private static string CredentialOf(ClientLogin login) =>
        $$$"""
        {"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{
         "clientCertificateData":{{{JsonSerializer.Serialize(login.CertificatePem)}}},"clientKeyData":{{{JsonSerializer.Serialize(login.KeyPem)}}}}}
        """;

    private async Task<bool> AfterTheEndAsync(Func<Task<bool>> then)
    {
        await UntilExpiredAsync();
        return await then();
    }

    // All three have met the server before the certificate expires, and hear of it afterwards.
    private async Task<K3sTokenException[]> FailuresAsync(BootstrapTokenStore store)
    {
        _sandbox.Secrets.AddBootstrapToken("cha123", SecretPart);
        _sandbox.Secrets.AddBootstrapToken("rem123", SecretPart);
        return await Task.WhenAll(
            Assert.ThrowsAsync<K3sTokenException>(() => CreateAsync(store)),
            Assert.ThrowsAsync<K3sTokenException>(() => ChangeAsync(store, "cha123")),
            Assert.ThrowsAsync<K3sTokenException>(() => store.TakeAsync("bootstrap-token-rem123", Ending)));
    }

    private Task<BootstrapTokenStore> BeginAsync(TimeSpan life, TimeSpan left) => BeginAsync(life, left, Open);

    /// <summary>A session that has begun, its certificate being good; on a machine that is too slow for that, one with a longer life.</summary>
    private async Task<BootstrapTokenStore> BeginAsync(TimeSpan life, TimeSpan left, Func<ClientLogin, BootstrapTokenStore> open)
    {
        for (; ; life *= 2)
        {
            ClientLogin login = _sandbox.Certificates.IssueAdmin(life);
            using X509Certificate2 certificate = X509Certificate2.CreateFromPem(login.CertificatePem);
            _end = certificate.NotAfter;
            BootstrapTokenStore store = open(login);
            try
            {
                await store.FindAsync("bootstrap-token-abc123", Ending);
                if (DateTime.Now + left < _end)
                {
                    return store;
                }
            }
            catch (K3sTokenException e) when (e.Id == ErrorId.ClientCertificateExpired && life < TimeSpan.FromMinutes(1))
            {
            }
        }
    }

    private async Task UntilExpiredAsync()
    {
        while (DateTime.Now <= _end)
        {
            await Task.Delay(50, Ending);
        }
    }

    private BootstrapTokenStore Open(ClientLogin login) => Open(new ClusterUser
    {
        ClientCertificate = Encoding.ASCII.GetBytes(login.CertificatePem),
        ClientKey = Encoding.ASCII.GetBytes(login.KeyPem),
    });

    private BootstrapTokenStore Open(ClusterUser user)
    {
        ClusterContext context = new() { Name = "default", Server = _sandbox.Url, CABundle = [.. _sandbox.CABundle], User = user };
        return new BootstrapTokenStore(_connections.Open(context, new TestNotices(), TimeSpan.FromSeconds(60)));
    }
}
