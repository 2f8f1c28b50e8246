using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Text.RegularExpressions;

namespace K3sToken.Kubernetes;

/// <summary>
/// Turns what a server answers, or how a connection fails, into the error that a person sees. A text of the server is shown only where it
/// cannot quote the request's body.
/// </summary>
internal static class ApiErrors
{
    private const string CheckNetwork = "Check that it runs, and the address, the network and the firewalls on the way.";

    // What the API server says when a role does not allow a request. It names the user and the verb, and nothing of the body.
    private static readonly Regex Refusal = new(
        "User \"[^\"]*\" cannot [a-z]+ resource \"[^\"]*\" in API group \"[^\"]*\"( in the namespace \"[^\"]*\")?",
        RegexOptions.CultureInvariant,
        TimeSpan.FromSeconds(1));

    /// <summary>The error for an answer that is no success.</summary>
    public static Exception Of(ApiStatus status, ApiRequest request, ClusterContext context)
    {
        string server = Text(context.Server);
        return (int)status.Code switch
        {
            401 => new K3sTokenException(
                ErrorId.AuthenticationFailed,
                $"{server} did not accept the credentials of context '{context.Name}' (401 Unauthorized). They may have expired or been "
                    + "withdrawn, or belong to another cluster: take the kubeconfig from the server anew."),
            403 => new K3sTokenException(
                ErrorId.AccessDenied,
                $"{server} refused the request (403 Forbidden){Sentence(status, request)}. Use a context whose user may do this, or have "
                    + $"its role extended ({RightsFor(request)})."),
            409 when status.Reason == "AlreadyExists" => new K3sTokenException(
                ErrorId.TokenAlreadyExists,
                $"The Secret {request.Name} exists already on {server}. Choose another id, or change that token."),
            409 when request.Name.Length > 0 => new K3sTokenException(
                ErrorId.ConflictingChange,
                $"The Secret {request.Name} on {server} was changed or replaced by somebody else at the same time. Look at it again, and "
                    + "repeat the command if the change is still wanted."),
            410 when request.Name.Length == 0 => new ListExpiredException(status.ContinueFrom),
            >= 300 and < 400 => new K3sTokenException(
                ErrorId.ServerError,
                $"{server} points elsewhere{Target(status.Location)} ({Line(status)}). Redirects are not followed, since credentials would "
                    + "go along: put the API server's own address into the kubeconfig."),
            429 or 503 => new K3sTokenException(
                ErrorId.ServerError,
                $"{server} takes no requests at the moment ({Line(status)}{Sentence(status, request)}). Try again later."),
            _ => new K3sTokenException(
                ErrorId.ServerError,
                $"{server} answered {Line(status)}{Fields(status)}{Sentence(status, request)}.{NextStep(status, request)}")
            {
                AnswerLost = MayHaveHappened(status, request),
            },
        };
    }

    /// <summary>The error for a body that is not what was asked for.</summary>
    public static K3sTokenException OfBody(InvalidDataException body, ApiRequest request, ClusterContext context) => new(
        ErrorId.ServerError,
        $"The answer of {Text(context.Server)} cannot be used: {body.Message}. Check that this is the address of a Kubernetes API "
            + "server, and what stands between it and this machine." + (request.IsRead ? "" : " " + Lost(request)))
    {
        AnswerLost = !request.IsRead,
    };

    /// <summary>The error for a connection that failed.</summary>
    public static K3sTokenException OfConnection(
        Exception failure, CertificateRefusal? refusal, ApiRequest request, ClusterContext context)
    {
        if (refusal is null && HttpPlatform.IsClientCertificateRefusal(failure))
        {
            return new K3sTokenException(
                ErrorId.AuthenticationFailed,
                $"{Text(context.Server)} ended the connection because of the client certificate of context '{context.Name}', or because it has "
                    + "none. Take the kubeconfig from the server anew.",
                HttpPlatform.CauseOf(failure));
        }

        string way = context.ProxyInUse is { } proxy ? $" through the proxy {proxy.Host}:{proxy.Port}" : "";
        return OfConnection(failure, refusal, request, context.Server, way);
    }

    /// <summary>The error for a connection without a client certificate that failed.</summary>
    public static K3sTokenException OfConnection(
        Exception failure, CertificateRefusal? refusal, ApiRequest request, Uri address, string way = "")
    {
        string server = Text(address);
        if (refusal is not null)
        {
            return new K3sTokenException(
                ErrorId.ServerCertificateUntrusted, $"The certificate of {server} is not trusted: {refusal.Reason}")
            {
                Refusal = refusal,
            };
        }

        return new K3sTokenException(
            ErrorId.ClusterUnreachable,
            $"{server} cannot be reached{way}: {HttpPlatform.Describe(failure)}. {(request.Left ? Lost(request) : CheckNetwork)}",
            HttpPlatform.CauseOf(failure))
        {
            AnswerLost = request.Left,
        };
    }

    /// <summary>The error for an answer that did not come in time.</summary>
    public static K3sTokenException OfTimeout(TimeSpan timeout, ApiRequest request, Uri server) => new(
        ErrorId.OperationTimedOut,
        $"No answer from {Text(server)} within {timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s. "
            + (request.Left ? Lost(request) : "Check the address and the network, or give it more time with -TimeoutSec."))
    {
        AnswerLost = request.Left,
    };

    /// <summary>A server's address for a message.</summary>
    public static string Text(Uri server) => server.GetLeftPart(UriPartial.Path).TrimEnd('/');

    private static string RightsFor(ApiRequest request) =>
        request.Path.EndsWith("/nodes", StringComparison.Ordinal) ? "list on nodes" : "get, list, create, patch and delete on secrets in kube-system";

    private static string Line(ApiStatus status) =>
        status.Reason.Length > 0 ? $"{(int)status.Code} {ServerText.Clean(status.Reason)}" : $"{(int)status.Code} {status.Code}";

    private static string Fields(ApiStatus status) =>
        status.Fields.Count == 0 ? "" : ServerText.Clean($", about {string.Join(", ", status.Fields.Take(10))}");

    private static string Sentence(ApiStatus status, ApiRequest request)
    {
        string text = request.HoldsSecret ? Refusal.Match(status.Message).Value : status.Message;
        return text.Length == 0 ? "" : ": " + ServerText.Clean(text).TrimEnd('.');
    }

    private static string Target(Uri? location)
    {
        if (location is null)
        {
            return "";
        }

        return " to " + ServerText.Clean(location.IsAbsoluteUri ? Text(location) : location.OriginalString.Split('?')[0]);
    }

    private static string NextStep(ApiStatus status, ApiRequest request)
    {
        if (MayHaveHappened(status, request))
        {
            return " " + Lost(request);
        }

        return status.Code == HttpStatusCode.NotFound
            ? " Check that the server of the kubeconfig is the address of a Kubernetes API, its path included."
            : " The server's log may say more.";
    }

    private static bool MayHaveHappened(ApiStatus status, ApiRequest request) => !request.IsRead && (int)status.Code is 500 or 502 or 504;

    private static string Lost(ApiRequest request) =>
        $"The change of {request.Name} was sent and may have happened or not: look before you repeat it.";
}
