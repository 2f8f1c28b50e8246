using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using K3sToken.Sandboxing.Http;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>The rules that the API server has for Secrets, in the order in which it names what breaks them.</summary>
internal static class SecretValidation
{
    private const int MostData = 1024 * 1024;
    private const int MostAnnotations = 256 * 1024;

    /// <exception cref="StatusException">422: a new Secret breaks rules.</exception>
    public static void CheckNew(Secret secret) => ThrowIfAny(secret, [.. MetadataErrors(secret), .. ContentErrors(secret)]);

    /// <exception cref="StatusException">422: the changed Secret breaks rules.</exception>
    public static void CheckChange(Secret before, Secret after)
    {
        // The API server looks at the metadata again and again, and names what it finds each time.
        List<FieldError> errors =
        [
            .. FixedMetadataErrors(before, after),
            .. NamedMetadataErrors(after),
            .. FixedMetadataErrors(before, after),
            .. NamedMetadataErrors(after),
            .. Fixed("type", before.Type, after.Type),
        ];
        if (before.Immutable == true)
        {
            const string Why = "field is immutable when `immutable` is set";
            if (after.Immutable != true)
            {
                errors.Add(FieldError.Forbidden("immutable", Why));
            }

            if (!SameData(before, after))
            {
                errors.Add(FieldError.Forbidden("data", Why));
            }
        }

        errors.AddRange([.. MetadataErrors(after), .. MetadataErrors(after), .. ContentErrors(after)]);
        ThrowIfAny(after, errors);
    }

    private static IEnumerable<FieldError> FixedMetadataErrors(Secret before, Secret after)
    {
        foreach (FieldError error in Fixed("metadata.uid", before.Uid, after.Uid))
        {
            yield return error;
        }

        if (before.DeletionTimestamp != after.DeletionTimestamp)
        {
            string time = Secret.Timestamp(after.DeletionTimestamp!.Value);
            yield return FieldError.Invalid("metadata.deletionTimestamp", time, "field is immutable");
        }

        if (before.DeletionGracePeriodSeconds != after.DeletionGracePeriodSeconds)
        {
            string seconds = SecretJson.Text(after.DeletionGracePeriodSeconds!.Value);
            yield return new FieldError(
                "metadata.deletionGracePeriodSeconds",
                "FieldValueInvalid",
                $"Invalid value: {seconds}: field is immutable");
        }

        string[] added = [.. after.Finalizers.Except(before.Finalizers)];
        if (before.DeletionTimestamp is not null && added.Length > 0)
        {
            yield return FieldError.Forbidden(
                "metadata.finalizers",
                "no new finalizers can be added if the object is being deleted, found new finalizers "
                + $"[]string{{{string.Join(", ", added.Select(GoText.Quote))}}}");
        }
    }

    private static IEnumerable<FieldError> Fixed(string field, string before, string after)
    {
        if (before != after)
        {
            yield return FieldError.Invalid(field, after, "field is immutable");
        }
    }

    private static IEnumerable<FieldError> MetadataErrors(Secret secret)
    {
        if (secret.GenerateName.Length > 0)
        {
            foreach (string problem in Naming.SubdomainProblems(secret.GenerateName.TrimEnd('-') + "a"))
            {
                yield return FieldError.Invalid("metadata.generateName", secret.GenerateName, problem);
            }
        }

        if (secret.Name.Length == 0)
        {
            yield return FieldError.Required("metadata.name", "name or generateName is required");
        }

        foreach (string problem in secret.Name.Length == 0 ? [] : Naming.SubdomainProblems(secret.Name))
        {
            yield return FieldError.Invalid("metadata.name", secret.Name, problem);
        }

        foreach (FieldError error in NamedMetadataErrors(secret).Concat(FinalizerErrors(secret)))
        {
            yield return error;
        }
    }

    private static IEnumerable<FieldError> NamedMetadataErrors(Secret secret) =>
        [.. LabelErrors(secret), .. AnnotationErrors(secret), .. OwnerErrors(secret)];

    private static IEnumerable<FieldError> LabelErrors(Secret secret)
    {
        foreach ((string key, string value) in secret.Labels)
        {
            foreach (string problem in Naming.QualifiedNameProblems(key))
            {
                yield return FieldError.Invalid("metadata.labels", key, problem);
            }

            if (Naming.LabelValueProblem(value) is string wrong)
            {
                yield return FieldError.Invalid("metadata.labels", value, wrong);
            }
        }
    }

