namespace K3sToken;

/// <summary>How far a rotation has come. It is never firmer than what is known.</summary>
public enum TokenRotationState
{
    /// <summary>The servers may have taken the new token or not.</summary>
    Unknown,

    /// <summary>The change was refused, and nothing has changed.</summary>
    Rejected,

    /// <summary>The new token is stored. Servers go on accepting only the old one until each is restarted with the new one.</summary>
    PendingRestart,

    /// <summary>Some servers accept the new token only, others still the old one only.</summary>
    Split,

    /// <summary>Every server accepts the new token and refuses the old one.</summary>
    Rotated,
}

/// <summary>A change of the server token that was sent to a cluster. Tokens are SecureStrings, or strings where plain text was asked for.</summary>
public sealed record TokenRotation
{
    internal TokenRotation()
    {
    }

    /// <summary>The URLs of all servers that were named; the first got the change.</summary>
    public required string[] Server { get; init; }

    /// <summary>The old token, <c>K10&lt;CA hash&gt;::server:password</c>. Keep it: a snapshot is restored with the token of its time.</summary>
    public required object Token { get; init; }

    /// <summary>The new token in the same form.</summary>
    public required object NewToken { get; init; }

    /// <summary>The new token's password alone.</summary>
    public required object NewShortToken { get; init; }

    /// <summary>How far the rotation has come.</summary>
    public required TokenRotationState State { get; init; }

    /// <summary>Where each server stands.</summary>
    public required TokenRotationServer[] Servers { get; init; }

    /// <summary>The nodes to restart with the new token; null where that is not known.</summary>
    public required string[]? RestartNodes { get; init; }

    /// <summary>The 12 hex digits by which snapshots name the old token.</summary>
    public required string OldTokenHash { get; init; }

    /// <summary>The 12 hex digits by which snapshots name the new token.</summary>
    public required string NewTokenHash { get; init; }

    /// <summary>What the person must know besides.</summary>
    public required string[] Warnings { get; init; }

    /// <summary>How far it has come, without any secret.</summary>
    public override string ToString() => $"{State}: {string.Join(", ", (object[])Servers)}";
}
