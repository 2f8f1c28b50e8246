namespace K3sToken;

/// <summary>The form of a join token.</summary>
public enum TokenFormat
{
    /// <summary>With the hash of the cluster's CA: whoever joins with it knows which server to trust.</summary>
    Secure,

    /// <summary>Without a hash: whoever joins with it trusts the first server that answers.</summary>
#pragma warning disable CA1720 // It is the word for it, and no number.
    Short,
#pragma warning restore CA1720
}
