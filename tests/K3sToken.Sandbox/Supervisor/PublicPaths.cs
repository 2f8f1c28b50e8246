using System.Text;
using K3sToken.Sandboxing.Http;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Supervisor;

/// <summary>What the supervisor tells anybody, whatever credentials come with the request.</summary>
internal static class PublicPaths
{
    /// <summary>The answer, or null where the path is none of these.</summary>
    public static Answer? Handle(string path, byte[] bundle) => path switch
    {
        "/cacerts" => new Answer(200, "text/plain", bundle),
        "/ping" => new Answer(200, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes("pong")) { LengthIsKnown = true },
        _ => CleanPath(path),
    };

    private static Answer? CleanPath(string path)
    {
        string clean = GoPath.CleanForRouting(path);
        return clean == path ? null : Redirect(clean);
    }

    private static Answer Redirect(string path) =>
        new(StatusCodes.Status307TemporaryRedirect, "text/html; charset=utf-8", Encoding.UTF8.GetBytes($"<a href=\"{path}\">Temporary Redirect</a>.\n\n"))
        {
            Headers = [new("Location", path)],
        };
}
