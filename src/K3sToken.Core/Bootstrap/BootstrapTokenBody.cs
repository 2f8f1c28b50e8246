using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using K3sToken.Kubernetes;
using K3sToken.Tokens;

namespace K3sToken.Bootstrap;

/// <summary>The JSON that creates and changes a bootstrap token's Secret. It may hold the secret: whoever sends it disposes it.</summary>
internal static class BootstrapTokenBody
{
    public static SecretBuffer Create(NewBootstrapToken token, string id, Secret secret, DateTime? expiresUtc) =>
        SecretBuffer.OfJson(json =>
        {
            json.WriteString("apiVersion", "v1");
            json.WriteString("kind", "Secret");
            json.WriteStartObject("metadata");
            json.WriteString("name", BootstrapTokenRules.SecretName(id));
            json.WriteEndObject();
            json.WriteString("type", BootstrapTokenRules.SecretType);
            json.WriteStartObject("data");
            WriteText(json, BootstrapTokenRules.IdKey, id);
            WriteSecret(json, BootstrapTokenRules.SecretKey, secret);
            if (token.Description.Length > 0)
            {
                WriteText(json, BootstrapTokenRules.DescriptionKey, token.Description);
            }

            if (expiresUtc is DateTime expires)
            {
                WriteText(json, BootstrapTokenRules.ExpirationKey, Expiration(expires));
            }

            if (token.Groups.Count > 0)
            {
                WriteText(json, BootstrapTokenRules.GroupsKey, string.Join(",", token.Groups));
            }

            foreach (string usage in token.Usages)
            {
                WriteText(json, BootstrapTokenRules.UsageKeyPrefix + usage, "true");
            }

            json.WriteEndObject();
        });

    /// <summary>A merge patch of what the change names, good only for the Secret as it was read.</summary>
    public static SecretBuffer Patch(SecretResource current, BootstrapTokenChange change, DateTime? expiresUtc) =>
        SecretBuffer.OfJson(json =>
        {
            json.WriteStartObject("metadata");
            json.WriteString("resourceVersion", current.ResourceVersion);
            json.WriteEndObject();
            json.WriteStartObject("data");
            if (change.Description is not null)
            {
                WriteTextOrNull(json, BootstrapTokenRules.DescriptionKey, change.Description);
            }

            if (change.Lifetime is not null)
            {
                WriteTextOrNull(json, BootstrapTokenRules.ExpirationKey, expiresUtc is DateTime expires ? Expiration(expires) : "");
            }

            if (change.Groups is not null)
            {
                WriteTextOrNull(json, BootstrapTokenRules.GroupsKey, string.Join(",", change.Groups));
            }

            if (change.Usages is not null)
            {
                WriteUsages(json, current, change.Usages);
            }

            json.WriteEndObject();
        });

    /// <summary>RFC 3339 in UTC, whole seconds cut off as `k3s token create` does.</summary>
    private static string Expiration(DateTime utc) => utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static void WriteUsages(Utf8JsonWriter json, SecretResource current, IReadOnlyCollection<string> usages)
    {
        foreach (string usage in usages)
        {
            WriteText(json, BootstrapTokenRules.UsageKeyPrefix + usage, "true");
        }

        foreach (KeyValuePair<string, byte[]> entry in current.Data)
        {
            if (entry.Key.StartsWith(BootstrapTokenRules.UsageKeyPrefix, StringComparison.Ordinal)
                && !usages.Contains(entry.Key.Substring(BootstrapTokenRules.UsageKeyPrefix.Length)))
            {
                json.WriteNull(entry.Key);
            }
        }
    }

    private static void WriteText(Utf8JsonWriter json, string key, string text) => json.WriteBase64String(key, Encoding.UTF8.GetBytes(text));

    private static void WriteTextOrNull(Utf8JsonWriter json, string key, string text)
    {
        if (text.Length == 0)
        {
            json.WriteNull(key);
        }
        else
        {
            WriteText(json, key, text);
        }
    }

    private static void WriteSecret(Utf8JsonWriter json, string key, Secret secret)
    {
        ReadOnlySpan<char> text = secret.Reveal();
        byte[] bytes = new byte[text.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)text[i];
        }

        json.WriteBase64String(key, bytes);
        Array.Clear(bytes, 0, bytes.Length);
    }
}
