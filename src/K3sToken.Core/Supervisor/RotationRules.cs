using System;
using System.Collections.Generic;
using System.Linq;

namespace K3sToken.Supervisor;

/// <summary>What must hold on the servers before the token is changed.</summary>
internal static class RotationRules
{
    private const string Nothing = "Nothing was changed.";

    /// <summary>Looks at what every server said.</summary>
    /// <param name="findings">In the order of the servers; the first is to get the change.</param>
    /// <param name="force">Go on without servers that cannot be asked, but for the first.</param>
    /// <returns>What to warn of: the servers that nobody could ask.</returns>
    /// <exception cref="K3sTokenException">The change must not be sent.</exception>
    public static string[] Check(IReadOnlyList<RotationFinding> findings, bool force) =>
        [.. findings.Where((finding, i) => !CanBeChanged(finding, force && i > 0)).Select(finding =>
            $"{finding.Server} could not be asked before the change; it must be restarted with the new token like the others. "
                + $"{finding.Describe(finding.State).Detail}")];

    private static bool CanBeChanged(RotationFinding finding, bool mayBeLeftOut)
    {
        string server = finding.Server;
        if (finding.IsUntrusted)
        {
            throw Failed(finding.Failure!.Id, server, finding.Failure.Message, finding.Failure);
        }

        if (finding is { Old.Verdict: CredentialVerdict.TooOld } or { New.Verdict: CredentialVerdict.TooOld })
        {
            throw Failed(
                ErrorId.ServerTooOld,
                server,
                $"{server} is too old to rotate its token, or no K3s server. {Nothing} Rotation came with K3s v1.28.2, v1.27.7, v1.26.10 and "
                    + "v1.25.15.");
        }

        if (finding is { New.IsAccepted: true })
        {
            throw Failed(
                ErrorId.RotationRejected,
                server,
                $"{server} accepts the new token already. {Nothing} If a rotation to this value is under way, Get-K3sTokenRotation says how far "
                    + "it has come; otherwise choose another value.");
        }

        if (finding is { Old.Verdict: CredentialVerdict.Refused })
        {
            throw Failed(
                ErrorId.AuthenticationFailed,
                server,
                $"{server} does not accept the current token. {Nothing} Take the token from that server's file "
                    + "(/var/lib/rancher/k3s/server/token); an agent token cannot rotate. If the servers have different tokens, an earlier "
                    + "rotation has not finished: restart each with the same token first. A token that is new since the last rotation counts only "
                    + "after the restart.");
        }

        if (finding.State == TokenRotationServerState.OldAccepted)
        {
            return true;
        }

        return mayBeLeftOut ? false : throw CannotBeAsked(finding);
    }

    private static K3sTokenException CannotBeAsked(RotationFinding finding)
    {
        string where = finding.Failure is { IsStarting: false } ? "" : $"{finding.Server}: ";
        string message = $"{where}{finding.Describe(finding.State).Detail} {Nothing} All servers of a cluster should be up when its token is "
            + "rotated; -Force goes on without those that are not, but never without the first.";
        return finding.Failure is { } failure
            ? Failed(failure.Id, finding.Server, message, failure)
            : Failed(ErrorId.RotationRejected, finding.Server, message);
    }

    private static K3sTokenException Failed(ErrorId id, string server, string message, Exception? cause = null) =>
        new(id, message, cause) { Server = server };
}
