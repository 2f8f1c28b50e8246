using System;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Tasks;
using K3sToken.Sandboxing.Authentication;
using K3sToken.Sandboxing.Discovery;
using K3sToken.Sandboxing.Nodes;
using K3sToken.Sandboxing.Secrets;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Http;

/// <summary>The Kubernetes API: who is it, may he, and what does he get.</summary>
internal sealed class KubernetesApi(Authenticator authenticator, SecretsApi secrets, NodesApi nodes, SandboxClock clock)
{
    // The levels of priority and fairness: one for the masters, who are exempt, one for everybody else.
    private readonly (Guid FlowSchema, Guid PriorityLevel) _exempt = (Guid.NewGuid(), Guid.NewGuid());
    private readonly (Guid FlowSchema, Guid PriorityLevel) _others = (Guid.NewGuid(), Guid.NewGuid());

    public async Task<(Answer Answer, Caller? Caller)> HandleAsync(HttpContext context, X509Certificate2 clientAuthority)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers["Audit-Id"] = context.Request.Headers.TryGetValue("Audit-ID", out var id) ? id : Guid.NewGuid().ToString();
        headers.CacheControl = "no-cache, private";
        if (authenticator.Authenticate(context, clientAuthority) is not Caller caller)
        {
            return (Answers.Of(Status.Unauthorized(), context.Request), null);
        }

        (Guid flowSchema, Guid priorityLevel) = caller.IsMaster ? _exempt : _others;
        headers["X-Kubernetes-Pf-Flowschema-Uid"] = flowSchema.ToString();
        headers["X-Kubernetes-Pf-Prioritylevel-Uid"] = priorityLevel.ToString();
        try
        {
            caller = Impersonation.Apply(caller, context.Request);
            RequestInfo request = RequestInfo.Of(context.Request);
            Authorizer.Check(caller, request);
            return (await RouteAsync(context, caller, request), caller);
        }
        catch (StatusException exception)
        {
            return (Answers.Of(exception.Status, context.Request), caller);
        }
    }

    private async Task<Answer> RouteAsync(HttpContext context, Caller caller, RequestInfo request)
    {
        if (!request.IsResource)
        {
            return DiscoveryApi.Handle(context.Request, request);
        }

        return (request.Group, request.Version, request.Resource) switch
        {
            ("", "v1", "secrets") => await secrets.HandleAsync(context, request),
            ("", "v1", "nodes") => nodes.Handle(context.Request, request),
            ("authentication.k8s.io", "v1", "selfsubjectreviews") => SelfReviews.Subject(context.Request, caller, clock.Now),
            ("authorization.k8s.io", "v1", "selfsubjectaccessreviews") =>
                await SelfReviews.AccessAsync(context.Request, caller, clock.Now),
            ("", _, _) => throw new StatusException(Status.NoSuchResource()),
            _ when DiscoveryApi.IsGroup($"/apis/{request.Group}/{request.Version}") => throw new StatusException(Status.NoSuchResource()),
            _ => Answers.Text(404, "404 page not found\n"),
        };
    }
}
