using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using K3sToken.Sandboxing.Http;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>The query of a request that changes something.</summary>
internal sealed record WriteOptions(bool DryRun, string FieldValidation, string Manager)
{
    private const int LongestManager = 128;

    /// <exception cref="StatusException">422: a value that is not known.</exception>
    public static WriteOptions Parse(HttpRequest request, string kind)
    {
        string[] dryRun = [.. request.Query["dryRun"].OfType<string>()];
        string validation = request.Query["fieldValidation"].ToString();
        string manager = request.Query["fieldManager"].ToString();
        List<FieldError> errors =
        [
            .. dryRun.Any(value => value != "All") ? new[] { BadDryRun(dryRun) } : [],
            .. ManagerErrors(manager),
        ];
        if (validation is not ("" or "Ignore" or "Warn" or "Strict"))
        {
            errors.Add(FieldError.NotSupported("fieldValidation", validation, "", "Ignore", "Strict", "Warn"));
        }

        return errors.Count == 0
            ? new WriteOptions(dryRun.Length > 0, validation, ManagerName(manager, request))
            : throw new StatusException(Status.Invalid("meta.k8s.io", kind, "", errors));
    }

    /// <summary>The warnings to give for fields that are unknown or stand twice.</summary>
    /// <exception cref="StatusException">They are an error where the client wanted it so.</exception>
    public IReadOnlyList<string> Judge(IReadOnlyList<string> complaints, Func<string, StatusException> refuse)
    {
        if (FieldValidation == "Strict" && complaints.Count > 0)
        {
            throw refuse("strict decoding error: " + string.Join(", ", complaints));
        }

        return FieldValidation == "Ignore" ? [] : complaints;
    }

    public static FieldError BadDryRun(string[] values) => new(
        "dryRun",
        "FieldValueNotSupported",
        $"Unsupported value: [{string.Join(',', values.Select(GoJson.Quote))}]: supported values: \"All\"");

    private static IEnumerable<FieldError> ManagerErrors(string manager)
    {
        if (Encoding.UTF8.GetByteCount(manager) > LongestManager)
        {
            yield return FieldError.TooLong("fieldManager", LongestManager);
        }
    }

    /// <summary>Who makes the change: who it says it is, else the first part of its User-Agent.</summary>
    private static string ManagerName(string manager, HttpRequest request)
    {
        string agent = request.Headers.UserAgent.ToString().Split('/')[0];
        string name = manager.Length > 0 ? manager : agent[..Math.Min(LongestManager, agent.Length)];
        return name.Length > 0 ? name : "unknown";
    }
}
