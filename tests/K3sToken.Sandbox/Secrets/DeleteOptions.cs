using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using K3sToken.Sandboxing.Http;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>The body and the query of a deletion.</summary>
internal sealed record DeleteOptions(bool DryRun, string? Uid, string? ResourceVersion)
{
    /// <exception cref="StatusException">400: a body that cannot be read; 415, 422.</exception>
    public static async Task<DeleteOptions> ReadAsync(HttpRequest request)
    {
        byte[] body = await RequestBody.ReadAsync(request);
        bool dryRun = WriteOptions.Parse(request, "DeleteOptions").DryRun;
        if (body.Length == 0)
        {
            return new DeleteOptions(dryRun, null, null);
        }

        RequestBody.CheckMediaType(request);
        if (RequestBody.HeadError(body) is string error)
        {
            throw new StatusException(Status.BadRequest(error));
        }

        using JsonDocument document = JsonDocument.Parse(body);
        CheckKind(document.RootElement);
        CheckValues(document.RootElement);
        return Read(document.RootElement, dryRun);
    }

    /// <exception cref="StatusException">409: it is another Secret, or has changed.</exception>
    public void CheckPreconditions(Secret secret)
    {
        if (Uid is not null && Uid != secret.Uid)
        {
            throw Conflict(
                secret,
                $"the UID in the precondition ({Uid}) does not match the UID in record ({secret.Uid}). "
                + "The object might have been deleted and then recreated");
        }

        if (ResourceVersion is not null && ResourceVersion != SecretJson.Text(secret.ResourceVersion))
        {
            throw Conflict(
                secret,
                $"the ResourceVersion in the precondition ({ResourceVersion}) does not match the ResourceVersion in record "
                + $"({SecretJson.Text(secret.ResourceVersion)}). The object might have been modified");
        }
    }

    private static StatusException Conflict(Secret secret, string why) => new(Status.Conflict("Secret", secret.Name, why));

    private static void CheckKind(JsonElement json)
    {
        string kind = RequestBody.Text(json, "kind", "DeleteOptions");
        if (kind != "DeleteOptions")
        {
            string version = RequestBody.Text(json, "apiVersion", "v1");
            throw new StatusException(Status.Unknown(
                $"no kind {GoText.Quote(kind)} is registered for version {GoText.Quote(version)} in scheme "
                + "\"k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27\""));
        }
    }

    private static void CheckValues(JsonElement json)
    {
        List<FieldError> errors = [];
        if (Text(Member(json, "propagationPolicy")) is string policy and not ("Foreground" or "Background" or "Orphan"))
        {
            errors.Add(FieldError.NotSupported("propagationPolicy", policy, "Foreground", "Background", "Orphan", "nil"));
        }

        if (Member(json, "dryRun") is { ValueKind: JsonValueKind.Array } dryRun
            && dryRun.EnumerateArray().Select(value => value.ToString()).Any(value => value != "All"))
        {
            errors.Add(WriteOptions.BadDryRun([.. dryRun.EnumerateArray().Select(value => value.ToString())]));
        }

        if (errors.Count > 0)
        {
            throw new StatusException(Status.Invalid("meta.k8s.io", "DeleteOptions", "", errors));
        }
    }

    private static DeleteOptions Read(JsonElement json, bool dryRun)
    {
        JsonElement preconditions = Member(json, "preconditions");
        JsonElement run = Member(json, "dryRun");
        bool asked = run.ValueKind == JsonValueKind.Array && run.EnumerateArray().Any(value => value.ToString() == "All");
        return new DeleteOptions(dryRun || asked, Text(Member(preconditions, "uid")), Text(Member(preconditions, "resourceVersion")));
    }

    private static JsonElement Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value) ? value : default;

    private static string? Text(JsonElement json) => json.ValueKind == JsonValueKind.String ? json.GetString() : null;
}
