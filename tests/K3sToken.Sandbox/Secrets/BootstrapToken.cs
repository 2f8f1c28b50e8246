using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using K3sToken.Sandboxing.Http;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>What Kubernetes makes of a Secret that holds a bootstrap token.</summary>
internal static partial class BootstrapToken
{
    public const string SecretType = "bootstrap.kubernetes.io/token";
    public const string NamePrefix = "bootstrap-token-";

    /// <summary>When it expires: never if nothing is said, long ago if what is said cannot be read.</summary>
    public static DateTimeOffset Expires(Secret secret)
    {
        string expiration = secret.Text("expiration");
        return expiration.Length == 0 ? DateTimeOffset.MaxValue : GoTime.ParseRfc3339(expiration) ?? DateTimeOffset.MinValue;
    }

    /// <summary>Splits a token into its id and its secret; null where it is none.</summary>
    public static (string Id, string Secret)? Split(string token)
    {
        Match match = Grammar().Match(token);
        return match.Success ? (match.Groups[1].Value, match.Groups[2].Value) : null;
    }

    /// <summary>The groups that the token puts its bearer in; null where it authenticates nobody.</summary>
    public static IReadOnlyList<string>? Groups(Secret stored, string id, string secret, DateTimeOffset now)
    {
        bool usable = stored.Type == SecretType
            && stored.DeletionTimestamp is null
            && stored.Text("token-id") == id
            && stored.Data.TryGetValue("token-secret", out var value) && value.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(secret))
            && Expires(stored) >= now
            && stored.Text("usage-bootstrap-authentication") == "true";
        string extra = stored.Text("auth-extra-groups");
        string[] groups = extra.Length == 0 ? [] : extra.Split(',');
        if (!usable || !groups.All(group => Group().IsMatch(group)))
        {
            return null;
        }

        return [.. groups.Append("system:bootstrappers").Distinct().Order(StringComparer.Ordinal)];
    }

    [GeneratedRegex(@"\A([a-z0-9]{6})\.([a-z0-9]{16})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();

    [GeneratedRegex(@"\Asystem:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex Group();
}
