using System.Collections.Generic;
using K3sToken.Tokens;

namespace K3sToken.Bootstrap;

/// <summary>A token to be created.</summary>
public sealed record NewBootstrapToken
{
    /// <summary>The id and secret to use; null to make them.</summary>
    public (string Id, Secret Secret)? Given { get; init; }

    /// <summary>What people are to know about it.</summary>
    public string Description { get; init; } = "";

    /// <summary>The groups of its bearer, besides <c>system:bootstrappers</c>.</summary>
    public IReadOnlyList<string> Groups { get; init; } = BootstrapTokenRules.DefaultGroups;

    /// <summary>What it may be used for.</summary>
    public IReadOnlyList<string> Usages { get; init; } = BootstrapTokenRules.Usages;

    /// <summary>How long it lives.</summary>
    public Lifetime Lifetime { get; init; } = Lifetime.Default;

    /// <summary>Checks what can be checked without the cluster.</summary>
    /// <exception cref="K3sTokenException">A group or usage that would make a dead token.</exception>
    public void Check()
    {
        BootstrapTokenRules.RequireGroups(Groups);
        BootstrapTokenRules.RequireUsages(Usages);
    }
}
