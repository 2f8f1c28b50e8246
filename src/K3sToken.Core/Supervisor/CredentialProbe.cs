using System.Net;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;

namespace K3sToken.Supervisor;

/// <summary>What an answer proves about credentials.</summary>
internal enum CredentialVerdict
{
    /// <summary>The server accepts them as its server token.</summary>
    AcceptedAsServer,

    /// <summary>The server accepts them as its agent token.</summary>
    AcceptedAsAgent,

    /// <summary>The server accepts them as a bootstrap token.</summary>
    AcceptedAsBootstrap,

    /// <summary>The server does not accept them.</summary>
    Refused,

    /// <summary>Nothing: the server is starting and judges no credentials yet.</summary>
    Starting,

    /// <summary>Nothing: the server's version cannot be asked this.</summary>
    TooOld,

    /// <summary>Nothing: the answer is not one that a K3s server gives here.</summary>
    Unknown,
}

/// <summary>What a supervisor says of credentials.</summary>
/// <param name="Verdict">What is proven.</param>
/// <param name="Status">The HTTP status that proves it.</param>
/// <param name="Detail">The same for a person to read, with the server.</param>
internal sealed record ProbeResult(CredentialVerdict Verdict, HttpStatusCode Status, string Detail)
{
    /// <summary>True for the three verdicts of acceptance.</summary>
    public bool IsAccepted =>
        Verdict is CredentialVerdict.AcceptedAsServer or CredentialVerdict.AcceptedAsAgent or CredentialVerdict.AcceptedAsBootstrap;
}

/// <summary>
/// Asks a supervisor whether it accepts credentials, by requests that change nothing. A server token: the method GET is refused (405; 400
/// before mid-2024) on the path of rotation, to nobody else. Agent and bootstrap tokens: the path of readiness answers 200, or 503 because
/// the server's core is not up, which it only says after it has judged the credentials. Whether a server was rotated and waits for its
/// restart shows in no probe: it goes on accepting the old token only.
/// </summary>
internal static class CredentialProbe
{
    /// <summary>Asks. 429 is waited out within the client's time limit.</summary>
    /// <param name="client">The client of a <see cref="VerifiedSupervisor"/>.</param>
    /// <param name="credential">What to show.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.ClusterUnreachable"/>, <see cref="ErrorId.OperationTimedOut"/>, or
    /// <see cref="ErrorId.ServerCertificateUntrusted"/> where the server has another certificate by now; it got no credentials then.</exception>
    /// <exception cref="System.OperationCanceledException">The caller cancelled.</exception>
    public static async Task<ProbeResult> AskAsync(
        SupervisorClient client, SupervisorCredential credential, CancellationToken cancellation)
    {
        string path = credential.Kind == TokenKind.Server
            ? SupervisorAddress.TokenPath(client.Server)
            : SupervisorAddress.ReadyPath(client.Server);
        SupervisorAnswer answer = await client.GetAsync(path, credential.ToHeader(), cancellation).ConfigureAwait(false);
        CredentialVerdict verdict = Judge(answer, credential.Kind);
        return new ProbeResult(verdict, answer.Code, Explain(verdict, answer, ApiErrors.Text(client.Server), path));
    }

    /// <summary>What an answer proves about credentials of this kind.</summary>
    internal static CredentialVerdict Judge(SupervisorAnswer answer, TokenKind kind) => (int)answer.Code switch
    {
        _ when answer.IsWebPage => CredentialVerdict.Unknown,
        503 when kind != TokenKind.Server && answer.IsCoreNotReady => AcceptedAs(kind),
        503 => CredentialVerdict.Starting,
        _ when answer.IsFromApiServer => CredentialVerdict.TooOld,
        401 => CredentialVerdict.Refused,
        400 or 405 when kind == TokenKind.Server => CredentialVerdict.AcceptedAsServer,
        200 when kind != TokenKind.Server => AcceptedAs(kind),

        // Without bootstrap tokens a supervisor takes a bearer token for no credentials at all.
        403 when kind == TokenKind.Bootstrap => CredentialVerdict.TooOld,
        _ => CredentialVerdict.Unknown,
    };

    private static CredentialVerdict AcceptedAs(TokenKind kind) =>
        kind == TokenKind.Bootstrap ? CredentialVerdict.AcceptedAsBootstrap : CredentialVerdict.AcceptedAsAgent;

    private static string Explain(CredentialVerdict verdict, SupervisorAnswer answer, string server, string path) => verdict switch
    {
        CredentialVerdict.AcceptedAsServer => $"{server} accepts it as its server token.",
        CredentialVerdict.AcceptedAsAgent => $"{server} accepts it as its agent token.",
        CredentialVerdict.AcceptedAsBootstrap => $"{server} accepts it as a bootstrap token.",
        CredentialVerdict.Refused =>
            $"{server} does not accept it ({(int)answer.Code}). It is another cluster's, was rotated or removed, or has expired.",
        CredentialVerdict.Starting => $"{server} is starting ({answer}) and judges no token yet. Try again in a moment.",
        CredentialVerdict.TooOld =>
            $"{server} is too old to say whether it accepts it: it does not know {path} or this kind of token ({(int)answer.Code}).",
        _ => $"{server} answered {path} with {answer}, which says nothing about the token. Check that this is the address of a K3s server.",
    };
}
