using System;

namespace K3sToken.Tokens.Certificates;

/// <summary>Domain names in certificates: what Go takes for one, and when one lies below another.</summary>
internal static class DomainName
{
    /// <summary>No label is empty and all characters are visible. The empty text is a name.</summary>
    public static bool IsValid(string name)
    {
        if (name.Length == 0)
        {
            return true;
        }

        foreach (string label in name.Split('.'))
        {
            if (label.Length == 0)
            {
                return false;
            }

            foreach (char c in label)
            {
                if (c is < (char)33 or > (char)126)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>As <see cref="IsValid"/>; a constraint may begin with a dot, which excepts the name itself.</summary>
    public static bool IsValidConstraint(string constraint) =>
        constraint.Length > 0 && constraint[0] == '.' ? constraint.Length > 1 && IsValid(constraint.Substring(1)) : IsValid(constraint);

    /// <summary>Whether the name lies in the tree of the constraint. The empty constraint is the tree of all names.</summary>
    public static bool IsWithin(string name, string constraint) =>
        constraint.Length == 0
        || (name.EndsWith(constraint, StringComparison.OrdinalIgnoreCase)
            && (constraint[0] == '.' || name.Length == constraint.Length || name[name.Length - constraint.Length - 1] == '.'));

    /// <summary>Whether a wildcard name such as *.example.com stands for a name that is excluded, such as foo.example.com.</summary>
    public static bool WildcardTouches(string name, string excluded) =>
        name.Length > 0 && name[0] == '*'
        && WithoutFirstLabel(excluded) is { Length: > 0 } parent
        && WithoutFirstLabel(name).Equals(parent, StringComparison.OrdinalIgnoreCase);

    private static string WithoutFirstLabel(string name) => name.IndexOf('.') is >= 0 and var dot ? name.Substring(dot) : string.Empty;
}
