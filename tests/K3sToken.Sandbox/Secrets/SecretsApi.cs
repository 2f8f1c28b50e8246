using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Threading.Tasks;
using K3sToken.Sandboxing.Http;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>The Kubernetes API of Secrets.</summary>
internal sealed class SecretsApi(SecretStore store, SandboxClock clock)
{
    private const string Resource = "secrets";
    private const string Kind = "Secret";
    private const int ChangesOfGeneratedNames = 8;

    private static readonly string[] Namespaces = ["default", "kube-node-lease", "kube-public", SecretStore.KubeSystem];

    private readonly SecretLists _lists = new(store, clock);
    private readonly SecretWatch _watch = new(store);

    /// <summary>Answers a request for Secrets.</summary>
    /// <exception cref="StatusException">The error to answer with.</exception>
    public async Task<Answer> HandleAsync(HttpContext context, RequestInfo request)
    {
        if (request.Subresource.Length > 0)
        {
            throw new StatusException(Status.NoSuchResource());
        }

        bool collection = request.Name.Length == 0;
        switch (context.Request.Method)
        {
            case "GET" when collection:
                return ListOrWatch(context.Request, request);
            case "GET":
                return Get(context.Request, request);
            case "POST" when collection && request.Namespace.Length > 0:
                return await CreateAsync(context, request);
            case "PUT" when !collection:
                return await ReplaceAsync(context, request);
            case "PATCH" when !collection:
                return await PatchAsync(context, request);
            case "DELETE" when collection && request.Namespace.Length > 0:
                return await DeleteCollectionAsync(context.Request, request);
            case "DELETE" when !collection:
                return await DeleteAsync(context.Request, request);
            default:
                throw new StatusException(Status.MethodNotAllowed());
        }
    }

    private Answer ListOrWatch(HttpRequest http, RequestInfo request)
    {
        OutputFormat format = ContentNegotiation.Choose(http, collection: true);
        ListOptions options = ListOptions.Parse(http.Query, watch: request.Verb == "watch");
        return request.Verb == "watch" ? _watch.Start(request, options) : _lists.List(request, options, format);
    }

    private Answer Get(HttpRequest http, RequestInfo request)
    {
        OutputFormat format = ContentNegotiation.Choose(http);
        StoredSecret stored = _lists.CurrentFor(http.Query["resourceVersion"].ToString()).Secrets.GetValueOrDefault(KeyOf(request))
            ?? throw new StatusException(Status.NotFound(Resource, request.Name));
        return SecretJson.Single(200, stored, format, clock.Now);
    }

    private async Task<Answer> CreateAsync(HttpContext context, RequestInfo request)
    {
        OutputFormat format = ContentNegotiation.Choose(context.Request);
        WriteOptions options = WriteOptions.Parse(context.Request, "CreateOptions");
        RequestBody.CheckMediaType(context.Request);
        DecodedSecret sent = RequestBody.Secret(await RequestBody.ReadAsync(context.Request));
        IReadOnlyList<string> warnings = options.Judge(sent.Complaints, why => RequestBody.Unreadable(Kind, "v1", why));
        if (sent.Secret.Namespace.Length > 0 && sent.Secret.Namespace != request.Namespace)
        {
            throw new StatusException(Status.BadRequest(
                "the namespace of the provided object does not match the namespace sent on the request"));
        }

        Secret made = Named(sent.Secret) with
        {
            Namespace = request.Namespace,
            Uid = Guid.NewGuid().ToString(),
            Created = clock.Now,
            DeletionTimestamp = null,
            DeletionGracePeriodSeconds = null,
            SelfLink = "",
            ManagedFields = [],
        };
        if (!Namespaces.Contains(request.Namespace))
        {
            throw new StatusException(Status.NotFound("namespaces", request.Namespace));
        }

        made = ManagedFields.Record(null, made, options.Manager, clock.Now);
        SecretValidation.CheckNew(made);
        if (sent.ResourceVersion is not ("" or "0"))
        {
            throw new StatusException(Status.Unknown("resourceVersion should not be set on objects to be created"));
        }

        return Respond(201, options.DryRun ? TryCreate(made) : Create(made), format, warnings);
    }

    private Secret TryCreate(Secret made)
    {
        CheckIsNew(store.Get(made.Name, made.Namespace), made);
        return made;
    }

    private Secret Create(Secret made)
    {
        for (int left = made.GenerateName.Length > 0 ? ChangesOfGeneratedNames : 0; left > 0; left--)
        {
            if (store.Get(made.Name, made.Namespace) is null)
            {
                break;
            }

            made = Named(made with { Name = "" });
        }

        return store.Change(made.Key, before =>
        {
            CheckIsNew(before, made);
            return made;
        });
    }

