namespace K3sToken;

/// <summary>One of the steps by which a node comes to trust a server before it shows its token.</summary>
/// <param name="Name">Download, Hash, Chain, HostName or Credentials.</param>
/// <param name="Succeeded">True if nothing in this step stands in the way; false if it failed or was not reached.</param>
/// <param name="Detail">What was found, in a sentence.</param>
public sealed record TlsBootstrapStep(string Name, bool Succeeded, string Detail)
{
    /// <summary>The step, and whether it succeeded.</summary>
    public override string ToString() => Succeeded ? Name : $"{Name} (not passed)";
}
