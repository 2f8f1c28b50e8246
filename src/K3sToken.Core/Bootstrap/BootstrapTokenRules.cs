using System;
using System.Collections.Generic;

namespace K3sToken.Bootstrap;

/// <summary>What Kubernetes asks of a bootstrap token's Secret before it lets the token in.</summary>
internal static class BootstrapTokenRules
{
    public const string SecretType = "bootstrap.kubernetes.io/token";
    public const string SecretNamePrefix = "bootstrap-token-";
    public const string SecretNamespace = "kube-system";

    public const string IdKey = "token-id";
    public const string SecretKey = "token-secret";
    public const string DescriptionKey = "description";
    public const string ExpirationKey = "expiration";
    public const string GroupsKey = "auth-extra-groups";
    public const string UsageKeyPrefix = "usage-bootstrap-";

    public const string AuthenticationUsage = "authentication";
    public const string SigningUsage = "signing";
    public const string GroupPrefix = "system:bootstrappers:";

    /// <summary>The usages that Kubernetes knows, in the order that K3s lists them.</summary>
    public static readonly IReadOnlyList<string> Usages = [AuthenticationUsage, SigningUsage];

    /// <summary>What `k3s token create` gives a token where nothing else is said.</summary>
    public static readonly IReadOnlyList<string> DefaultGroups = ["system:bootstrappers:k3s:default-node-token"];

    public static string SecretName(string id) => SecretNamePrefix + id;

    /// <summary><c>\Asystem:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]\z</c></summary>
    public static bool IsGroup(string group)
    {
        int rest = group.Length - GroupPrefix.Length;
        if (rest is < 1 or > 256 || !group.StartsWith(GroupPrefix, StringComparison.Ordinal))
        {
            return false;
        }

        for (int i = GroupPrefix.Length; i < group.Length; i++)
        {
            if (!IsLetterOrDigit(group[i]) && (group[i] is not (':' or '-') || i == group.Length - 1))
            {
                return false;
            }
        }

        return true;
    }

    /// <exception cref="K3sTokenException">A group that Kubernetes refuses.</exception>
    public static void RequireGroups(IEnumerable<string> groups)
    {
        foreach (string group in groups)
        {
            if (!IsGroup(group))
            {
                throw new K3sTokenException(
                    ErrorId.InvalidGroup,
                    $"'{group}' is not a group that a bootstrap token can have: Kubernetes would refuse the whole token. "
                    + $"A group begins with '{GroupPrefix}', goes on with a-z, 0-9, ':' or '-' and ends with a letter or digit, "
                    + $"such as '{DefaultGroups[0]}'.");
            }
        }
    }

    /// <exception cref="K3sTokenException">No usage at all, or one that bootstrap tokens do not know.</exception>
    public static void RequireUsages(IReadOnlyList<string> usages)
    {
        if (usages.Count == 0)
        {
            throw new K3sTokenException(
                ErrorId.InvalidUsage,
                "A token without any usage is of no use. Name 'authentication' to let nodes join with it.");
        }

        foreach (string usage in usages)
        {
            if (usage is not (AuthenticationUsage or SigningUsage))
            {
                throw new K3sTokenException(
                    ErrorId.InvalidUsage,
                    $"'{usage}' is not a usage of a bootstrap token. The usages are 'authentication' and 'signing'.");
            }
        }
    }

    private static bool IsLetterOrDigit(char c) => c is (>= 'a' and <= 'z') or (>= '0' and <= '9');
}
