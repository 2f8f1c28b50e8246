using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace K3sToken.PowerShell;

/// <summary>Ids and wildcards that a listing is narrowed down to.</summary>
internal sealed class IdFilter(string[] ids)
{
    private readonly WildcardPattern[] _patterns =
        [.. ids.Where(WildcardPattern.ContainsWildcardCharacters).Select(id => WildcardPattern.Get(id, WildcardOptions.IgnoreCase))];

    private readonly HashSet<string> _ids = [.. ids.Where(id => !WildcardPattern.ContainsWildcardCharacters(id))];
    private readonly HashSet<string> _seen = [];

    /// <summary>The ids, without wildcards, that were not among what was matched.</summary>
    public IEnumerable<string> IdsNotSeen => _ids.Except(_seen);

    /// <summary>True for a wildcard whose brackets are complete.</summary>
    public static bool IsPattern(string text)
    {
        try
        {
            // PowerShell reads a wildcard when it is first used.
            WildcardPattern.Get(text, WildcardOptions.IgnoreCase).IsMatch("");
            return WildcardPattern.ContainsWildcardCharacters(text);
        }
        catch (WildcardPatternException)
        {
            return false;
        }
    }

    public bool Matches(string id)
    {
        if (_ids.Contains(id))
        {
            _seen.Add(id);
            return true;
        }

        return Array.Exists(_patterns, pattern => pattern.IsMatch(id));
    }
}
