using System.Collections.Generic;
using System.Globalization;
using System.Numerics;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Http;

/// <summary>The query of a list or a watch.</summary>
internal sealed record ListOptions
{
    public string FieldSelector { get; init; } = "";

    public string LabelSelector { get; init; } = "";

    public long Limit { get; init; }

    public string Continue { get; init; } = "";

    public string ResourceVersion { get; init; } = "";

    public string ResourceVersionMatch { get; init; } = "";

    public bool AllowWatchBookmarks { get; init; }

    public bool? SendInitialEvents { get; init; }

    public long? TimeoutSeconds { get; init; }

    /// <exception cref="StatusException">400: a number that is none; 422: options that do not go together.</exception>
    public static ListOptions Parse(IQueryCollection query, bool watch)
    {
        ListOptions options = new()
        {
            FieldSelector = query["fieldSelector"].ToString(),
            LabelSelector = query["labelSelector"].ToString(),
            Limit = Integer(query, "limit") ?? 0,
            Continue = query["continue"].ToString(),
            ResourceVersion = query["resourceVersion"].ToString(),
            ResourceVersionMatch = query["resourceVersionMatch"].ToString(),
            AllowWatchBookmarks = Flag(query, "allowWatchBookmarks"),
            SendInitialEvents = query.ContainsKey("sendInitialEvents") ? Flag(query, "sendInitialEvents") : null,
            TimeoutSeconds = Integer(query, "timeoutSeconds"),
        };
        List<FieldError> errors = [.. watch ? options.WatchErrors() : options.ListErrors()];
        return errors.Count == 0
            ? options
            : throw new StatusException(Status.Invalid("meta.k8s.io", "ListOptions", "", errors));
    }

    /// <summary>A boolean of a query: everything but false and 0 is true.</summary>
    public static bool Flag(IQueryCollection query, string name) =>
        query.TryGetValue(name, out var value) && value.ToString() is not ("false" or "False" or "FALSE" or "0");

    private IEnumerable<FieldError> ListErrors()
    {
        const string Field = "resourceVersionMatch";
        if (SendInitialEvents is not null)
        {
            yield return FieldError.Forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list");
        }

        if (ResourceVersionMatch.Length == 0)
        {
            yield break;
        }

        if (Continue.Length > 0)
        {
            yield return FieldError.Forbidden(Field, "resourceVersionMatch is forbidden when continue is provided");
        }

        if (ResourceVersion.Length == 0)
        {
            yield return FieldError.Forbidden(Field, "resourceVersionMatch is forbidden unless resourceVersion is provided");
        }

        if (ResourceVersionMatch is not ("Exact" or "NotOlderThan"))
        {
            yield return FieldError.NotSupported(Field, ResourceVersionMatch, "Exact", "NotOlderThan", "");
        }

        if (ResourceVersionMatch == "Exact" && ResourceVersion == "0")
        {
            yield return FieldError.Forbidden(Field, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
        }
    }

    private IEnumerable<FieldError> WatchErrors()
    {
        const string Field = "resourceVersionMatch";
        if (SendInitialEvents is null)
        {
            if (ResourceVersionMatch.Length > 0)
            {
                yield return FieldError.Forbidden(
                    Field,
                    "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
            }

            yield break;
        }

        if (ResourceVersionMatch.Length == 0)
        {
            yield return FieldError.Forbidden(
                Field,
                "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }
        else if (ResourceVersionMatch != "NotOlderThan")
        {
            yield return FieldError.NotSupported(Field, ResourceVersionMatch, "NotOlderThan");
        }
    }

    private static long? Integer(IQueryCollection query, string name)
    {
        if (!query.TryGetValue(name, out var values))
        {
            return null;
        }

        string text = values[0] ?? "";

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value))
        {
            return value;
        }

        bool digits = BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
        throw new StatusException(
            Status.BadRequest($"strconv.ParseInt: parsing {GoText.Quote(text)}: {(digits ? "value out of range" : "invalid syntax")}"));
    }
}
