namespace K3sToken.Supervisor;

/// <summary>What a person is told where nobody knows how far a rotation has come.</summary>
internal static class RotationAdvice
{
    /// <summary>What to do before anything else.</summary>
    public const string BeforeRestart =
        "Keep both tokens and restart no server yet: its files and its datastore may have different tokens, and then it does not start "
            + "again. Rotate back first, on that server: k3s token rotate --token OLD --new-token OLD, with the old token in both places. "
            + "Once that succeeds the cluster has the old token again, and the rotation can be tried anew.";
}
