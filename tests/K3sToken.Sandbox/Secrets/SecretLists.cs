using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using K3sToken.Sandboxing.Http;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>Lists Secrets: which state, which of them, which page.</summary>
internal sealed class SecretLists(SecretStore store, SandboxClock clock)
{
    private const string TooOld = "The resourceVersion for the provided list is too old.";

    private const string TooOldToContinue =
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue "
        + "parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided "
        + "token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was "
        + "returned and now may show up in the list.";

    // The server hopes for this long that it will hear of a version that it does not know yet.
    private static readonly TimeSpan WaitForVersion = TimeSpan.FromSeconds(3);

    /// <summary>Whether a Secret is in a request's namespace and selected by its options.</summary>
    /// <exception cref="StatusException">400: a selector that cannot be read.</exception>
    public static Func<Secret, bool> Selection(RequestInfo request, ListOptions options)
    {
        Func<Secret, bool> labels = LabelSelector.Parse(options.LabelSelector);
        Func<Secret, bool> fields = FieldSelector.Parse(options.FieldSelector);
        return secret => (request.Namespace.Length == 0 || secret.Namespace == request.Namespace)
            && labels(secret)
            && fields(secret);
    }

    public Answer List(RequestInfo request, ListOptions options, OutputFormat format) => ListWithItems(request, options, format).Answer;

    public (Answer Answer, IReadOnlyList<StoredSecret> Items) ListWithItems(RequestInfo request, ListOptions options, OutputFormat format)
    {
        Func<Secret, bool> selects = Selection(request, options);
        (Snapshot snapshot, string start) = StateFor(request, options);

        // From its cache, which is what the version 0 asks for, the server answers without a limit.
        long limit = options.Limit > 0 && options.ResourceVersion != "0" ? options.Limit : long.MaxValue;
        List<StoredSecret> range = Range(snapshot, request.Namespace, start);
        List<StoredSecret> page = [];
        int seen = 0;
        while (seen < range.Count && page.Count < limit)
        {
            StoredSecret stored = range[seen++];
            if (selects(stored.Secret))
            {
                page.Add(stored);
            }
        }

        // A full page says that there is more wherever the range has more, selected or not.
        string metadata = Metadata(snapshot.Revision, request, options, page, range.Count - seen);
        return (SecretJson.List(metadata, page, format, clock.Now), page);
    }

    private static List<StoredSecret> Range(Snapshot snapshot, string @namespace, string start) =>
    [
        .. snapshot.Secrets
            .SkipWhile(pair => string.CompareOrdinal(pair.Key, start) < 0)
            .Select(pair => pair.Value)
            .Where(stored => @namespace.Length == 0 || stored.Secret.Namespace == @namespace),
    ];

    /// <summary>The present state, if it is not older than a version.</summary>
    /// <exception cref="StatusException">504: the version is not known yet; 500: it is no number.</exception>
    public Snapshot CurrentFor(string resourceVersion)
    {
        long wanted = Version(resourceVersion);
        if (wanted > store.Revision && !WaitFor(wanted))
        {
            string why = string.Create(CultureInfo.InvariantCulture, $"Too large resource version: {wanted}, current: {store.Revision}");
            throw new StatusException(new Status(504, "Timeout", "Timeout: " + why)
            {
                Details = new()
                {
                    Causes = [new StatusCause("ResourceVersionTooLarge", "Too large resource version")],
                    RetryAfterSeconds = 1,
                },
            });
        }

        return store.Current;
    }

    /// <exception cref="StatusException">500: the text is no number.</exception>
    public static long Version(string text)
    {
        if (text.Length == 0)
        {
            return 0;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long version)
            ? version
            : throw new StatusException(Status.Unknown(
                $"resourceVersion: Invalid value: {GoText.Quote(text)}: strconv.ParseUint: parsing {GoText.Quote(text)}: invalid syntax"));
    }

    private bool WaitFor(long revision) =>
        SpinWait.SpinUntil(
            () =>
            {
                Thread.Sleep(20);
                return store.Revision >= revision;
            },
            WaitForVersion);

    private (Snapshot Snapshot, string Start) StateFor(RequestInfo request, ListOptions options)
    {
        string prefix = request.Namespace.Length == 0 ? "" : "/" + request.Namespace;
        if (options.Continue.Length > 0)
        {
            return Continued(options, prefix);
        }

        long version = Version(options.ResourceVersion);
        bool exact = options.ResourceVersionMatch == "Exact"
            || (options.ResourceVersionMatch.Length == 0 && options.Limit > 0 && version > 0);
        Snapshot snapshot = CurrentFor(options.ResourceVersion);
        return exact
            ? (store.At(version) ?? throw new StatusException(Status.Expired(TooOld)), "")
            : (snapshot, "");
    }

    private (Snapshot Snapshot, string Start) Continued(ListOptions options, string prefix)
    {
        if (options.ResourceVersion.Length > 0 && options.ResourceVersion != "0")
        {
            throw new StatusException(Status.BadRequest("specifying resource version is not allowed when using continue"));
        }

        ContinueToken token = ContinueToken.Parse(options.Continue);
        string start = prefix + token.Start;
        if (token.Revision < 0)
        {
            return (store.Current, start);
        }

        Snapshot snapshot = store.At(token.Revision) ?? throw new StatusException(Status.Expired(TooOldToContinue) with
        {
            Continue = new ContinueToken(-1, token.Start).ToString(),
        });
        return (snapshot, start);
    }

    private static string Metadata(
        long revision,
        RequestInfo request,
        ListOptions options,
        List<StoredSecret> page,
        int left)
    {
        string metadata = string.Create(CultureInfo.InvariantCulture, $"{{\"resourceVersion\":\"{revision}\"");
        if (left > 0)
        {
            Secret last = page[^1].Secret;
            string key = request.Namespace.Length == 0 ? last.Key : "/" + last.Name;
            metadata += $",\"continue\":\"{ContinueToken.After(revision, key)}\"";

            // The server counts only what it need not look at.
            if (options.FieldSelector.Length == 0 && options.LabelSelector.Length == 0)
            {
                metadata += string.Create(CultureInfo.InvariantCulture, $",\"remainingItemCount\":{left}");
            }
        }

        return metadata + "}";
    }
}
