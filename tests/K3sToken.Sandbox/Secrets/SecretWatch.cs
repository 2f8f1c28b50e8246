using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Sandboxing.Http;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>Tells a client of changes as they happen.</summary>
internal sealed class SecretWatch(SecretStore store)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    // A last bookmark is sent this long before the end.
    private static readonly TimeSpan BookmarkBeforeEnd = TimeSpan.FromSeconds(2);

    /// <exception cref="StatusException">400: a selector that cannot be read; 500: a version that is no number.</exception>
    public Answer Start(RequestInfo request, ListOptions options)
    {
        Func<Secret, bool> selects = SecretLists.Selection(request, options);
        long from = SecretLists.Version(options.ResourceVersion);
        return new Answer(200, "application/json", default) { Stream = context => RunAsync(context, selects, from, options) };
    }

    private async Task RunAsync(HttpContext context, Func<Secret, bool> selects, long from, ListOptions options)
    {
        TimeSpan length = options.TimeoutSeconds is > 0 and long seconds ? TimeSpan.FromSeconds(seconds) : Longest;
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        end.CancelAfter(length);
        bool initial = options.SendInitialEvents ?? (from == 0);
        if (!initial && from < store.OldestWatchable)
        {
            string why = $"too old resource version: {SecretJson.Text(from)} ({SecretJson.Text(store.OldestWatchable)})";
            await SendAsync(context, "ERROR", Encoding.UTF8.GetBytes(Status.Expired(why).ToJson()));
            return;
        }

        Snapshot start = store.Current;
        if (initial)
        {
            await SendStateAsync(context, start, selects, options);
            from = start.Revision;
        }

        Task bookmark = options.AllowWatchBookmarks && length > BookmarkBeforeEnd
            ? Task.Delay(length - BookmarkBeforeEnd, end.Token)
            : Task.Delay(Timeout.Infinite, end.Token);
        await FollowAsync(context, selects, from, bookmark, end.Token);
    }

    private async Task FollowAsync(HttpContext context, Func<Secret, bool> selects, long from, Task bookmark, CancellationToken end)
    {
        long first = from;
        bool bookmarked = false;
        while (!end.IsCancellationRequested)
        {
            foreach (Change change in store.ChangesAfter(from))
            {
                await SendChangeAsync(context, change, selects);
                from = change.Revision;
            }

            Task changed = store.WaitForChangeAsync(from, end);
            await Task.WhenAny(bookmarked ? [changed] : [changed, bookmark]);
            if (!bookmarked && bookmark.IsCompletedSuccessfully)
            {
                bookmarked = true;
                long revision = store.Revision;
                if (revision > first)
                {
                    await SendBookmarkAsync(context, revision, initialEventsEnd: false);
                }
            }
        }
    }

    private static async Task SendStateAsync(HttpContext context, Snapshot start, Func<Secret, bool> selects, ListOptions options)
    {
        foreach (StoredSecret stored in start.Secrets.Values.Where(stored => selects(stored.Secret)))
        {
            await SendAsync(context, "ADDED", SecretJson.Whole(stored.Json));
        }

        if (options.SendInitialEvents == true && options.AllowWatchBookmarks)
        {
            await SendBookmarkAsync(context, start.Revision, initialEventsEnd: true);
        }
    }

    /// <summary>A change as the selection sees it: what comes into it is added, what leaves it is deleted.</summary>
    private static async Task SendChangeAsync(HttpContext context, Change change, Func<Secret, bool> selects)
    {
        bool before = change.Before is not null && selects(change.Before.Secret);
        bool after = change.After is not null && selects(change.After.Secret);
        if (after)
        {
            await SendAsync(context, before ? "MODIFIED" : "ADDED", SecretJson.Whole(change.After!.Json));
        }
        else if (before)
        {
            StoredSecret last = new(change.Before!.Secret with { ResourceVersion = change.Revision });
            await SendAsync(context, "DELETED", SecretJson.Whole(last.Json));
        }
    }

    private static Task SendBookmarkAsync(HttpContext context, long revision, bool initialEventsEnd)
    {
        string annotations = initialEventsEnd ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : "";
        string metadata = $"{{\"resourceVersion\":\"{SecretJson.Text(revision)}\"{annotations}}}";
        string json = $"{{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"metadata\":{metadata}}}";
        return SendAsync(context, "BOOKMARK", Encoding.UTF8.GetBytes(json));
    }

    private static async Task SendAsync(HttpContext context, string type, byte[] json)
    {
        List<byte> line = [.. Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\",\"object\":"), .. json, .. "}\n"u8];
        await context.Response.Body.WriteAsync(line.ToArray(), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
