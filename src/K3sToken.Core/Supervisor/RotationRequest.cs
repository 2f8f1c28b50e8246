using System;
using System.Net.Http;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using K3sToken.Tokens;

namespace K3sToken.Supervisor;

/// <summary>What became of a request to rotate.</summary>
/// <param name="Answer">What is known.</param>
/// <param name="Error">What to tell the person; null if the change is stored.</param>
internal sealed record RotationOutcome(RotationAnswer Answer, K3sTokenException? Error);

/// <summary>
/// The one request that changes the token. It cannot be taken back, so nothing aborts it. An answer that got lost is resolved by sending
/// the same once more, which is harmless as long as the server has not been restarted.
/// </summary>
internal static class RotationRequest
{
    // All that the server says of the cause; the rest stands in its log.
    private static readonly Regex ErrorNumber = new("token error ID [0-9]+", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <summary>Sends it.</summary>
    /// <exception cref="K3sTokenException">It could not be sent; nothing has changed.</exception>
    public static async Task<RotationOutcome> SendAsync(SupervisorClient client, RotationTokens tokens)
    {
        using SecretBuffer body = BodyOf(tokens);
        (RotationOutcome first, bool isLost) = await TryAsync(client, tokens, body).ConfigureAwait(false);
        if (!isLost)
        {
            return first;
        }

        // The connection that lost the answer may be one that loses the next, too.
        using SupervisorClient again = client.OnOtherConnections();
        RotationOutcome second = await RepeatAsync(again, tokens, body).ConfigureAwait(false);
        return second.Answer == RotationAnswer.Done ? second : first;
    }

    /// <summary>What an answer says of the change, and whether another one may say more.</summary>
    internal static (RotationAnswer Answer, bool IsLost) Judge(SupervisorAnswer answer) => (int)answer.Code switch
    {
        200 when !answer.IsWebPage => (RotationAnswer.Done, false),
        200 or 502 or 504 => (RotationAnswer.Uncertain, true),
        _ when answer.IsFromApiServer => (RotationAnswer.TooOld, false),
        400 or 401 or 403 or 404 or 405 or 429 => (RotationAnswer.Refused, false),

        // The server itself says that it does not listen to anybody yet; of anything in between the same status would prove nothing.
        503 when answer.Status.Reason.Length > 0 => (RotationAnswer.Refused, false),
        503 => (RotationAnswer.Uncertain, true),
        _ => (RotationAnswer.Uncertain, false),
    };

    private static async Task<(RotationOutcome Outcome, bool IsLost)> TryAsync(SupervisorClient client, RotationTokens tokens, SecretBuffer body)
    {
        try
        {
            SupervisorAnswer answer = await PutAsync(client, tokens, body).ConfigureAwait(false);
            (RotationAnswer verdict, bool isLost) = Judge(answer);
            return (new RotationOutcome(verdict, Explain(verdict, answer, client.Server)), isLost);
        }
        catch (K3sTokenException e) when (e.AnswerLost)
        {
            string server = ApiErrors.Text(client.Server);
            K3sTokenException error = new(
                e.Id,
                $"{server} got the new token, and its answer was lost; asking once more did not settle it. The token may have been rotated or not. "
                    + $"{RotationAdvice.BeforeRestart}",
                e)
            {
                AnswerLost = true,
            };
            return (new RotationOutcome(RotationAnswer.Uncertain, error), true);
        }
    }

    private static async Task<RotationOutcome> RepeatAsync(SupervisorClient client, RotationTokens tokens, SecretBuffer body)
    {
        try
        {
            return (await TryAsync(client, tokens, body).ConfigureAwait(false)).Outcome;
        }
        catch (K3sTokenException e)
        {
            return new RotationOutcome(RotationAnswer.Uncertain, e);
        }
    }

    private static Task<SupervisorAnswer> PutAsync(SupervisorClient client, RotationTokens tokens, SecretBuffer body)
    {
        ApiRequest request = new(HttpMethod.Put, SupervisorAddress.TokenPath(client.Server), "") { Body = body.Written, HoldsSecret = true };
        return client.SendAsync(request, SupervisorCredential.Server(tokens.Old).ToHeader(), CancellationToken.None);
    }

    private static SecretBuffer BodyOf(RotationTokens tokens) =>
        SecretBuffer.OfJson(json => json.WriteString("newToken", tokens.New.Reveal()));

    private static K3sTokenException? Explain(RotationAnswer verdict, SupervisorAnswer answer, Uri address)
    {
        string server = ApiErrors.Text(address);
        int status = (int)answer.Code;
        return verdict switch
        {
            RotationAnswer.Done => null,
            RotationAnswer.TooOld => new K3sTokenException(
                ErrorId.ServerTooOld,
                $"{server} is too old to rotate its token ({status}); nothing was changed. Rotation came with K3s v1.28.2, v1.27.7, v1.26.10 "
                    + "and v1.25.15."),
            RotationAnswer.Refused => new K3sTokenException(
                ErrorId.RotationRejected,
                $"{server} refused to rotate its token ({status}); nothing was changed. {NextStep(status)}"),
            _ => new K3sTokenException(
                ErrorId.ServerError,
                $"{server} answered {status}{CauseOf(answer)}: the token may have been rotated, or half rotated. The cause is in the server's "
                    + $"log. {RotationAdvice.BeforeRestart}")
            {
                AnswerLost = true,
            },
        };
    }

    private static string CauseOf(SupervisorAnswer answer) =>
        answer.IsWebPage ? " with a web page, which is not the server's"
            : ErrorNumber.Match(answer.Status.Message) is { Success: true } number ? $" ({number.Value})" : "";

    private static string NextStep(int status) => status switch
    {
        401 => "It does not accept the current token any more: it may have been restarted with another one.",
        429 or 503 => "Try again in a moment.",
        _ => "Check that this is the address of a K3s server, and what stands between it and this machine.",
    };
}
