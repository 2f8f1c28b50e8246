namespace K3sToken;

/// <summary>Where a server stands in a rotation, as far as it can be told from outside.</summary>
public enum TokenRotationServerState
{
    /// <summary>It cannot be asked; the detail says why.</summary>
    Unreachable,

    /// <summary>It is starting and judges no token yet.</summary>
    Starting,

    /// <summary>It accepts the old token and not the new one: it was not rotated, or was and has not been restarted.</summary>
    OldAccepted,

    /// <summary>The same, and the new token is known to be stored: it waits for its restart.</summary>
    PendingRestart,

    /// <summary>It accepts the new token and refuses the old one.</summary>
    Rotated,

    /// <summary>It accepts neither.</summary>
    NeitherAccepted,
}

/// <summary>A server in a rotation.</summary>
/// <param name="Server">Its URL.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Detail">The same in a sentence, with what to do next.</param>
public sealed record TokenRotationServer(string Server, TokenRotationServerState State, string Detail)
{
    /// <summary>The server and where it stands.</summary>
    public override string ToString() => $"{Server} {State}";
}
