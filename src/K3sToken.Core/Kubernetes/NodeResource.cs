using System.Collections.Generic;

namespace K3sToken.Kubernetes;

/// <summary>A Node of the cluster.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsControlPlane">True for a server of the cluster.</param>
/// <param name="Addresses">Its host names and IP addresses.</param>
public sealed record NodeResource(string Name, bool IsControlPlane, IReadOnlyList<string> Addresses);
