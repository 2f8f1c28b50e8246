using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Bootstrap;
using K3sToken.Kubernetes;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Bootstrap;

/// <summary>The very bytes that came from the cluster or went to it, after the store has done with them.</summary>
public sealed class ZeroedSecretsTests
{
    private readonly FakeApi _api = new();
    private readonly BootstrapTokenStore _store;

    public ZeroedSecretsTests() => _store = new BootstrapTokenStore(_api);

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_created_token_leaves_nothing_in_the_body_that_was_sent()
    {
        using SecretResource created = await _store.CreateAsync(new NewBootstrapToken(), Ending);

        MustBeZero(_api.Bodies);
    }

    [Fact]
    public async Task A_creation_that_fails_leaves_nothing_either()
    {
        _api.BeforeRequest = _ => throw new K3sTokenException(ErrorId.AccessDenied, "no");
        _api.AfterRequest = _api.BeforeRequest;

        await Assert.ThrowsAsync<K3sTokenException>(() => _store.CreateAsync(new NewBootstrapToken(), Ending));
        _api.BeforeRequest = static _ => { };
        await Assert.ThrowsAsync<K3sTokenException>(() => _store.CreateAsync(new NewBootstrapToken(), Ending));

        MustBeZero(_api.Bodies);
    }

    [Fact]
    public async Task A_secret_that_was_made_here_is_zeroed_and_one_that_was_given_is_its_givers()
    {
        using Secret given = new("0123456789abcdef");

        using SecretResource created = await _store.CreateAsync(new NewBootstrapToken { Given = ("abcdef", given) }, Ending);

        Assert.Equal("0123456789abcdef", given.Reveal().ToString());
    }

    [Fact]
    public async Task What_is_looked_up_after_a_lost_answer_and_is_not_ours_is_zeroed()
    {
        _api.AddToken("abcdef", "ffffffffffffffff");
        _api.BeforeRequest = request => _ = request.StartsWith("create", StringComparison.Ordinal) ? throw FakeApi.Lost() : 0;
        using Secret given = new("0123456789abcdef");

        await Assert.ThrowsAsync<K3sTokenException>(() => _store.CreateAsync(new NewBootstrapToken { Given = ("abcdef", given) }, Ending));

        Assert.NotEmpty(_api.HandedOut);
        MustBeZero(_api.HandedOut);
    }

    [Fact]
    public async Task A_changed_token_leaves_nothing_of_how_it_was_before()
    {
        _api.AddToken("abcdef");
        int tries = 0;
        _api.BeforeRequest = request =>
            _ = request.StartsWith("patch", StringComparison.Ordinal) && ++tries < 3 ? throw new K3sTokenException(ErrorId.ConflictingChange, "") : 0;

        using SecretResource changed =
            await _store.ChangeAsync("bootstrap-token-abcdef", new BootstrapTokenChange { Description = "new" }, Ending);

        Assert.Equal(4, _api.HandedOut.Count);
        MustBeZero(_api.HandedOut.SkipLast(1));
        MustBeZero(_api.Bodies);
    }

    [Fact]
    public async Task A_token_that_is_beyond_change_is_zeroed()
    {
        _api.Add("bootstrap-token-abcdef", ("token-id", "another"), ("token-secret", "0123456789abcdef"));

        await Assert.ThrowsAsync<K3sTokenException>(
            () => _store.ChangeAsync("bootstrap-token-abcdef", new BootstrapTokenChange { Description = "new" }, Ending));

        MustBeZero(_api.HandedOut);
    }

    [Fact]
    public async Task What_is_looked_up_after_a_lost_removal_is_zeroed()
    {
        _api.AddToken("abcdef");
        bool isLost = false;
        _api.BeforeRequest = request =>
            _ = request.StartsWith("delete", StringComparison.Ordinal) && !isLost && (isLost = true) ? throw FakeApi.Lost() : 0;

        Assert.True(await _store.RemoveAsync("bootstrap-token-abcdef", uid: null, Ending));

        MustBeZero(_api.HandedOut);
    }

    [Fact]
    public async Task A_secret_of_another_type_is_zeroed()
    {
        _api.Secrets["bootstrap-token-abcdef"] = new SecretResource { Name = "bootstrap-token-abcdef", Type = "Opaque", Data = [new("x", [1, 2])] };

        Assert.Null(await _store.TakeAsync("bootstrap-token-abcdef", Ending));

        MustBeZero(_api.HandedOut);
    }

    [Fact]
    public async Task A_token_that_somebody_else_took_first_is_zeroed()
    {
        _api.AddToken("abcdef");
        _api.BeforeRequest = request => _ = request.StartsWith("delete", StringComparison.Ordinal) && _api.Secrets.Remove("bootstrap-token-abcdef");

        await Assert.ThrowsAsync<K3sTokenException>(() => _store.TakeAsync("bootstrap-token-abcdef", Ending));

        MustBeZero(_api.HandedOut);
    }

    [Fact]
    public async Task A_page_of_a_listing_is_zeroed_when_the_next_one_is_asked_for_and_the_last_one_at_the_end()
    {
        AddTokens(600);
        using BootstrapTokenListing listing = _store.List(Ending);

        IReadOnlyList<SecretResource> first = (await listing.NextPageAsync())!;
        Assert.Contains(first, secret => secret["token-secret"]!.Any(b => b != 0));
        IReadOnlyList<SecretResource> second = (await listing.NextPageAsync())!;
        MustBeZero(first);
        Assert.Contains(second, secret => secret["token-secret"]!.Any(b => b != 0));
        Assert.Null(await listing.NextPageAsync());

        MustBeZero(_api.HandedOut);
    }

    [Fact]
    public async Task A_listing_that_is_given_up_zeroes_also_the_page_that_nobody_looked_at()
    {
        AddTokens(600);
        using (BootstrapTokenListing listing = _store.List(Ending))
        {
            await listing.NextPageAsync();
        }

        Assert.Equal(600, _api.HandedOut.Count);
        Assert.True(SpinWait.SpinUntil(() => _api.HandedOut.All(IsZero), TimeSpan.FromSeconds(30)));
    }

    private static bool IsZero(SecretResource secret) => secret.Data.All(entry => entry.Value.All(b => b == 0));

    private static void MustBeZero(IEnumerable<SecretResource> secrets) => Assert.All(secrets, secret => Assert.True(IsZero(secret)));

    private static void MustBeZero(List<ReadOnlyMemory<byte>> bodies)
    {
        Assert.NotEmpty(bodies);
        Assert.All(bodies, body => Assert.Equal(-1, body.Span.IndexOfAnyExcept((byte)0)));
    }

    private void AddTokens(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _api.AddToken($"aaa{i:D3}");
        }
    }
}
