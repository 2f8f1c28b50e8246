namespace K3sToken;

/// <summary>What a node joins a cluster as.</summary>
public enum NodeRole
{
    /// <summary>A worker.</summary>
    Agent,

    /// <summary>Part of the control plane.</summary>
    Server,
}
