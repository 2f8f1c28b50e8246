using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using K3sToken.Tokens;

namespace K3sToken.Kubernetes;

/// <summary>Reads a user of a kubeconfig. Of several credentials it hands on those that kubectl would use.</summary>
internal static class KubeconfigUser
{
    private static readonly string[] SecretKeys = ["token", "password", "client-key-data"];

    public static ClusterUser Read(KubeconfigEntry entry, KubeconfigCluster cluster)
    {
        if (entry.SectionOrNull("auth-provider") is not null)
        {
            throw entry.Invalid(
                "auth-provider was removed from Kubernetes. Ask the cluster's provider for a kubeconfig with an exec plugin in its place",
                "auth-provider");
        }

        byte[]? certificate = entry.DataOrFile("client-certificate");
        byte[]? key = certificate is null ? null : entry.DataOrFile("client-key");
        if (certificate is not null && key is null)
        {
            throw entry.Invalid("it has a client-certificate and no client-key. Add client-key or client-key-data", "client-certificate");
        }

        string? tokenFile = TokenFile(entry);
        Secret? token = tokenFile is null ? Token(entry) : null;
        string? basicUserName = entry.Text("username");
        string? basicPassword = entry.Text("password");
        bool hasToken = token is not null || tokenFile is not null;
        bool hasBasic = basicUserName is not null || basicPassword is not null;
        if (hasToken && hasBasic)
        {
            throw entry.Invalid("it has both a token and a user name with password. Remove one of them", "username");
        }

        ExecPlugin? exec = entry.SectionOrNull("exec") is { } section ? KubeconfigExec.Read(section, cluster) : null;
        return new ClusterUser
        {
            Name = entry.Name,
            ClientCertificate = certificate,
            ClientKey = key,
            Token = token,
            TokenFile = tokenFile,
            BasicUserName = hasBasic ? basicUserName ?? "" : null,
            BasicPassword = hasBasic ? new Secret((basicPassword ?? "").AsSpan()) : null,
            Exec = hasToken || hasBasic || certificate is not null ? null : exec,
            ActAs = ActAs(entry),
            Warnings = Warnings(entry),
        };
    }

    private static string[] Warnings(KubeconfigEntry entry)
    {
        bool isSecret = SecretKeys.Any(key => entry.Text(key) is not null) || entry.Value("exec") is not null;
        string?[] warnings =
        [
            isSecret ? ExposedFile.Warning("kubeconfig", entry.File) : null,
            entry.FilePath("tokenFile") is { } token ? ExposedFile.Warning("token file", token) : null,
            entry.FilePath("client-key") is { } key ? ExposedFile.Warning("client key", key) : null,
        ];
        return [.. warnings.OfType<string>()];
    }

    // A token file goes before a token, which stands in where the file is missing.
    private static string? TokenFile(KubeconfigEntry entry)
    {
        string? path = entry.FilePath("tokenFile");
        if (path is null || File.Exists(path))
        {
            return path;
        }

        return entry.Text("token") is not null ? null : throw entry.Invalid($"there is no tokenFile {path}", "tokenFile");
    }

    private static Secret? Token(KubeconfigEntry entry)
    {
        if (entry.Text("token") is not { } token)
        {
            return null;
        }

        return BearerToken.IsWellFormed(token.AsSpan())
            ? new Secret(token.AsSpan())
            : throw entry.Invalid("the token holds a space, a line break or another character that no token has", "token");
    }

    private static Impersonation? ActAs(KubeconfigEntry entry)
    {
        string? userName = entry.Text("as");
        string? uid = entry.Text("as-uid");
        IReadOnlyList<string> groups = entry.Texts("as-groups");
        Dictionary<string, IReadOnlyList<string>> extra = [];
        if (entry.SectionOrNull("as-user-extra") is { } section)
        {
            foreach (KeyValuePair<string, IReadOnlyList<string>> values in section.AllTexts)
            {
                extra.Add(values.Key, values.Value);
            }
        }

        if (userName is not null)
        {
            return new Impersonation(userName, uid, groups, extra);
        }

        return uid is null && groups.Count == 0 && extra.Count == 0
            ? null
            : throw entry.Invalid("as-uid, as-groups and as-user-extra need a user to act as. Add 'as'");
    }
}
