using System.Collections.Generic;

namespace K3sToken.Bootstrap;

/// <summary>What is to change in a token. What is null stays as it is.</summary>
internal sealed record BootstrapTokenChange
{
    /// <summary>Empty takes the description away.</summary>
    public string? Description { get; init; }

    public IReadOnlyList<string>? Groups { get; init; }

    public IReadOnlyList<string>? Usages { get; init; }

    public Lifetime? Lifetime { get; init; }

    /// <exception cref="K3sTokenException">A group or usage that would make a dead token.</exception>
    public void Check()
    {
        BootstrapTokenRules.RequireGroups(Groups ?? []);
        BootstrapTokenRules.RequireUsages(Usages ?? BootstrapTokenRules.Usages);
    }
}
