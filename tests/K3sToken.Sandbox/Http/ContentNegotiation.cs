using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Http;

/// <summary>What the client wants instead of the object itself.</summary>
internal enum Representation
{
    /// <summary>The object.</summary>
    Whole,

    /// <summary>Its metadata only.</summary>
    Metadata,

    /// <summary>The metadata of each object of a list.</summary>
    MetadataList,

    /// <summary>Columns and rows for people.</summary>
    Table,
}

/// <summary>How an answer is to be written.</summary>
internal sealed record OutputFormat(bool Yaml, bool Pretty, Representation Representation)
{
    public static OutputFormat Json { get; } = new(false, false, Representation.Whole);

    /// <summary>The API version in which a converted answer is written.</summary>
    public string MetaVersion { get; init; } = "meta.k8s.io/v1";

    /// <summary>What a table's rows say of their objects: <c>None</c>, <c>Metadata</c> or <c>Object</c>.</summary>
    public string IncludeObject { get; init; } = "";

    public string ContentType => Yaml ? "application/yaml" : "application/json";
}

/// <summary>Reads Accept as the API server does.</summary>
internal static class ContentNegotiation
{
    private const string MediaTypes = "application/json, application/yaml, application/vnd.kubernetes.protobuf";
    private const string StreamingTypes = "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch";

    private static readonly string[] Routed =
        ["*/*", "application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];

    /// <summary>The format that the client asks for.</summary>
    /// <exception cref="StatusException">406: it is none that this server writes.</exception>
    public static OutputFormat Choose(HttpRequest request, bool collection = false)
    {
        // The router looks at the types first, and the handler then at their parameters: each has its own words.
        if (!Clauses(request).Any(clause => Routed.Contains(clause.Type)))
        {
            string available = collection ? $"{MediaTypes}, {StreamingTypes}" : MediaTypes;
            throw new StatusException(
                Status.NotAcceptable($"406: Not Acceptable\n\nAvailable representations: {available}") with { Details = new() });
        }

        return Find(request, converted: true)
            ?? throw new StatusException(Status.NotAcceptable("only the following media types are accepted: " + MediaTypes));
    }

    /// <summary>The format that the client asks for, or null where it is none that this server writes.</summary>
    /// <param name="request">The request.</param>
    /// <param name="converted">Whether the answer can be given in another form than its own: an error cannot.</param>
    public static OutputFormat? Find(HttpRequest request, bool converted = false)
    {
        foreach ((string type, Dictionary<string, string> parameters) in Clauses(request))
        {
            if (Matches(type) is bool yaml
                && As(parameters) is Representation representation
                && (converted || representation == Representation.Whole))
            {
                return new OutputFormat(yaml, WantsPretty(request, parameters), representation)
                {
                    MetaVersion = "meta.k8s.io/" + parameters.GetValueOrDefault("v", "v1"),
                    IncludeObject = request.Query["includeObject"].ToString(),
                };
            }
        }

        return null;
    }

    private static bool? Matches(string type) => type switch
    {
        "application/json" or "application/*" or "*/*" => false,
        "application/yaml" => true,
        _ => null,
    };

    private static Representation? As(Dictionary<string, string> parameters)
    {
        if (!parameters.TryGetValue("as", out string? kind))
        {
            return Representation.Whole;
        }

        if (parameters.GetValueOrDefault("g") != "meta.k8s.io" || parameters.GetValueOrDefault("v") is not ("v1" or "v1beta1"))
        {
            return null;
        }

        return kind switch
        {
            "Table" => Representation.Table,
            "PartialObjectMetadata" => Representation.Metadata,
            "PartialObjectMetadataList" => Representation.MetadataList,
            _ => null,
        };
    }

    private static bool WantsPretty(HttpRequest request, Dictionary<string, string> parameters)
    {
        if (request.Query.TryGetValue("pretty", out var value))
        {
            return value.ToString() is not ("false" or "0");
        }

        if (parameters.TryGetValue("pretty", out string? parameter))
        {
            return parameter == "1";
        }

        string agent = request.Headers.UserAgent.ToString();
        return agent.StartsWith("curl", StringComparison.Ordinal)
            || agent.StartsWith("Wget", StringComparison.Ordinal)
            || agent.StartsWith("Mozilla/5.0", StringComparison.Ordinal);
    }

    /// <summary>What is accepted, the most wanted first.</summary>
    public static IEnumerable<(string Type, Dictionary<string, string> Parameters)> Clauses(HttpRequest request)
    {
        string accept = request.Headers.Accept.ToString();
        if (string.IsNullOrWhiteSpace(accept))
        {
            accept = "*/*";
        }

        return accept.Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(Clause)
            .OrderByDescending(clause => Quality(clause.Parameters));
    }

    private static (string Type, Dictionary<string, string> Parameters) Clause(string text)
    {
        string[] parts = text.Split(';', StringSplitOptions.TrimEntries);
        Dictionary<string, string> parameters = [];
        foreach (string part in parts.Skip(1))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                parameters[part[..equals].Trim()] = part[(equals + 1)..].Trim();
            }
        }

        return (parts[0], parameters);
    }

    private static double Quality(Dictionary<string, string> parameters) =>
        parameters.TryGetValue("q", out string? text)
        && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double quality)
            ? quality
            : 1;
}
