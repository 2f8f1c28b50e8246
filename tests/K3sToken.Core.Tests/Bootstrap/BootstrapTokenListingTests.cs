using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;
using K3sToken.Bootstrap;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Bootstrap;

public sealed class BootstrapTokenListingTests
{
    private readonly FakeApi _api = new();

    [Fact]
    public async Task A_list_that_only_announces_further_pages_is_given_up()
    {
        EndlessApi api = new() { IsBarren = true };
        using BootstrapTokenListing listing = new BootstrapTokenStore(api).List(TestContext.Current.CancellationToken);

        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(listing.NextPageAsync);

        Assert.Equal(ErrorId.ServerError, error.Id);
        Assert.Contains("nothing new is on them", error.Message);
        Assert.InRange(api.Asked, 100, 102);
    }

    [Fact]
    public async Task Nothing_is_kept_of_the_pages_of_a_list_without_an_end()
    {
        EndlessApi api = new();
        using BootstrapTokenListing listing = new BootstrapTokenStore(api).List(TestContext.Current.CancellationToken);
        for (int i = 0; i < 20; i++)
        {
            await listing.NextPageAsync();
        }

        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < 100; i++)
        {
            await listing.NextPageAsync();
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 8 << 20);
    }

    [Fact]
    public async Task The_first_page_is_handed_out_when_only_the_second_has_been_asked_for()
    {
        AddTokens(25);
        using BootstrapTokenListing listing = new(_api, 5, 5, TestContext.Current.CancellationToken);

        IReadOnlyList<SecretResource>? first = await listing.NextPageAsync();

        Assert.Equal(5, first!.Count);
        Assert.Equal(["list", "list bootstrap-token-tok004"], _api.Requests);
    }

    [Fact]
    public async Task The_second_page_is_asked_for_while_the_first_still_arrives()
    {
        TaskCompletionSource rest = new();
        EndlessApi api = new() { Rest = rest.Task };
        using BootstrapTokenListing listing = new(api, 5, 5, TestContext.Current.CancellationToken);

        Task<IReadOnlyList<SecretResource>?> first = listing.NextPageAsync();
        await api.SecondAsked.WaitAsync(TestContext.Current.CancellationToken);

        Assert.False(first.IsCompleted);
        rest.SetResult();
        Assert.Equal("bootstrap-token-000000", (await first)![0].Name);
    }

    [Fact]
    public async Task A_page_that_broke_off_and_came_again_says_where_the_next_begins()
    {
        // Between the two tries a token was created, and moved what follows one place back.
        AddTokens(7);
        _api.StaleContinue = "bootstrap-token-tok003";
        using BootstrapTokenListing listing = new(_api, 3, 3, TestContext.Current.CancellationToken);

        List<string> names = [];
        while (await listing.NextPageAsync() is { } page)
        {
            names.AddRange(page.Select(secret => secret.Name));
        }

        Assert.Equal(_api.Secrets.Keys, names);
    }

    [Fact]
    public async Task Pages_grow_up_to_the_largest()
    {
        AddTokens(26);
        using BootstrapTokenListing listing = new(_api, 2, 9, TestContext.Current.CancellationToken);

        int[] sizes = [await Size(), await Size(), await Size(), await Size()];

        Assert.Equal([2, 8, 9, 7], sizes);

        async Task<int> Size() => (await listing.NextPageAsync())!.Count;
    }

    [Fact]
    public async Task Every_token_comes_once_and_in_order()
    {
        AddTokens(23);

        Assert.Equal(_api.Secrets.Keys, await ListAsync());
        Assert.Equal(5, _api.Requests.Count);
    }

    [Fact]
    public async Task An_empty_cluster_has_one_empty_page()
    {
        Assert.Empty(await ListAsync());
        Assert.Equal(["list"], _api.Requests);
    }

    [Fact]
    public async Task A_listing_whose_snapshot_expired_goes_on_where_the_server_says()
    {
        AddTokens(23);
        _api.BeforeRequest = request => ExpireOnce(request, "list bootstrap-token-tok009", "bootstrap-token-tok009");

        Assert.Equal(_api.Secrets.Keys, await ListAsync());
    }

    [Fact]
    public async Task A_listing_that_must_start_again_hands_out_nothing_twice_and_shows_what_came_since()
    {
        AddTokens(23);
        _api.BeforeRequest = request =>
        {
            if (request == "list bootstrap-token-tok009" && !_api.Secrets.ContainsKey("bootstrap-token-tok012a"))
            {
                _api.AddToken("tok012a");
                throw new ListExpiredException(null);
            }
        };

        Assert.Equal(_api.Secrets.Keys, await ListAsync());
    }

    [Fact]
    public async Task A_server_that_always_says_expired_ends_the_listing_with_an_error()
    {
        AddTokens(23);
        _api.BeforeRequest = request =>
        {
            if (request != "list")
            {
                throw new ListExpiredException(null);
            }
        };

        K3sTokenException e = await Assert.ThrowsAsync<K3sTokenException>(ListAsync);

        Assert.Equal(ErrorId.ServerError, e.Id);
    }

    [Theory]
    [InlineData("list", false)]
    [InlineData("list bootstrap-token-tok009", true)]
    public async Task An_error_after_the_first_page_says_that_the_list_is_not_complete(string broken, bool saysSo)
    {
        AddTokens(23);
        _api.BeforeRequest = request =>
        {
            if (request == broken)
            {
                throw new K3sTokenException(ErrorId.ClusterUnreachable, "The connection broke.");
            }
        };

        K3sTokenException e = await Assert.ThrowsAsync<K3sTokenException>(ListAsync);

        Assert.Equal(ErrorId.ClusterUnreachable, e.Id);
        Assert.Equal("The connection broke." + (saysSo ? " The list is not complete." : ""), e.Message);
    }

    [Fact]
    public async Task Pages_that_were_handed_out_are_not_held_so_that_memory_does_not_grow()
    {
        EndlessApi api = new();
        using BootstrapTokenListing listing = new(api, 500, 500, TestContext.Current.CancellationToken);

        WeakReference first = await FirstSecretAsync(listing);

        // What other threads have on their stacks can hold it for a moment longer.
        for (int pages = 0; first.IsAlive && pages < 100; pages++)
        {
            await listing.NextPageAsync();
            GC.Collect();
        }

        Assert.False(first.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> FirstSecretAsync(BootstrapTokenListing listing) => new((await listing.NextPageAsync())![0]);

    private void AddTokens(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _api.AddToken($"tok{i:000}");
        }
    }

    private void ExpireOnce(string request, string expired, string continueFrom)
    {
        if (request == expired && _api.Requests.Count(asked => asked == expired) == 1)
        {
            throw new ListExpiredException(continueFrom);
        }
    }

    private async Task<List<string>> ListAsync()
    {
        using BootstrapTokenListing listing = new(_api, 5, 5, TestContext.Current.CancellationToken);
        List<string> names = [];
        while (await listing.NextPageAsync() is { } page)
        {
            names.AddRange(page.Select(secret => secret.Name));
            Assert.True(_api.Requests.Count < 100, "The listing does not end.");
        }

        return names;
    }
}
