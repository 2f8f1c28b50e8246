using System.Collections.Generic;
using System.Linq;

namespace K3sToken.Sandboxing.Authentication;

/// <summary>Who makes a request.</summary>
internal sealed record Caller(string User, IReadOnlyList<string> Groups)
{
    public const string Masters = "system:masters";

    private const string Authenticated = "system:authenticated";

    /// <summary>The certificate that proved it, as Kubernetes names credentials; null for others.</summary>
    public string? CredentialId { get; init; }

    public bool IsMaster => Groups.Contains(Masters);

    public Caller WithAuthenticatedGroup() => Groups.Contains(Authenticated) ? this : this with { Groups = [.. Groups, Authenticated] };
}
