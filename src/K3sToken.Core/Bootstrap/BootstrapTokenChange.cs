using System.Collections.Generic;

namespace K3sToken.Bootstrap;

/// <summary>What is to change in a token. What is null stays as it is.</summary>
public sealed record BootstrapTokenChange
{
    /// <summary>Empty takes the description away.</summary>
    public string? Description { get; init; }

    /// <summary>The groups in place of the old ones; an empty list takes all away.</summary>
    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>The usages in place of the old ones.</summary>
    public IReadOnlyList<string>? Usages { get; init; }

    /// <summary>How long it lives, from now on.</summary>
    public Lifetime? Lifetime { get; init; }

    /// <summary>Checks what can be checked without the cluster.</summary>
    /// <exception cref="K3sTokenException">A group or usage that would make a dead token.</exception>
    public void Check()
    {
        BootstrapTokenRules.RequireGroups(Groups ?? []);
        BootstrapTokenRules.RequireUsages(Usages ?? BootstrapTokenRules.Usages);
    }
}