    private static void CheckIsNew(Secret? before, Secret made)
    {
        if (before is not null)
        {
            throw new StatusException(Status.AlreadyExists(Resource, made.Name));
        }
    }

    /// <summary>The Secret with a name made from generateName, where it has none.</summary>
    private static Secret Named(Secret secret)
    {
        const int LongestBase = 58;
        if (secret.Name.Length > 0 || secret.GenerateName.Length == 0)
        {
            return secret;
        }

        string stem = secret.GenerateName[..Math.Min(LongestBase, secret.GenerateName.Length)];
        return secret with { Name = stem + RandomNumberGenerator.GetString("bcdfghjklmnpqrstvwxz2456789", 5) };
    }

    private async Task<Answer> ReplaceAsync(HttpContext context, RequestInfo request)
    {
        OutputFormat format = ContentNegotiation.Choose(context.Request);
        WriteOptions options = WriteOptions.Parse(context.Request, "UpdateOptions");
        RequestBody.CheckMediaType(context.Request);
        DecodedSecret sent = RequestBody.Secret(await RequestBody.ReadAsync(context.Request));
        IReadOnlyList<string> warnings = options.Judge(sent.Complaints, why => RequestBody.Unreadable(Kind, "v1", why));
        CheckSubject(sent.Secret, request);
        Secret Replaced(Secret? before)
        {
            if (sent.Secret.Uid.Length > 0 && sent.Secret.Uid != before?.Uid)
            {
                throw new StatusException(Status.Conflict(
                    Resource,
                    request.Name,
                    $"StorageError: invalid object, Code: 4, Key: /registry/secrets{KeyOf(request)}, ResourceVersion: 0, "
                    + $"AdditionalErrorMsg: Precondition failed: UID in precondition: {sent.Secret.Uid}, UID in object meta: {before?.Uid}"));
            }

            return before is null
                ? throw new StatusException(Status.NotFound(Resource, request.Name))
                : Changed(before, sent, options);
        }

        return Respond(200, Apply(KeyOf(request), Replaced, options), format, warnings);
    }

    private async Task<Answer> PatchAsync(HttpContext context, RequestInfo request)
    {
        OutputFormat format = ContentNegotiation.Choose(context.Request);
        WriteOptions options = WriteOptions.Parse(context.Request, "PatchOptions");
        Patch patch = Patch.Of(RequestBody.MediaType(context.Request), await RequestBody.ReadAsync(context.Request));
        IReadOnlyList<string> warnings = [];
        Secret Patched(Secret? before)
        {
            if (before is null)
            {
                throw new StatusException(Status.NotFound(Resource, request.Name));
            }

            (DecodedSecret result, string shown) = patch.Apply(before);
            warnings = options.Judge(result.Complaints, why => Patch.Unusable(shown, why));
            CheckSubject(result.Secret, request);
            return Changed(before, result, options);
        }

        Secret after = Apply(KeyOf(request), Patched, options);
        return Respond(200, after, format, warnings);
    }

