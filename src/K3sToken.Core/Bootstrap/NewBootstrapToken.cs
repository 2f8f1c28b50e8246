using System.Collections.Generic;
using K3sToken.Tokens;

namespace K3sToken.Bootstrap;

/// <summary>A token to be created.</summary>
internal sealed record NewBootstrapToken
{
    /// <summary>The id and secret to use; null to make them.</summary>
    public (string Id, Secret Secret)? Given { get; init; }

    public string Description { get; init; } = "";

    public IReadOnlyList<string> Groups { get; init; } = BootstrapTokenRules.DefaultGroups;

    public IReadOnlyList<string> Usages { get; init; } = BootstrapTokenRules.Usages;

    public Lifetime Lifetime { get; init; } = Lifetime.Default;

    /// <exception cref="K3sTokenException">A group or usage that would make a dead token.</exception>
    public void Check()
    {
        BootstrapTokenRules.RequireGroups(Groups);
        BootstrapTokenRules.RequireUsages(Usages);
    }
}
