using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;

namespace K3sToken.Bootstrap;

/// <summary>
/// A listing of a cluster's bootstrap Secrets, page by page in the order of their names. The next page is asked for as soon as one begins
/// to arrive, so that no time is lost on the way, and is on its way while the caller works on the current one. The first page is small,
/// so that it is there soon, and each is four times the one before, up to the largest. Should the server forget the snapshot in between, the
/// listing goes on in the current state. The Secrets of a page are zeroed when the next one is asked for.
/// </summary>
public sealed class BootstrapTokenListing : IDisposable
{
    /// <summary>How many times as many tokens as a page the next one may have.</summary>
    internal const int Growth = 4;

    private const string Selector = "type=" + BootstrapTokenRules.SecretType;
    private const int MostRestartsWithoutProgress = 3;
    private const int MostPagesWithoutProgress = 100;

    private readonly IKubernetesApi _api;
    private readonly int _largestPage;
    private readonly CancellationTokenSource _stop;
    private int _pageSize;
    private IReadOnlyList<SecretResource> _current = [];
    private Arrival? _next;
    private string _lastName = "";
    private int _restarts;
    private int _barrenPages;

    internal BootstrapTokenListing(IKubernetesApi api, int firstPage, int largestPage, CancellationToken cancellation)
    {
        _api = api;
        _pageSize = firstPage;
        _largestPage = largestPage;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _next = Ask(null);
    }

    /// <summary>The next page's Secrets; null at the end.</summary>
    /// <exception cref="K3sTokenException">The listing cannot go on; it is not complete.</exception>
    public async Task<IReadOnlyList<SecretResource>?> NextPageAsync()
    {
        Zero(_current);
        while (_next is not null)
        {
            Task<Arrival?> following = FollowAsync(_next);
            try
            {
                SecretPage page = await ReceiveAsync(_next).ConfigureAwait(false);
                _next = After(page, await following.ConfigureAwait(false));
                _current = page.Items;
                IReadOnlyList<SecretResource> items = WithoutKnown(page.Items);
                if (items.Count > 0)
                {
                    _restarts = _barrenPages = 0;
                    return items;
                }

                Zero(_current);
                if (_next is not null && ++_barrenPages == MostPagesWithoutProgress)
                {
                    throw GoesRound();
                }
            }
            catch (ListExpiredException expired)
            {
                _next = ++_restarts <= MostRestartsWithoutProgress ? Ask(expired.ContinueFrom) : throw NoProgress();
            }
            catch
            {
                GiveUp(await following.ConfigureAwait(false));
                throw;
            }
        }

        return null;
    }

    /// <summary>Gives up the page that is still on its way.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        Zero(_current);
        GiveUp(_next);
    }

    private static void GiveUp(Arrival? arrival) => arrival?.Page.ContinueWith(
        page => Zero(page.Result.Items), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);

    private static void Zero(IReadOnlyList<SecretResource> items)
    {
        foreach (SecretResource secret in items)
        {
            secret.Dispose();
        }
    }

    private K3sTokenException GoesRound() => new(
        ErrorId.ServerError,
        $"{_api.Context.ServerText} goes on announcing further pages of the list, and nothing new is on them. The list was given up. Check what "
        + "stands between the API server and this machine.");

    private async Task<SecretPage> ReceiveAsync(Arrival arrival)
    {
        try
        {
            return await arrival.Page.ConfigureAwait(false);
        }
        catch (K3sTokenException e) when (_lastName.Length > 0)
        {
            throw new K3sTokenException(e.Id, e.Message + " The list is not complete.", e.InnerException) { Refusal = e.Refusal };
        }
    }

    private K3sTokenException NoProgress() => new(
        ErrorId.ServerError,
        $"{_api.Context.ServerText} forgets each listing before its next page can be read (410). The list is not complete. "
        + "The server is under heavy load or compacts its datastore all the time; try again later.");

    private Arrival Ask(string? continueFrom)
    {
        TaskCompletionSource<string?> next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<SecretPage> page = _api.ListSecretsAsync(Selector, _pageSize, continueFrom, from => next.TrySetResult(from), _stop.Token);
        page.ContinueWith(
            ended => next.TrySetResult(ended.Exception is null && !ended.IsCanceled ? ended.Result.ContinueFrom : null),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        _pageSize = Math.Min(_pageSize * Growth, _largestPage);
        return new Arrival(continueFrom, page, next.Task);
    }

    // A page that broke off and was sent for again can end elsewhere than its first try said: what was asked for then is not what follows.
    private Arrival? After(SecretPage page, Arrival? following)
    {
        if (page.ContinueFrom == following?.From)
        {
            return following;
        }

        GiveUp(following);
        return page.ContinueFrom is { } continueFrom ? Ask(continueFrom) : null;
    }

    private async Task<Arrival?> FollowAsync(Arrival before) =>
        await before.ContinueFrom.ConfigureAwait(false) is { } continueFrom ? Ask(continueFrom) : null;

    /// <summary>A listing that had to start again meets Secrets it has handed out already: those up to the last name.</summary>
    private IReadOnlyList<SecretResource> WithoutKnown(IReadOnlyList<SecretResource> items)
    {
        int first = 0;
        while (first < items.Count && string.CompareOrdinal(items[first].Name, _lastName) <= 0)
        {
            first++;
        }

        if (items.Count > first)
        {
            _lastName = items[items.Count - 1].Name;
        }

        if (first == 0)
        {
            return items;
        }

        List<SecretResource> rest = new(items.Count - first);
        for (int i = first; i < items.Count; i++)
        {
            rest.Add(items[i]);
        }

        return rest;
    }

    /// <param name="From">What asked for the page; null for the first.</param>
    /// <param name="Page">The page, once it is complete.</param>
    /// <param name="ContinueFrom">What asks for the one after it: null if there is none, or if the page cannot be had.</param>
    private sealed record Arrival(string? From, Task<SecretPage> Page, Task<string?> ContinueFrom);
}
