using System;
using System.Collections.Generic;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;

namespace K3sToken.Kubernetes;

/// <summary>Takes the credentials of a request out of what its server says: one that repeats them must not bring them to a log.</summary>
internal static class EchoedCredentials
{
    /// <summary>The text without them.</summary>
    /// <param name="text">What the server says.</param>
    /// <param name="response">The answer that it is from.</param>
    public static string Remove(string text, HttpResponseMessage response)
    {
        if (text.Length > 0 && response.RequestMessage?.Headers.Authorization is { Parameter: { Length: > 0 } parameter } header)
        {
            foreach (string form in Forms(header, parameter))
            {
                text = form.Length > 0 ? text.Replace(form, "(secret)") : text;
            }
        }

        return text;
    }

    private static IEnumerable<string> Forms(AuthenticationHeaderValue header, string parameter)
    {
        yield return parameter;
        bool isBasic = header.Scheme == "Basic";
        string plain = isBasic ? Encoding.UTF8.GetString(Convert.FromBase64String(parameter)) : parameter;

        // What comes after the user name, or after the id of a bootstrap token.
        yield return plain.Substring(plain.IndexOf(isBasic ? ':' : '.') + 1);
    }
}
