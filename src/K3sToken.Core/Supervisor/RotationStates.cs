using System.Collections.Generic;
using System.Linq;

namespace K3sToken.Supervisor;

/// <summary>What became of the request to rotate.</summary>
internal enum RotationAnswer
{
    /// <summary>No answer, or one that does not say what became of the change.</summary>
    Uncertain,

    /// <summary>The change is stored.</summary>
    Done,

    /// <summary>The server did not take the request; nothing has changed.</summary>
    Refused,

    /// <summary>The server does not know the request; nothing has changed.</summary>
    TooOld,
}

/// <summary>What probes and the answer to the change prove together. Never more than that.</summary>
internal static class RotationStates
{
    /// <summary>Where one server stands.</summary>
    /// <param name="old">What it said of the old token; null if it could not be asked.</param>
    /// <param name="new">The same of the new one.</param>
    public static TokenRotationServerState OfServer(CredentialVerdict? old, CredentialVerdict? @new) => (old, @new) switch
    {
        (CredentialVerdict.Starting, _) or (_, CredentialVerdict.Starting) => TokenRotationServerState.Starting,
        (CredentialVerdict.AcceptedAsServer, CredentialVerdict.Refused or CredentialVerdict.AcceptedAsServer) =>
            TokenRotationServerState.OldAccepted,
        (CredentialVerdict.Refused, CredentialVerdict.AcceptedAsServer) => TokenRotationServerState.Rotated,
        (CredentialVerdict.Refused, CredentialVerdict.Refused) => TokenRotationServerState.NeitherAccepted,
        _ => TokenRotationServerState.Unreachable,
    };

    /// <summary>Where each server stands, in the light of the others and of the answer to the change.</summary>
    /// <param name="states">Each by itself.</param>
    /// <param name="isStored">True if the new token is known to be stored.</param>
    public static TokenRotationServerState[] Together(IReadOnlyList<TokenRotationServerState> states, bool isStored)
    {
        bool known = isStored || states.Contains(TokenRotationServerState.Rotated);
        return [.. states.Select(state =>
            known && state == TokenRotationServerState.OldAccepted ? TokenRotationServerState.PendingRestart : state)];
    }

    /// <summary>How far the rotation of the cluster has come.</summary>
    /// <param name="answer">What became of the request.</param>
    /// <param name="states">Where the servers stand.</param>
    /// <param name="allNamed">False if the cluster is known to have servers besides these.</param>
    public static TokenRotationState OfCluster(RotationAnswer answer, IReadOnlyList<TokenRotationServerState> states, bool allNamed)
    {
        if (states.All(state => state == TokenRotationServerState.Rotated))
        {
            return allNamed ? TokenRotationState.Rotated : TokenRotationState.PendingRestart;
        }

        if (states.Contains(TokenRotationServerState.Rotated) && states.Any(AcceptsOld))
        {
            return TokenRotationState.Split;
        }

        return answer switch
        {
            RotationAnswer.Done when !states.Contains(TokenRotationServerState.NeitherAccepted) => TokenRotationState.PendingRestart,
            RotationAnswer.Refused or RotationAnswer.TooOld when !states.Any(AcceptsNoOld) => TokenRotationState.Rejected,
            _ => TokenRotationState.Unknown,
        };
    }

    private static bool AcceptsOld(TokenRotationServerState state) =>
        state is TokenRotationServerState.OldAccepted or TokenRotationServerState.PendingRestart;

    private static bool AcceptsNoOld(TokenRotationServerState state) =>
        state is TokenRotationServerState.Rotated or TokenRotationServerState.NeitherAccepted;
}
