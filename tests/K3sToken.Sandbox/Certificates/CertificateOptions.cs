namespace K3sToken.Sandboxing.Certificates;

/// <summary>Who signs the server's certificate.</summary>
public enum AuthorityKind
{
    /// <summary>One self-signed CA, as K3s makes at its first start.</summary>
    SelfSigned,

    /// <summary>A CA signed by an intermediate that a root signed. All three are in the bundle: CA, intermediate, root.</summary>
    Custom,

    /// <summary>The same, the bundle without the root.</summary>
    CustomWithoutRoot,
}

/// <summary>What the certificates of a sandbox are like.</summary>
public sealed record CertificateOptions
{
    /// <summary>Who signs the server's certificate.</summary>
    public AuthorityKind Authority { get; init; }

    /// <summary>RSA keys everywhere, for clients that know nothing else. Otherwise EC P-256, as K3s has, below a custom root.</summary>
    public bool RsaOnly { get; init; }

    /// <summary>The server's certificate is for <c>elsewhere.example</c> and no other name or address.</summary>
    public bool WrongHostName { get; init; }

    /// <summary>The server's certificate has expired.</summary>
    public bool ServerCertificateExpired { get; init; }
}
