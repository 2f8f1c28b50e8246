using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net.Http;
using System.Text;

namespace K3sToken.Kubernetes;

/// <summary>The headers by which a request is made in somebody else's name.</summary>
internal static class ImpersonationHeaders
{
    /// <summary>Adds them to a request.</summary>
    /// <exception cref="K3sTokenException">A name holds a control character, which no header may.</exception>
    public static void Add(HttpRequestMessage message, Impersonation actAs)
    {
        Add(message, "Impersonate-User", [actAs.UserName]);
        Add(message, "Impersonate-Uid", actAs.Uid is { } uid ? [uid] : []);
        Add(message, "Impersonate-Group", actAs.Groups);
        foreach (KeyValuePair<string, IReadOnlyList<string>> extra in actAs.Extra)
        {
            Add(message, "Impersonate-Extra-" + Escape(extra.Key), extra.Value);
        }
    }

    private static void Add(HttpRequestMessage message, string name, IReadOnlyList<string> values)
    {
        if (values.Any(value => value.Any(c => char.IsControl(c) || c == HeaderLines.Separator)))
        {
            throw new K3sTokenException(
                ErrorId.KubeconfigInvalid, "A name to act as (as, as-uid, as-groups, as-user-extra) holds a control character. Remove it.");
        }

        if (values.Count == 1)
        {
            message.Headers.TryAddWithoutValidation(name, values[0]);
        }
        else if (values.Count > 1)
        {
            HeaderLines.Add(message, name, values);
        }
    }

    // The server turns %XX back. Everything that a header's name may not hold is written so, and the percent sign itself.
    private static string Escape(string key)
    {
        StringBuilder escaped = new();
        foreach (byte b in Encoding.UTF8.GetBytes(key))
        {
            char c = (char)b;
            bool stays = c is (>= '0' and <= '9') or (>= 'A' and <= 'Z') or (>= 'a' and <= 'z')
                or '!' or '#' or '$' or '&' or '\'' or '*' or '+' or '-' or '.' or '^' or '_' or '`' or '|' or '~';
            escaped.Append(stays ? c.ToString() : "%" + b.ToString("X2", CultureInfo.InvariantCulture));
        }

        return escaped.ToString();
    }
}
