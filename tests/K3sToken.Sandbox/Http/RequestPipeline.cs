using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using K3sToken.Sandboxing.Authentication;
using K3sToken.Sandboxing.Supervisor;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace K3sToken.Sandboxing.Http;

/// <summary>What every request goes through.</summary>
internal sealed class RequestPipeline(Sandbox sandbox, SandboxServer server, SupervisorApi supervisor, KubernetesApi api)
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

            RequestFault fault = server.Faults.NextRequest(context.Request, IsReused(context));
            if (await FaultyAnswers.TryAnswerInsteadAsync(fault, context, logged.Body, sandbox, server))
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
            await FaultyAnswers.SendAsync(fault, answer, context, logged.Body);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone.
        }
    }

    private async Task<Answer> AnswerAsync(HttpContext context, LoggedRequest logged)
    {
        StartPhase phase = server.Faults.Phase;
        if (phase == StartPhase.Starting)
        {
            return Refusals.Unavailable(context.Request, "starting");
        }

        if (PublicPaths.Handle(context.Request, BundleFor(context)) is Answer known)
        {
            return known;
        }

        try
        {
            if (await supervisor.HandleAsync(context, sandbox.Certificates) is Answer own)
            {
                return own;
            }

            if (phase == StartPhase.WithoutApi)
            {
                return Refusals.Unavailable(context.Request, "apiserver not ready");
            }

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

    private static bool IsReused(HttpContext context)
    {
        IDictionary<object, object?> connection = context.Features.GetRequiredFeature<IConnectionItemsFeature>().Items;
        bool isReused = connection.ContainsKey(typeof(RequestPipeline));
        connection[typeof(RequestPipeline)] = true;
        return isReused;
    }

    private byte[] BundleFor(HttpContext context)
    {
        IDictionary<object, object?> connection = context.Features.GetRequiredFeature<IConnectionItemsFeature>().Items;
        Impostor? impostor = connection[typeof(Impostor)] as Impostor;
        return [.. impostor?.Bundle ?? sandbox.CABundle];
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
        server.Received(logged);
        sandbox.Received(logged);
        return logged;
    }
}
