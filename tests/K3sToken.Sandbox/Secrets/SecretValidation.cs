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

    private static readonly Dictionary<string, string[]> _requiredKeys = new()
    {
        ["kubernetes.io/dockercfg"] = [".dockercfg"],
        ["kubernetes.io/dockerconfigjson"] = [".dockerconfigjson"],
        ["kubernetes.io/ssh-auth"] = ["ssh-privatekey"],
        ["kubernetes.io/tls"] = ["tls.crt", "tls.key"],
    };

    /// <exception cref="StatusException">422: a new Secret breaks rules.</exception>
    public static void CheckNew(Secret secret) => ThrowIfAny(secret, [.. MetadataErrors(secret), .. ContentErrors(secret)]);

    /// <exception cref="StatusException">422: the changed Secret breaks rules.</exception>
    public static void CheckChange(Secret before, Secret after)
    {
        // The API server looks at the metadata twice, and says so twice.
        List<FieldError> errors =
        [
            .. FixedMetadataErrors(before, after),
            .. FixedMetadataErrors(before, after),
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

        errors.AddRange(MetadataErrors(after));
        errors.AddRange(ContentErrors(after));
        ThrowIfAny(after, errors);
    }

    private static IEnumerable<FieldError> FixedMetadataErrors(Secret before, Secret after)
    {
        foreach (FieldError error in Fixed("metadata.uid", before.Uid, after.Uid))
        {
            yield return error;
        }

        if (Secret.Timestamp(before.Created) != Secret.Timestamp(after.Created))
        {
            yield return FieldError.Invalid("metadata.creationTimestamp", Secret.Timestamp(after.Created), "field is immutable");
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

        foreach (FieldError error in LabelErrors(secret).Concat(AnnotationErrors(secret)).Concat(FinalizerErrors(secret)))
        {
            yield return error;
        }
    }

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

    private static IEnumerable<FieldError> FinalizerErrors(Secret secret)
    {
        foreach (string finalizer in secret.Finalizers)
        {
            foreach (string problem in Naming.QualifiedNameProblems(finalizer))
            {
                yield return FieldError.Invalid("metadata.finalizers", finalizer, problem);
            }

            if (!finalizer.Contains('/', StringComparison.Ordinal) && finalizer is not ("orphan" or "foregroundDeletion" or "kubernetes"))
            {
                yield return FieldError.Invalid(
                    "metadata.finalizers",
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

        foreach (string key in _requiredKeys.GetValueOrDefault(secret.Type, []).Where(key => !secret.Data.ContainsKey(key)))
        {
            yield return FieldError.Required($"data[{key}]");
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
