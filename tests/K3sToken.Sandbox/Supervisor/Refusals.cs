using System.Globalization;
using System.Security.Cryptography;
using K3sToken.Sandboxing.Http;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Supervisor;

/// <summary>The supervisor's errors: a Status, and the end of the connection.</summary>
internal static class Refusals
{
    public static Answer NotAuthorized(HttpRequest request) => Of(new Status(401, "Unauthorized", "not authorized"), request);

    public static Answer Forbidden(HttpRequest request, string why = "forbidden") => Of(new Status(403, "Forbidden", why), request);

    public static Answer BadRequest(HttpRequest request, string why) => Of(Status.BadRequest(why), request);

    public static Answer Unavailable(HttpRequest request, string why) => Of(new Status(503, "ServiceUnavailable", why), request);

    public static Answer MethodNotAllowed(HttpRequest request) => Of(
        Status.MethodNotAllowed() with
        {
            Details = new()
            {
                Name = request.Path.Value,
                Causes = [new StatusCause("UnexpectedServerResponse", "method not allowed")],
            },
        },
        request);

    /// <summary>An error of which only the server's log tells the cause.</summary>
    /// <returns>The answer and the number by which to find the cause.</returns>
    public static (Answer Answer, string Id) Internal(HttpRequest request, string component)
    {
        string id = $"{component} error ID {RandomNumberGenerator.GetInt32(100_000).ToString("d5", CultureInfo.InvariantCulture)}";
        StatusDetails details = new() { Causes = [new StatusCause(null, id)] };
        return (Of(new Status(500, "InternalError", "Internal error occurred: " + id) { Details = details }, request), id);
    }

    public static Answer Of(Status status, HttpRequest request)
    {
        Answer answer = StatusProtobuf.IsWanted(request)
            ? new Answer(status.Code, StatusProtobuf.ContentType, StatusProtobuf.Write(status))
            : Answers.Negotiated(status, request, versioned: false);
        return HttpProtocol.IsHttp2(request.Protocol) ? answer : answer with { Headers = [new("Connection", "close")] };
    }
}
