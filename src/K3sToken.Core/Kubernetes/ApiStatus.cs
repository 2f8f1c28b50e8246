using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace K3sToken.Kubernetes;

/// <summary>What the server says of a request that it did not fulfil: the API's Status, or what HTTP says in its place.</summary>
internal sealed record ApiStatus(HttpStatusCode Code)
{
    private const int MostBytes = 1 << 20;

    /// <summary>The API version of the Status: <c>v1</c> from the API server, empty from a K3s supervisor.</summary>
    public string ApiVersion { get; init; } = "";

    /// <summary>The word for the kind of failure, for example <c>AlreadyExists</c>; empty where there is none.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The server's own sentence. It can quote the request's body.</summary>
    public string Message { get; init; } = "";

    /// <summary>The name of the object that the failure is about.</summary>
    public string Name { get; init; } = "";

    /// <summary>The fields that the server holds to be invalid.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>Where an expired listing can go on.</summary>
    public string? ContinueFrom { get; init; }

    /// <summary>How long the server asks to wait before the next try.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Where a redirect points.</summary>
    public Uri? Location { get; init; }

    /// <summary>Reads the answer's head and body.</summary>
    public static async Task<ApiStatus> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        ApiStatus status = new(response.StatusCode) { RetryAfter = RetryAfterOf(response), Location = response.Headers.Location };
        if (!ResponseBody.IsJson(response))
        {
            return status;
        }

        status = await ResponseBody.ReadAllAsync(response, MostBytes, status.With, cancellation).ConfigureAwait(false) ?? status;
        return status with { Message = EchoedCredentials.Remove(status.Message, response) };
    }

    private ApiStatus With(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = ResponseBody.Parse(body);
            JsonElement root = document.RootElement;
            JsonElement details = Property(root, "details");
            return Text(root, "kind") != "Status"
                ? this
                : this with
                {
                    ApiVersion = Text(root, "apiVersion"),
                    Reason = Text(root, "reason") is { Length: < 40 } reason && reason.All(char.IsLetter) ? reason : "",
                    Message = Text(root, "message"),
                    Name = Text(details, "name"),
                    Fields = FieldsOf(Property(details, "causes")),
                    ContinueFrom = Text(Property(root, "metadata"), "continue") is { Length: > 0 } from ? from : null,
                };
        }
        catch (Exception e) when (ResponseBody.IsBroken(e))
        {
            return this;
        }
    }

    private static TimeSpan? RetryAfterOf(HttpResponseMessage response)
    {
        TimeSpan? wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - DateTimeOffset.UtcNow,
            _ => null,
        };
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static List<string> FieldsOf(JsonElement causes)
    {
        List<string> fields = [];
        if (causes.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement cause in causes.EnumerateArray())
            {
                if (Text(cause, "field") is { Length: > 0 } field)
                {
                    fields.Add(field);
                }
            }
        }

        return fields;
    }

    private static JsonElement Property(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value : default;

    private static string Text(JsonElement element, string name) =>
        Property(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() ?? "" : "";
}
