using System;
using System.Collections.Generic;
using System.Text;
using K3sToken.Kubernetes;
using K3sToken.Tokens;

namespace K3sToken.Bootstrap;

/// <summary>Turns a Secret into a bootstrap token. What is wrong with the Secret becomes a problem of the token, never an exception.</summary>
internal static class BootstrapTokenReader
{
    private static readonly byte[] True = Encoding.ASCII.GetBytes("true");

    public static BootstrapToken Read(SecretResource secret, ClusterContext context, DateTime utcNow)
    {
        List<string> problems = [];
        Expiration expiration = ReadExpiration(secret, utcNow, problems);
        string[] usages = ReadUsages(secret, problems);
        string[] groups = ReadGroups(secret, problems);
        CheckIdentity(secret, problems);

        return new BootstrapToken
        {
            Id = ConsoleText.Of(IdOf(secret.Name)),
            Description = Text(secret, BootstrapTokenRules.DescriptionKey),
            Expires = expiration.At?.ToLocalTime(),
            TimeToLive = expiration.Left,
            Expired = expiration.Expired,
            NeverExpires = expiration.Never,
            Usages = usages,
            Groups = groups,
            CanAuthenticate = problems.Count == 0,
            Problems = [.. problems],
            Created = secret.Created.ToLocalTime(),
            SecretName = ConsoleText.Of(secret.Name),
            Context = context.Name,
            Server = context.ServerText,
            Kubeconfig = context.Kubeconfig,
        };
    }

    /// <summary>The token's secret half, or null where the Secret has none that a token could match.</summary>
    public static Secret? ReadSecret(SecretResource secret)
    {
        byte[]? bytes = secret[BootstrapTokenRules.SecretKey];
        if (bytes is null)
        {
            return null;
        }

        char[] text = Encoding.UTF8.GetChars(bytes);
        Secret? found = BootstrapTokenText.IsSecret(text) ? new Secret(text) : null;
        Array.Clear(text, 0, text.Length);
        return found;
    }

    /// <summary>The token that a node would join with; null where the Secret makes none.</summary>
    public static JoinTokenText? ReadToken(SecretResource secret, string caHash)
    {
        string id = Encoding.UTF8.GetString(secret[BootstrapTokenRules.IdKey] ?? []);
        return BootstrapTokenText.IsId(id.AsSpan()) && ReadSecret(secret) is Secret secretHalf
            ? JoinTokenText.ForBootstrap(caHash, id, secretHalf)
            : null;
    }

    public static bool HoldsSecret(SecretResource resource, Secret secret)
    {
        using Secret? held = ReadSecret(resource);
        return held is not null && held.Reveal().SequenceEqual(secret.Reveal());
    }

    /// <summary>
    /// The id by which a listed token is named again. It comes from the Secret's name and not from its token-id: where the two differ, the
    /// token-id may be that of another token, which must not be hit by a change or removal meant for this one.
    /// </summary>
    public static string IdOf(string secretName) =>
        secretName.StartsWith(BootstrapTokenRules.SecretNamePrefix, StringComparison.Ordinal)
            ? secretName.Substring(BootstrapTokenRules.SecretNamePrefix.Length)
            : secretName;

    private static Expiration ReadExpiration(SecretResource secret, DateTime utcNow, List<string> problems)
    {
        byte[]? bytes = secret[BootstrapTokenRules.ExpirationKey];
        if (bytes is null || bytes.Length == 0)
        {
            return new Expiration(null, null, Expired: false, Never: true);
        }

        if (!GoTime.TryParseRfc3339(bytes, out DateTime expires))
        {
            problems.Add(BootstrapTokenProblem.ExpirationInvalid);
            return new Expiration(null, null, Expired: true, Never: false);
        }

        TimeSpan left = expires - utcNow;
        if (left > TimeSpan.Zero)
        {
            return new Expiration(expires, left, Expired: false, Never: false);
        }

        problems.Add(BootstrapTokenProblem.Expired);
        return new Expiration(expires, TimeSpan.Zero, Expired: true, Never: false);
    }

    private static string[] ReadUsages(SecretResource secret, List<string> problems)
    {
        List<string> usages = [];
        foreach (KeyValuePair<string, byte[]> entry in secret.Data)
        {
            if (entry.Key.StartsWith(BootstrapTokenRules.UsageKeyPrefix, StringComparison.Ordinal) && entry.Value.AsSpan().SequenceEqual(True))
            {
                usages.Add(ConsoleText.Of(entry.Key.Substring(BootstrapTokenRules.UsageKeyPrefix.Length)));
            }
        }

        usages.Sort(StringComparer.Ordinal);
        if (!usages.Contains(BootstrapTokenRules.AuthenticationUsage))
        {
            problems.Add(BootstrapTokenProblem.NoAuthenticationUsage);
        }

        return [.. usages];
    }

    private static string[] ReadGroups(SecretResource secret, List<string> problems)
    {
        byte[]? bytes = secret[BootstrapTokenRules.GroupsKey];
        if (bytes is null || bytes.Length == 0)
        {
            return [];
        }

        string[] groups = ConsoleText.Of(Encoding.UTF8.GetString(bytes)).Split(',');
        if (!Array.TrueForAll(groups, BootstrapTokenRules.IsGroup))
        {
            problems.Add(BootstrapTokenProblem.GroupInvalid);
        }

        return groups;
    }

    private static void CheckIdentity(SecretResource secret, List<string> problems)
    {
        byte[]? id = secret[BootstrapTokenRules.IdKey];
        if (id is null || id.Length == 0)
        {
            problems.Add(BootstrapTokenProblem.IdMissing);
        }
        else if (secret.Name != BootstrapTokenRules.SecretName(Encoding.UTF8.GetString(id)) || !BootstrapTokenText.IsId(Encoding.UTF8.GetChars(id)))
        {
            problems.Add(BootstrapTokenProblem.NameMismatch);
        }

        byte[]? secretHalf = secret[BootstrapTokenRules.SecretKey];
        if (secretHalf is null || secretHalf.Length == 0)
        {
            problems.Add(BootstrapTokenProblem.SecretMissing);
        }
        else if (ReadSecret(secret) is not { } readable)
        {
            problems.Add(BootstrapTokenProblem.SecretMalformed);
        }
        else
        {
            readable.Dispose();
        }

        if (secret.BeingDeleted)
        {
            problems.Add(BootstrapTokenProblem.BeingDeleted);
        }
    }

    private static string Text(SecretResource secret, string key) =>
        secret[key] is byte[] bytes ? ConsoleText.Of(Encoding.UTF8.GetString(bytes)) : "";

    private readonly record struct Expiration(DateTime? At, TimeSpan? Left, bool Expired, bool Never);
}
