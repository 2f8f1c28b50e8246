using System.Threading.Tasks;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace K3sToken.Sandboxing.Http;

/// <summary>Answers for <see cref="Sandbox.Intercept"/> and <see cref="Sandbox.InterceptAnswer"/> to give.</summary>
public static class Scripted
{
    /// <summary>Answers with a Kubernetes Status, and gives true.</summary>
    /// <param name="context">The request.</param>
    /// <param name="code">For example 429 or 503.</param>
    /// <param name="reason">For example <c>TooManyRequests</c>.</param>
    /// <param name="message">What the Status says.</param>
    /// <param name="retryAfterSeconds">What the header Retry-After says; 0 for no such header.</param>
    public static async Task<bool> RefuseAsync(HttpContext context, int code, string reason, string message, int retryAfterSeconds = 0)
    {
        Status status = new(code, reason, message) { Details = new() { RetryAfterSeconds = retryAfterSeconds } };
        context.Response.Headers.Remove("Warning");
        Answer answer = Answers.Of(status, context.Request);
        answer.PrepareHeaders(context);
        await answer.SendAsync(context);
        return true;
    }

    /// <summary>Breaks the connection, and gives true. Over HTTP/2, all requests on it are lost.</summary>
    public static Task<bool> BreakAsync(HttpContext context)
    {
        context.Features.GetRequiredFeature<IConnectionLifetimeFeature>().Abort();
        return Task.FromResult(true);
    }
}
