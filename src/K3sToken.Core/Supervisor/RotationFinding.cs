using System;

namespace K3sToken.Supervisor;

/// <summary>What one server said of the two tokens of a rotation.</summary>
/// <param name="Server">Its URL.</param>
internal sealed record RotationFinding(string Server)
{
    /// <summary>What it said of the old token; null if it could not be asked.</summary>
    public ProbeResult? Old { get; init; }

    /// <summary>What it said of the new token; null if it could not be asked.</summary>
    public ProbeResult? New { get; init; }

    /// <summary>Why it could not be asked.</summary>
    public K3sTokenException? Failure { get; init; }

    /// <summary>Where the server stands, by itself.</summary>
    public TokenRotationServerState State => Failure is { IsStarting: true }
        ? TokenRotationServerState.Starting
        : RotationStates.OfServer(Old?.Verdict, New?.Verdict);

    /// <summary>True if the server must not be asked again, whoever answers there.</summary>
    public bool IsUntrusted => Failure?.Id is ErrorId.CAHashMismatch or ErrorId.ServerCertificateUntrusted;

    /// <summary>The server for people.</summary>
    /// <param name="state">Where it stands, in the light of the others.</param>
    public TokenRotationServer Describe(TokenRotationServerState state) => new(Server, state, state switch
    {
        TokenRotationServerState.OldAccepted or TokenRotationServerState.PendingRestart when New is { IsAccepted: true } =>
            "It accepts the old token and the new one. Several servers may answer at this address: name each by its own.",
        TokenRotationServerState.OldAccepted =>
            "It accepts the old token only. Either the token was not rotated, or the server has not been restarted since.",
        TokenRotationServerState.PendingRestart => "The new token was stored. Restart the server with it, unless another rotation followed: until then it accepts the old one only.",
        TokenRotationServerState.Rotated => "It accepts the new token only.",
        TokenRotationServerState.NeitherAccepted => "It accepts neither token. Look into its token file.",
        TokenRotationServerState.Starting => "It is starting and judges no token yet.",
        _ => Failure?.Message ?? (Old is { IsAccepted: false } ? Old : New)?.Detail ?? throw new InvalidOperationException("Nothing was asked."),
    });
}
