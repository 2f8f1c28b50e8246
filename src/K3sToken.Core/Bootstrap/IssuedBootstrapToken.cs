using System.Diagnostics.CodeAnalysis;

namespace K3sToken;

/// <summary>Where the CA hash of a new token comes from.</summary>
public enum CAHashSource
{
    /// <summary>Nowhere: the token is in its short form, and a node that joins with it trusts the first server it meets.</summary>
    None,

    /// <summary>The bundle that the server hands out at <c>/cacerts</c>, which also verified the connection to it.</summary>
    Server,

    /// <summary>The CA bundle of the kubeconfig.</summary>
    Kubeconfig,
}

/// <summary>A bootstrap token that was just created, with what a node needs to join. Its secret can be read later, too.</summary>
public sealed record IssuedBootstrapToken : BootstrapToken
{
    /// <summary>The token as it was read back, with its secret forms to be added.</summary>
    [SetsRequiredMembers]
    internal IssuedBootstrapToken(BootstrapToken token, object fullForm, object shortForm, CAHashSource source)
        : base(token)
    {
        Token = fullForm;
        ShortToken = shortForm;
        CAHashSource = source;
    }

    /// <summary>The most complete form known, <c>K10&lt;CA hash&gt;::id.secret</c>: a SecureString, or a string where plain text was asked for.</summary>
    public object Token { get; }

    /// <summary>The form without hash, <c>id.secret</c>: a SecureString, or a string where plain text was asked for.</summary>
    public object ShortToken { get; }

    /// <summary>Where the hash in <see cref="Token"/> comes from.</summary>
    public CAHashSource CAHashSource { get; }
}
