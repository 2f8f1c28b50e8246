using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using K3sToken.Sandboxing.Http;
using K3sToken.Sandboxing.Secrets;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Authentication;

/// <summary>Tells callers who they are and what they may do.</summary>
internal static class SelfReviews
{
    private static readonly string[] ResourceAttributes = ["namespace", "verb", "group", "version", "resource", "subresource", "name"];
    private static readonly string[] PathAttributes = ["path", "verb"];

    public static Answer Subject(HttpRequest request, Caller caller, DateTimeOffset now)
    {
        OutputFormat format = OnlyPost(request);
        string extra = caller.CredentialId is null
            ? ""
            : $",\"extra\":{{\"authentication.kubernetes.io/credential-id\":[{GoJson.Quote(caller.CredentialId)}]}}";
        string groups = string.Join(',', caller.Groups.Select(GoJson.Quote));
        string user = $"{{\"username\":{GoJson.Quote(caller.User)},\"groups\":[{groups}]{extra}}}";
        return Answers.Json(
            201,
            "{\"kind\":\"SelfSubjectReview\",\"apiVersion\":\"authentication.k8s.io/v1\","
                + $"\"metadata\":{{\"creationTimestamp\":\"{Secret.Timestamp(now)}\"}},\"status\":{{\"userInfo\":{user}}}}}",
            format);
    }

    public static async Task<Answer> AccessAsync(HttpRequest request, Caller caller, DateTimeOffset now)
    {
        OutputFormat format = OnlyPost(request);
        RequestBody.CheckMediaType(request);
        byte[] body = await RequestBody.ReadAsync(request);
        RequestBody.CheckHead(body, "SelfSubjectAccessReview");
        using JsonDocument document = JsonDocument.Parse(body);
        string spec = Spec(document.RootElement, out RequestInfo asked);
        string manager = WriteOptions.Parse(request, "CreateOptions").Manager;
        using JsonDocument written = JsonDocument.Parse(spec);
        FieldSet fields = FieldSet.Structure(("f:spec", FieldSet.OfJson(written.RootElement, static name => name.Length > 0)));
        string managed = new ManagedFieldsEntry(manager, "Update", now, fields).ToJson("authorization.k8s.io/v1");
        string allowed = Authorizer.MayDo(caller, asked) ? "true" : "false";
        return Answers.Json(
            201,
            "{\"kind\":\"SelfSubjectAccessReview\",\"apiVersion\":\"authorization.k8s.io/v1\","
                + $"\"metadata\":{{\"managedFields\":[{managed}]}},\"spec\":{spec},\"status\":{{\"allowed\":{allowed}}}}}",
            format);
    }

    /// <summary>What is asked, and its JSON in the order in which the server writes it.</summary>
    private static string Spec(JsonElement review, out RequestInfo asked)
    {
        if (Member(review, "spec", "resourceAttributes") is { ValueKind: JsonValueKind.Object } resource)
        {
            asked = new RequestInfo("", Text(resource, "verb"))
            {
                IsResource = true,
                Namespace = Text(resource, "namespace"),
                Group = Text(resource, "group"),
                Version = Text(resource, "version"),
                Resource = Text(resource, "resource"),
                Subresource = Text(resource, "subresource"),
                Name = Text(resource, "name"),
            };
            return $"{{\"resourceAttributes\":{Written(resource, ResourceAttributes)}}}";
        }

        if (Member(review, "spec", "nonResourceAttributes") is { ValueKind: JsonValueKind.Object } path)
        {
            asked = new RequestInfo(Text(path, "path"), Text(path, "verb"));
            return $"{{\"nonResourceAttributes\":{Written(path, PathAttributes)}}}";
        }

        const string Why = "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified";
        throw new StatusException(Status.Invalid("authorization.k8s.io", "", "", [
            new FieldError("spec.resourceAttributes", "FieldValueInvalid", Why),
        ]));
    }

    private static OutputFormat OnlyPost(HttpRequest request) =>
        HttpMethods.IsPost(request.Method)
            ? ContentNegotiation.Choose(request)
            : throw new StatusException(Status.MethodNotAllowed());

    private static string Written(JsonElement json, IEnumerable<string> names) =>
        "{" + string.Join(',', names
            .Where(name => Text(json, name).Length > 0)
            .Select(name => $"\"{name}\":{GoJson.Quote(Text(json, name))}")) + "}";

    private static JsonElement Member(JsonElement json, params string[] path) =>
        path.Aggregate(json, static (current, name) =>
            current.ValueKind == JsonValueKind.Object && current.TryGetProperty(name, out JsonElement value) ? value : default);

    private static string Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
