using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace K3sToken.Sandboxing.Http;

/// <summary>One reason why an object was not accepted.</summary>
internal sealed record StatusCause(string? Reason, string Message, string? Field = null);

/// <summary>What a Status is about.</summary>
internal sealed record StatusDetails
{
    public string? Name { get; init; }

    public string? Group { get; init; }

    public string? Kind { get; init; }

    public string? Uid { get; init; }

    public IReadOnlyList<StatusCause> Causes { get; init; } = [];

    public int RetryAfterSeconds { get; init; }
}

/// <summary>A Kubernetes Status: what the API answers where it has no object to show, above all an error.</summary>
internal sealed record Status(int Code, string? Reason, string? Message)
{
    public StatusDetails? Details { get; init; }

    /// <summary>A value to go on listing with, after a snapshot has expired.</summary>
    public string? Continue { get; init; }

    public bool Success { get; init; }

    public static Status BadRequest(string message) => new(400, "BadRequest", message);

    public static Status Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static Status Forbidden(string message, StatusDetails details) => new(403, "Forbidden", message) { Details = details };

    public static Status NotFound(string resource, string name) =>
        new(404, "NotFound", $"{resource} \"{name}\" not found") { Details = new() { Name = name, Kind = resource } };

    public static Status NoSuchResource() =>
        new(404, "NotFound", "the server could not find the requested resource") { Details = new() };

    public static Status MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource") { Details = new() };

    public static Status NotAcceptable(string message) => new(406, "NotAcceptable", message);

    public static Status AlreadyExists(string resource, string name) =>
        new(409, "AlreadyExists", $"{resource} \"{name}\" already exists") { Details = new() { Name = name, Kind = resource } };

    public static Status Conflict(string resource, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {resource} \"{name}\": {why}")
        {
            Details = new() { Name = name, Kind = resource },
        };

    public static Status Expired(string message) => new(410, "Expired", message);

    public static Status UnsupportedMediaType(string message) => new(415, "UnsupportedMediaType", message);

    /// <summary>An object that was understood and breaks rules.</summary>
    public static Status Invalid(string group, string kind, string name, IReadOnlyList<FieldError> errors)
    {
        string qualified = group.Length == 0 ? kind : kind + "." + group;
        List<string> messages = [.. errors.Select(error => error.ToString()).Distinct()];
        string all = messages.Count == 1 ? messages[0] : "[" + string.Join(", ", messages) + "]";
        return new(422, "Invalid", $"{qualified} {GoText.Quote(name)} is invalid: {all}")
        {
            Details = new()
            {
                Name = name,
                Group = group,
                Kind = kind,
                Causes = [.. errors.Select(error => new StatusCause(error.Reason, error.Body, error.Field))],
            },
        };
    }

    /// <summary>A failure that the API server has no name for.</summary>
    public static Status Unknown(string message) => new(500, null, message);

    public static Status Deleted(string resource, string name, string uid) =>
        new(200, null, null) { Success = true, Details = new() { Name = name, Kind = resource, Uid = uid } };

    /// <summary>The Status as JSON: with its API version, or as the supervisor writes it, without.</summary>
    public string ToJson(bool versioned = true)
    {
        StringBuilder json = new("{\"kind\":\"Status\",");
        json.Append(versioned ? "\"apiVersion\":\"v1\"," : "").Append("\"metadata\":{");
        Member(json, "continue", Continue, first: true);
        json.Append("},\"status\":").AppendQuoted(Success ? "Success" : "Failure");
        Member(json, "message", Message);
        Member(json, "reason", Reason);
        if (Details is not null)
        {
            json.Append(",\"details\":").Append(DetailsJson(Details));
        }

        if (!Success)
        {
            json.Append(CultureInfo.InvariantCulture, $",\"code\":{Code}");
        }

        return json.Append('}').ToString();
    }

    private static string DetailsJson(StatusDetails details)
    {
        List<string> members = [];
        Add("name", details.Name);
        Add("group", details.Group);
        Add("kind", details.Kind);
        Add("uid", details.Uid);
        if (details.Causes.Count > 0)
        {
            members.Add("\"causes\":[" + string.Join(",", details.Causes.Select(CauseJson)) + "]");
        }

        if (details.RetryAfterSeconds > 0)
        {
            members.Add(string.Create(CultureInfo.InvariantCulture, $"\"retryAfterSeconds\":{details.RetryAfterSeconds}"));
        }

        return "{" + string.Join(",", members) + "}";

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                members.Add($"\"{name}\":{GoJson.Quote(value)}");
            }
        }
    }

    private static string CauseJson(StatusCause cause)
    {
        StringBuilder json = new("{");
        Member(json, "reason", cause.Reason, first: true);
        Member(json, "message", cause.Message, first: json.Length == 1);
        Member(json, "field", cause.Field);
        return json.Append('}').ToString();
    }

    private static void Member(StringBuilder json, string name, string? value, bool first = false)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.Append(first ? "" : ",").AppendQuoted(name).Append(':').AppendQuoted(value);
        }
    }
}

/// <summary>One rule that a field of an object breaks, in the words of Kubernetes.</summary>
internal sealed record FieldError(string Field, string Reason, string Body)
{
    public static FieldError Invalid(string field, string value, string why) =>
        new(field, "FieldValueInvalid", $"Invalid value: {GoText.Quote(value)}: {why}");

    public static FieldError Required(string field, string why = "") =>
        new(field, "FieldValueRequired", why.Length == 0 ? "Required value" : "Required value: " + why);

    public static FieldError Forbidden(string field, string why) => new(field, "FieldValueForbidden", "Forbidden: " + why);

    public static FieldError TooLong(string field, int bytes) =>
        new(field, "FieldValueTooLong", string.Create(CultureInfo.InvariantCulture, $"Too long: may not be more than {bytes} bytes"));

    public static FieldError NotSupported(string field, string value, params string[] supported) =>
        new(
            field,
            "FieldValueNotSupported",
            $"Unsupported value: {GoText.Quote(value)}: supported values: {string.Join(", ", supported.Select(GoText.Quote))}");

    public override string ToString() => $"{Field}: {Body}";
}

/// <summary>Ends a request with a Status.</summary>
#pragma warning disable CA1032, CA1064 // One thing is thrown here, and only from one place to another inside the sandbox.
internal sealed class StatusException(Status status) : Exception(status.Message)
#pragma warning restore CA1032, CA1064
{
    public Status Status { get; } = status;
}
