using System.Linq;
using K3sToken.Sandboxing.Http;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Authentication;

/// <summary>Lets the masters act as somebody else.</summary>
internal static class Impersonation
{
    /// <summary>Whom the request acts as.</summary>
    /// <exception cref="StatusException">403: the caller may not act as anybody else; 500: as whom is not said.</exception>
    public static Caller Apply(Caller caller, HttpRequest request)
    {
        string user = request.Headers["Impersonate-User"].ToString();
        string[] groups = [.. request.Headers["Impersonate-Group"].OfType<string>()];
        if (user.Length == 0)
        {
            return groups.Length == 0
                ? caller
                : throw new StatusException(Status.Unknown($"requested [{{Group  {groups[0]}    }}] without impersonating a user"));
        }

        RequestInfo asked = new("", "impersonate") { IsResource = true, Resource = "users", Name = user };
        Authorizer.Check(caller, asked);
        return new Caller(user, groups).WithAuthenticatedGroup();
    }
}