    private static IEnumerable<FieldError> AnnotationErrors(Secret secret)
    {
        foreach (string key in secret.Annotations.Keys)
        {
            // The rule is for labels; annotations may have capitals.
            foreach (string problem in Naming.QualifiedNameProblems(key.ToLowerInvariant()))
            {
                yield return FieldError.Invalid("metadata.annotations", key, problem);
            }
        }

        if (secret.Annotations.Sum(pair => Encoding.UTF8.GetByteCount(pair.Key) + Encoding.UTF8.GetByteCount(pair.Value)) > MostAnnotations)
        {
            yield return FieldError.TooLong("metadata.annotations", MostAnnotations);
        }
    }

    private static IEnumerable<FieldError> OwnerErrors(Secret secret) =>
        from owner in secret.OwnerReferences
        from member in new[] { "apiVersion", "kind", "name", "uid" }
        where owner.Text(member).Length == 0
        select FieldError.Invalid(
            "metadata.ownerReferences." + member,
            "",
            member == "apiVersion" ? "version must not be empty" : member + " must not be empty");

    private static IEnumerable<FieldError> FinalizerErrors(Secret secret)
    {
        foreach ((int index, string finalizer) in secret.Finalizers.Index())
        {
            string field = $"metadata.finalizers[{SecretJson.Text(index)}]";
            foreach (string problem in Naming.QualifiedNameProblems(finalizer))
            {
                yield return FieldError.Invalid(field, finalizer, problem);
            }

            if (!finalizer.Contains('/', StringComparison.Ordinal) && finalizer is not ("orphan" or "foregroundDeletion" or "kubernetes"))
            {
                yield return FieldError.Invalid(
                    field,
                    finalizer,
                    "name is neither a standard finalizer name nor is it fully qualified");
            }
        }
    }

    private static IEnumerable<FieldError> ContentErrors(Secret secret)
    {
        foreach (string key in secret.Data.Keys)
        {
            foreach (string problem in Naming.DataKeyProblems(key))
            {
                yield return FieldError.Invalid($"data[{key}]", key, problem);
            }
        }

        if (secret.Data.Values.Sum(value => (long)value.Length) > MostData)
        {
            yield return FieldError.TooLong("data", MostData);
        }

        foreach (FieldError error in TypeErrors(secret))
        {
            yield return error;
        }
    }

    /// <summary>What a type asks for. The odd field names are the API server's.</summary>
    private static IEnumerable<FieldError> TypeErrors(Secret secret) => secret.Type switch
    {
        "kubernetes.io/service-account-token" when !secret.Annotations.ContainsKey("kubernetes.io/service-account.name") =>
            [FieldError.Required("metadata.annotations[kubernetes.io/service-account.name]")],
        "kubernetes.io/dockercfg" => JsonErrors(secret, ".dockercfg"),
        "kubernetes.io/dockerconfigjson" => JsonErrors(secret, ".dockerconfigjson"),
        "kubernetes.io/basic-auth" when !secret.Data.ContainsKey("username") && !secret.Data.ContainsKey("password") =>
            [FieldError.Required("data[%s][username]"), FieldError.Required("data[%s][password]")],
        "kubernetes.io/ssh-auth" when secret.Text("ssh-privatekey").Length == 0 => [FieldError.Required("data[%s][ssh-privatekey]")],
        "kubernetes.io/tls" => new[] { "tls.crt", "tls.key" }
            .Where(key => !secret.Data.ContainsKey(key))
            .Select(key => FieldError.Required($"data[{key}]")),
        _ => [],
    };

    private static IEnumerable<FieldError> JsonErrors(Secret secret, string key)
    {
        if (!secret.Data.TryGetValue(key, out var value))
        {
            yield return FieldError.Required($"data[{key}]");
        }
        else if (GoJsonSyntax.Error(value.AsSpan()) is string error)
        {
            yield return FieldError.Invalid($"data[{key}]", "<secret contents redacted>", error);
        }
    }

    private static bool SameData(Secret before, Secret after) =>
        before.Data.Count == after.Data.Count
        && before.Data.All(pair => after.Data.TryGetValue(pair.Key, out var value) && value.AsSpan().SequenceEqual(pair.Value.AsSpan()));

    private static void ThrowIfAny(Secret secret, List<FieldError> errors)
    {
        if (errors.Count > 0)
        {
            throw new StatusException(Status.Invalid("", "Secret", secret.Name, errors));
        }
    }
}
