using System.Net;
using System.Text;
using K3sToken.Sandboxing.Http;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Supervisor;

/// <summary>What the supervisor tells anybody, whatever credentials come with the request.</summary>
internal static class PublicPaths
{
    /// <summary>The answer, or null where the path is none of these.</summary>
    public static Answer? Handle(HttpRequest request, byte[] bundle)
    {
        string path = request.Path.Value!;
        return path switch
        {
            "/cacerts" => new Answer(200, "text/plain", bundle),
            "/ping" => new Answer(200, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes("pong")) { LengthIsKnown = true },
            _ when GoPath.CleanForRouting(path) is string clean && clean != path => Redirect(clean + request.QueryString),
            _ => null,
        };
    }

    private static Answer Redirect(string target)
    {
        byte[] body = Encoding.UTF8.GetBytes($"<a href=\"{WebUtility.HtmlEncode(target)}\">Temporary Redirect</a>.\n\n");
        return new Answer(StatusCodes.Status307TemporaryRedirect, "text/html; charset=utf-8", body)
        {
            Headers = [new("Location", target)],
        };
    }
}
