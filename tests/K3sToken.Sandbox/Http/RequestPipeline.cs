using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using K3sToken.Sandboxing.Authentication;
using K3sToken.Sandboxing.Supervisor;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace K3sToken.Sandboxing.Http;

/// <summary>What every request goes through.</summary>
internal sealed class RequestPipeline(Sandbox sandbox, KubernetesApi api, RequestLog log)
{
    public async Task HandleAsync(HttpContext context)
    {
        context.Response.Headers.Date = sandbox.Clock.Now.ToString("r");
        LoggedRequest logged = await LogAsync(context.Request);
        try
        {
            if (sandbox.Intercept is { } early && await early(context))
            {
                logged.Status = context.Response.HasStarted ? context.Response.StatusCode : 0;
                return;
            }

            Answer answer = await AnswerAsync(context, logged);
            answer.PrepareHeaders(context);
            if (sandbox.InterceptAnswer is { } late && await late(context))
            {
                logged.Status = context.Response.HasStarted ? context.Response.StatusCode : 0;
                return;
            }

            logged.Status = answer.Status;
            await answer.SendAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone.
        }
    }

    private async Task<Answer> AnswerAsync(HttpContext context, LoggedRequest logged)
    {
        if (PublicPaths.Handle(context.Request, [.. sandbox.CABundle]) is Answer known)
        {
            return known;
        }

        try
        {
            (Answer answer, Caller? caller) = await api.HandleAsync(context, sandbox.Certificates.ClientAuthority);
            logged.User = caller?.User;
            return answer;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A mistake in the sandbox: whoever meets it should see where.
            return Answers.Of(new Status(StatusCodes.Status500InternalServerError, "InternalError", exception.ToString()), context.Request);
        }
    }

    private async Task<LoggedRequest> LogAsync(HttpRequest request)
    {
        MemoryStream body = new();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        body.Position = 0;
        request.Body = body;
        LoggedRequest logged = new(
            request.Method,
            request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget,
            request.Protocol,
            request.HttpContext.Connection.Id,
            request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            Encoding.UTF8.GetString(body.ToArray()));
        log.Add(logged);
        return logged;
    }
}