    /// <summary>What the Secret becomes when a client wants it to say what it sent: the same object where that changes nothing.</summary>
    private Secret Changed(Secret before, DecodedSecret sent, WriteOptions options)
    {
        if (sent.ResourceVersion.Length > 0
            && !ulong.TryParse(sent.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            throw new StatusException(Status.Unknown($"strconv.ParseUint: parsing {GoText.Quote(sent.ResourceVersion)}: invalid syntax"));
        }

        if (sent.ResourceVersion is not ("" or "0") && sent.ResourceVersion != SecretJson.Text(before.ResourceVersion))
        {
            throw new StatusException(Status.Conflict(
                Resource,
                before.Name,
                "the object has been modified; please apply your changes to the latest version and try again"));
        }

        Secret after = sent.Secret with
        {
            Namespace = before.Namespace,
            ResourceVersion = before.ResourceVersion,
            Uid = sent.Secret.Uid.Length == 0 ? before.Uid : sent.Secret.Uid,
            SelfLink = "",
            Created = before.Created,
            DeletionTimestamp = SameMoment(sent.Secret.DeletionTimestamp, before.DeletionTimestamp)
                ? before.DeletionTimestamp
                : sent.Secret.DeletionTimestamp,
            DeletionGracePeriodSeconds = sent.Secret.DeletionGracePeriodSeconds ?? before.DeletionGracePeriodSeconds,
            ManagedFields = sent.ManagedFields ?? before.ManagedFields,
        };
        SecretValidation.CheckChange(before, after);
        bool changed = !after.SaysTheSameAs(before) || (after.ManagedFields.IsEmpty && !before.ManagedFields.IsEmpty);
        return changed ? ManagedFields.Record(before, after, options.Manager, clock.Now) : before;
    }

    /// <summary>Whether a client that sends a time leaves it as it is: also if it sends none.</summary>
    private static bool SameMoment(DateTimeOffset? sent, DateTimeOffset? stored) =>
        sent is not DateTimeOffset time || (stored is DateTimeOffset own && Secret.Timestamp(time) == Secret.Timestamp(own));

    private Secret Apply(string key, Func<Secret?, Secret> change, WriteOptions options)
    {
        if (options.DryRun)
        {
            return change(store.Current.Secrets.GetValueOrDefault(key)?.Secret);
        }

        Secret after = store.Change(key, change);
        if (after.DeletionTimestamp is not null && after.Finalizers.IsEmpty)
        {
            store.Delete(key, static _ => { });
        }

        return after;
    }

    private async Task<Answer> DeleteAsync(HttpRequest http, RequestInfo request)
    {
        OutputFormat format = ContentNegotiation.Choose(http);
        DeleteOptions options = await DeleteOptions.ReadAsync(http);
        Secret before = store.Get(request.Name, request.Namespace) ?? throw new StatusException(Status.NotFound(Resource, request.Name));
        void Check(Secret? current)
        {
            before = current ?? throw new StatusException(Status.NotFound(Resource, request.Name));
            options.CheckPreconditions(before);
        }

        if (!before.Finalizers.IsEmpty)
        {
            return Respond(200, MarkDeleted(request, Check, options.DryRun), format, []);
        }

        if (options.DryRun)
        {
            Check(before);
        }
        else
        {
            store.Delete(before.Key, Check);
        }

        return Answers.Of(Status.Deleted(Resource, before.Name, before.Uid), http);
    }

    /// <summary>A Secret with finalizers stays, marked, until they are taken away.</summary>
    private Secret MarkDeleted(RequestInfo request, Action<Secret?> check, bool dryRun)
    {
        Secret Marked(Secret? before)
        {
            check(before);
            return before!.DeletionTimestamp is not null
                ? before
                : before with { DeletionTimestamp = clock.Now, DeletionGracePeriodSeconds = 0 };
        }

        return dryRun ? Marked(store.Get(request.Name, request.Namespace)) : store.Change(KeyOf(request), Marked);
    }

    private async Task<Answer> DeleteCollectionAsync(HttpRequest http, RequestInfo request)
    {
        OutputFormat format = ContentNegotiation.Choose(http);
        ListOptions list = ListOptions.Parse(http.Query, watch: false);
        DeleteOptions options = await DeleteOptions.ReadAsync(http);
        (Answer answer, IReadOnlyList<StoredSecret> listed) = _lists.ListWithItems(request, list, format);
        foreach (Secret secret in options.DryRun ? [] : listed.Select(stored => stored.Secret))
        {
            RequestInfo one = request with { Name = secret.Name };
            if (secret.Finalizers.IsEmpty)
            {
                store.Delete(secret.Key, static _ => { });
            }
            else
            {
                MarkDeleted(one, static _ => { }, dryRun: false);
            }
        }

        return answer;
    }

    private Answer Respond(int status, Secret secret, OutputFormat format, IReadOnlyList<string> warnings)
    {
        Answer answer = SecretJson.Single(status, new StoredSecret(secret), format, clock.Now);
        return answer with { Headers = [.. warnings.Select(Warning)] };
    }

    private static KeyValuePair<string, string> Warning(string text) =>
        new("Warning", $"299 - \"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");

    private static void CheckSubject(Secret sent, RequestInfo request)
    {
        if (sent.Name.Length == 0)
        {
            throw new StatusException(Status.BadRequest(
                $"the name of the object ({request.Name} based on URL) was undeterminable: name must be provided"));
        }

        if (sent.Name != request.Name)
        {
            throw new StatusException(Status.BadRequest(
                $"the name of the object ({sent.Name}) does not match the name on the URL ({request.Name})"));
        }

        if (sent.Namespace.Length > 0 && sent.Namespace != request.Namespace)
        {
            throw new StatusException(Status.BadRequest(
                $"the namespace of the object ({sent.Namespace}) does not match the namespace on the request ({request.Namespace})"));
        }
    }

    private static string KeyOf(RequestInfo request) => $"/{request.Namespace}/{request.Name}";
}
