using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Bootstrap;
using K3sToken.Kubernetes;
using K3sToken.Tests.Kubernetes;
using K3sToken.Tokens;
using K3sToken.Yaml;
using Xunit;

namespace K3sToken.Tests.Live;

/// <summary>The API client and the token store against a real Kubernetes API server.</summary>
public sealed class BootstrapTokensOnAClusterTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly ClusterConnections _connections = new();
    private readonly ClusterContext _context;
    private readonly BootstrapTokenStore _store;
    private readonly List<string> _created = [];

    public BootstrapTokensOnAClusterTests()
    {
        _context = Kubeconfig
            .Open(LiveCluster.Kubeconfig(), Environment.CurrentDirectory, KubeconfigPlaces.OfThisMachine, new YamlDotNetParser())
            .Resolve(null);
        _store = new BootstrapTokenStore(Open(_context));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (string name in _created)
        {
            await _store.RemoveAsync(name, null, CancellationToken.None);
        }

        _connections.Dispose();
    }

    [Fact]
    public async Task A_token_is_created_found_changed_and_removed()
    {
        SecretResource created = await CreateAsync(new NewBootstrapToken { Description = "ein ü" });
        Assert.Equal("ein ü", Read(created).Description);
        Assert.True(Read(created).CanAuthenticate);

        await _store.ChangeAsync(created.Name, new BootstrapTokenChange { Lifetime = Lifetime.Of(TimeSpan.Zero) }, Cancellation);

        BootstrapToken changed = Read((await _store.FindAsync(created.Name, Cancellation))!);
        Assert.True(changed.NeverExpires);
        Assert.Equal("ein ü", changed.Description);
        Assert.True(await _store.RemoveAsync(created.Name, created.Uid, Cancellation));
        Assert.Null(await _store.FindAsync(created.Name, Cancellation));
        Assert.False(await _store.RemoveAsync(created.Name, null, Cancellation));
    }

    [Fact]
    public async Task Every_token_is_listed_once_however_small_the_pages_are()
    {
        for (int i = 0; i < 7; i++)
        {
            await CreateAsync(new NewBootstrapToken());
        }

        List<string> listed = [];
        using BootstrapTokenListing listing = new(_store.Api, 2, 2, Cancellation);
        while (await listing.NextPageAsync() is { } page)
        {
            listed.AddRange(page.Select(secret => secret.Name));
        }

        Assert.Equal(_created.Order(StringComparer.Ordinal), listed.Where(_created.Contains));
        Assert.Distinct(listed);
    }

    [Fact]
    public async Task An_id_that_is_taken_is_not_given_again()
    {
        SecretResource created = await CreateAsync(new NewBootstrapToken());
        NewBootstrapToken same = new() { Given = (Read(created).Id, new Secret("0123456789abcdef")) };

        await ThrowsAsync(ErrorId.TokenAlreadyExists, () => _store.CreateAsync(same, Cancellation));
    }

    [Fact]
    public async Task A_change_made_for_an_older_state_is_refused()
    {
        SecretResource created = await CreateAsync(new NewBootstrapToken());
        await _store.ChangeAsync(created.Name, new BootstrapTokenChange { Description = "somebody else's" }, Cancellation);
        string patch = $$$"""{"metadata":{"resourceVersion":"{{{created.ResourceVersion}}}"},"data":{"description":"bWluZQ=="}}""";

        await ThrowsAsync(ErrorId.ConflictingChange, () => _store.Api.PatchSecretAsync(created.Name, Encoding.UTF8.GetBytes(patch), Cancellation));
        await ThrowsAsync(
            ErrorId.ConflictingChange, () => _store.Api.DeleteSecretAsync(created.Name, "00000000-0000-0000-0000-000000000000", Cancellation));
        Assert.Equal("somebody else's", Read((await _store.FindAsync(created.Name, Cancellation))!).Description);
    }

    [Fact]
    public async Task What_is_not_there_is_no_error_of_the_API()
    {
        Assert.Null(await _store.Api.GetSecretAsync("bootstrap-token-nosuch", Cancellation));
        Assert.Null(await _store.Api.PatchSecretAsync("bootstrap-token-nosuch", "{}"u8.ToArray(), Cancellation));
        Assert.False(await _store.Api.DeleteSecretAsync("bootstrap-token-nosuch", null, Cancellation));
    }

    [Fact]
    public async Task The_bearer_of_a_token_is_known_to_the_server_and_may_not_read_Secrets()
    {
        SecretResource created = await CreateAsync(new NewBootstrapToken());
        string token = (string)BootstrapTokenStore.ReadShortToken(created, asPlainText: true)!;

        K3sTokenException error = await ThrowsAsync(ErrorId.AccessDenied, () => ListAsync(As(token)));

        Assert.Contains($"system:bootstrap:{Read(created).Id}", error.Message);
        Assert.DoesNotContain(token[7..], error.ToString());
    }

    [Fact]
    public async Task A_token_that_the_server_does_not_know_is_not_accepted() =>
        await ThrowsAsync(ErrorId.AuthenticationFailed, () => ListAsync(As("nosuch.0123456789abcdef")));

    [Fact]
    public async Task A_server_of_another_CA_is_refused() =>
        await ThrowsAsync(ErrorId.ServerCertificateUntrusted, () => ListAsync(With(caBundle: TestCA.Root().Pem)));

    [Fact]
    public async Task A_server_of_another_name_is_refused() =>
        await ThrowsAsync(ErrorId.ServerCertificateUntrusted, () => ListAsync(With(serverName: "another.example")));

    [Fact]
    public async Task An_expired_token_shows_as_such_until_the_token_cleaner_removes_it()
    {
        SecretResource created = await CreateAsync(new NewBootstrapToken { Lifetime = Lifetime.Of(TimeSpan.FromSeconds(1)) });
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(Patience);

        SecretResource? left = created;
        while (LiveCluster.CleanerRuns ? left is not null : !Read(left!).Expired)
        {
            await Task.Delay(200, limit.Token);
            left = await _store.FindAsync(created.Name, limit.Token);
        }

        Assert.Equal(LiveCluster.CleanerRuns, left is null);
    }

    private static async Task<K3sTokenException> ThrowsAsync(ErrorId id, Func<Task> act)
    {
        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(act);
        Assert.True(id == error.Id, error.ToString());
        return error;
    }

    private IKubernetesApi Open(ClusterContext context) => _connections.Open(context, new TestNotices(), TimeSpan.FromSeconds(30));

    private Task<SecretPage> ListAsync(ClusterContext context) =>
        Open(context).ListSecretsAsync("type=" + BootstrapTokenRules.SecretType, 1, null, null, Cancellation);

    private ClusterContext As(string bearer) => With(user: new ClusterUser { Token = new Secret(bearer) });

    private ClusterContext With(ClusterUser? user = null, byte[]? caBundle = null, string? serverName = null) => new()
    {
        Name = _context.Name,
        Server = _context.Server,
        CABundle = caBundle ?? _context.CABundle,
        TlsServerName = serverName,
        User = user ?? _context.User,
    };

    private BootstrapToken Read(SecretResource secret) => _store.Read(secret);

    private async Task<SecretResource> CreateAsync(NewBootstrapToken token)
    {
        SecretResource created = await _store.CreateAsync(token, Cancellation);
        _created.Add(created.Name);
        return created;
    }
}
