using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using K3sToken.Tokens;

namespace K3sToken.Supervisor;

/// <summary>Tries a join token on a server, as a node would that joins with it, and changes nothing.</summary>
internal static class TokenTest
{
    /// <summary>Takes all five steps, or as many as succeed.</summary>
    /// <param name="token">The token. K3s does not look at its user name: the role says which one is shown.</param>
    /// <param name="server">The server.</param>
    /// <param name="role">What the node is to be; null for any: first what the user name says, or server.</param>
    /// <param name="access">How to reach the server.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled. Nothing else is thrown.</exception>
    public static async Task<TokenTestResult> RunAsync(
        JoinTokenText token, Uri server, NodeRole? role, SupervisorAccess access, CancellationToken cancellation)
    {
        using VerifiedSupervisor supervisor = await TlsBootstrap.RunAsync(server, access, token.CAHash, cancellation).ConfigureAwait(false);
        TokenTestResult result = new()
        {
            Server = ApiErrors.Text(server),
            Kind = JoinToken.KindOf(token),
            Role = role,
            CAVerified = supervisor.CAVerified,
            Steps = [],
        };
        if (supervisor.Failure is { } failure)
        {
            bool isVerdict = failure.Id is ErrorId.CAHashMismatch or ErrorId.ServerCertificateUntrusted;
            return result with { Steps = supervisor.Steps.ToArray(), Reason = failure.Message, NoVerdict = isVerdict ? null : failure };
        }

        if (!supervisor.CAVerified)
        {
            access.Notices.Warn(
                $"The token has no CA hash, and this machine does not know the CA of {result.Server}: it was taken on trust, as K3s does. "
                    + "Use the token in its full form (K10<hash>::...), which proves that it is the right server.");
        }

        result = await ShowAsync(result, Candidates(token, role), supervisor.Client, cancellation).ConfigureAwait(false);
        if (result.Succeeded)
        {
            supervisor.Steps.Pass($"{result.Server} accepts the token.");
        }
        else
        {
            supervisor.Steps.Fail(result.Reason);
        }

        return result with { Steps = supervisor.Steps.ToArray() };
    }

    private static SupervisorCredential[] Candidates(JoinTokenText token, NodeRole? role)
    {
        if (token.Kind == JoinTokenKind.Bootstrap)
        {
            return role == NodeRole.Server ? [] : [SupervisorCredential.Bootstrap(token.Id, token.Secret)];
        }

        SupervisorCredential asServer = SupervisorCredential.Server(token.Secret);
        SupervisorCredential asAgent = SupervisorCredential.Agent(token.Secret);
        return role switch
        {
            NodeRole.Server => [asServer],
            NodeRole.Agent => [asAgent],
            _ => JoinToken.KindOf(token) == TokenKind.Agent ? [asAgent, asServer] : [asServer, asAgent],
        };
    }

    private static async Task<TokenTestResult> ShowAsync(
        TokenTestResult result, SupervisorCredential[] candidates, SupervisorClient client, CancellationToken cancellation)
    {
        if (candidates.Length == 0)
        {
            return result with { Reason = "A bootstrap token lets agents join, not servers: use the server token. It was not sent." };
        }

        List<ProbeResult> answers = [];
        foreach (SupervisorCredential candidate in candidates)
        {
            try
            {
                answers.Add(await CredentialProbe.AskAsync(client, candidate, cancellation).ConfigureAwait(false));
            }
            catch (K3sTokenException e)
            {
                return result with { Reason = e.Message, NoVerdict = e.Id == ErrorId.ServerCertificateUntrusted ? null : e };
            }

            if (answers[answers.Count - 1].IsAccepted)
            {
                NodeRole role = candidate.Kind == TokenKind.Server ? NodeRole.Server : NodeRole.Agent;
                return result with { Succeeded = true, Kind = candidate.Kind, Role = role };
            }
        }

        ProbeResult? unclear = answers.Find(answer => answer.Verdict != CredentialVerdict.Refused);
        return result with { Reason = (unclear ?? answers[0]).Detail, NoVerdict = unclear is null ? null : NoVerdict(unclear) };
    }

    private static K3sTokenException NoVerdict(ProbeResult answer) =>
        new(answer.Verdict == CredentialVerdict.TooOld ? ErrorId.ServerTooOld : ErrorId.ServerError, answer.Detail);
}
