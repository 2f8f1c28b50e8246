using System.Collections.Generic;

namespace K3sToken.Sandboxing.Http;

/// <summary>Paths as Go cleans them.</summary>
internal static class GoPath
{
    /// <summary>A rooted path without empty parts, <c>.</c> and <c>..</c>, and without a slash at its end.</summary>
    public static string Clean(string path)
    {
        List<string> parts = [];
        foreach (string part in path.Split('/'))
        {
            if (part == ".." && parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or "." or ".."))
            {
                parts.Add(part);
            }
        }

        return "/" + string.Join('/', parts);
    }

    /// <summary>The path to which Go's router sends a request on: clean, a slash at the end kept.</summary>
    public static string CleanForRouting(string path)
    {
        string clean = Clean(path);
        return path.EndsWith('/') && clean != "/" ? clean + "/" : clean;
    }
}
