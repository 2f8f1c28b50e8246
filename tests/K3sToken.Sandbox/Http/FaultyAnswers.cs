using System;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Sandboxing.Supervisor;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace K3sToken.Sandboxing.Http;

/// <summary>What goes wrong with requests and their answers.</summary>
internal static class FaultyAnswers
{
    private const string LoginPage = "<!DOCTYPE html><html><body>Please log in to the <b>corporate</b> network.</body></html>\n";

    private static readonly TimeSpan BetweenBytes = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ForARestart = TimeSpan.FromMilliseconds(400);

    // GOAWAY with the last stream 0, NO_ERROR; the beginning of a HEADERS frame of 100 bytes; the beginning of a head of HTTP/1.1.
    private static readonly byte[] GoAwayFrame = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    private static readonly byte[] HeadersFrame = [0, 0, 100, 1, 4, 0, 0, 0, 1, 0x88];
    private static readonly byte[] Head = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Ty");

    /// <summary>Deals with a request that is not carried out. False for one that is.</summary>
    public static async Task<bool> TryAnswerInsteadAsync(
        RequestFault fault, HttpContext context, string body, Sandbox sandbox, SandboxServer server)
    {
        switch (fault)
        {
            case RequestFault.ResetBeforeChange or RequestFault.ResetOnReuse:
                FaultyConnections.Reset(context.Features);
                return true;
            case RequestFault.Restart:
                _ = Task.Run(() => server.ReconnectAsync(ForARestart));
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
                return true;
            case RequestFault.GoAwayUnheard:
                await WriteRawAsync(context, IsHttp2(context) ? GoAwayFrame : []);
                return true;
            case RequestFault.Compaction:
                sandbox.Secrets.ForgetThePast();
                return false;
            default:
                if (Instead(fault, context.Request, body, sandbox.Elsewhere) is not Answer answer)
                {
                    return false;
                }

                answer.PrepareHeaders(context);
                await answer.SendAsync(context);
                return true;
        }
    }

    /// <summary>Sends the answer of a request that was carried out.</summary>
    public static async Task SendAsync(RequestFault fault, Answer answer, HttpContext context, string body)
    {
        switch (fault)
        {
            case RequestFault.ResetAfterChange:
                FaultyConnections.Reset(context.Features);
                break;
            case RequestFault.HalfHeader:
                await WriteRawAsync(context, IsHttp2(context) ? HeadersFrame : Head);
                break;
            case RequestFault.SlowHeader:
                // A frame of HTTP/2 that is not complete would keep up all other requests on the connection.
                await TrickleAsync(context, IsHttp2(context) ? [] : Head);
                break;
            case RequestFault.HalfBody:
                context.Response.ContentLength = Math.Max(2, answer.Body.Length);
                await context.Response.Body.WriteAsync(answer.Body[..(answer.Body.Length / 2)]);
                await context.Response.Body.FlushAsync();
                await EndAsync(context);
                break;
            case RequestFault.SlowBody:
                await WriteForEverAsync(context, answer, bytes: 1, BetweenBytes);
                break;
            case RequestFault.EndlessBody:
                await WriteForEverAsync(context, answer, bytes: 1 << 16, TimeSpan.Zero);
                break;
            case RequestFault.WrongType:
                context.Response.ContentType = "image/png";
                await answer.SendAsync(context);
                break;
            case RequestFault.GatewayTimeout:
                await ReplaceAsync(context, Page(504));
                break;
            case RequestFault.ErrorAfterChange:
                await ReplaceAsync(context, Error(context.Request, body));
                break;
            case RequestFault.GoAway:
                context.Features.GetRequiredFeature<IConnectionLifetimeNotificationFeature>().RequestClose();
                await answer.SendAsync(context);
                break;
            default:
                await answer.SendAsync(context);
                break;
        }
    }

    private static Answer? Instead(RequestFault fault, HttpRequest request, string body, Elsewhere elsewhere) => fault switch
    {
        RequestFault.WebPage => Page(200),
        RequestFault.BadGateway => Page(502),
        RequestFault.Redirect301 => Redirect(301, elsewhere.AddressFor("https")),
        RequestFault.Redirect302 => Redirect(302, elsewhere.AddressFor("https")),
        RequestFault.Redirect307 => Redirect(307, elsewhere.AddressFor("https")),
        RequestFault.Redirect308 => Redirect(308, elsewhere.AddressFor("https")),
        RequestFault.Redirect301ToHttp => Redirect(301, elsewhere.AddressFor("http")),
        RequestFault.Redirect302ToHttp => Redirect(302, elsewhere.AddressFor("http")),
        RequestFault.Redirect307ToHttp => Redirect(307, elsewhere.AddressFor("http")),
        RequestFault.Redirect308ToHttp => Redirect(308, elsewhere.AddressFor("http")),
        RequestFault.Unauthorized => Refuse(new Status(401, "Unauthorized", "Unauthorized"), request),
        RequestFault.Forbidden => Refuse(new Status(403, "Forbidden", "forbidden"), request),
        RequestFault.NoSuchPath => Answers.Text(404, "404 page not found\n"),
        RequestFault.Conflict => Refuse(Status.Conflict("secrets", "x", "the object has been modified"), request),
        RequestFault.Gone => Refuse(Status.Expired("The provided continue parameter is too old"), request),
        RequestFault.Invalid => Refuse(Status.Invalid("", "Secret", "x", [FieldError.Invalid("data", body, "must be another")]), request),
        RequestFault.Busy => Refuse(TooMany(0), request),
        RequestFault.BusyForASecond => Refuse(TooMany(1), request),
        RequestFault.ErrorBeforeChange => Error(request, body),
        RequestFault.Unavailable => Refuse(NotNow(0), request),
        RequestFault.UnavailableForASecond => Refuse(NotNow(1), request),
        _ => null,
    };

    private static Answer Error(HttpRequest request, string body) =>
        Refuse(new Status(500, "InternalError", "Internal error occurred: admission webhook denied " + body), request);

    private static Status TooMany(int seconds) =>
        new(429, "TooManyRequests", "too many requests, please try again later") { Details = new() { RetryAfterSeconds = seconds } };

    private static Status NotNow(int seconds) =>
        new(503, "ServiceUnavailable", "not now") { Details = new() { RetryAfterSeconds = seconds } };

    private static Answer Redirect(int status, string target) => Page(status) with { Headers = [new("Location", target)] };

    private static Answer Page(int status) => new(status, "text/html", Encoding.UTF8.GetBytes(LoginPage));

    private static Answer Refuse(Status status, HttpRequest request)
    {
        Answer answer = Answers.Of(status, request);
        bool isSupervisor = request.Path.StartsWithSegments("/v1-k3s") || request.Path == "/cacerts";
        return isSupervisor ? Refusals.Of(status, request) with { Headers = answer.Headers } : answer;
    }

    private static async Task ReplaceAsync(HttpContext context, Answer answer)
    {
        context.Response.Headers.Remove("Warning");
        answer.PrepareHeaders(context);
        await answer.SendAsync(context);
    }

    private static async Task WriteForEverAsync(HttpContext context, Answer answer, int bytes, TimeSpan pause)
    {
        byte[] spaces = new byte[bytes];
        Array.Fill(spaces, (byte)' ');
        await context.Response.Body.WriteAsync(answer.Body[..(answer.Body.Length / 2)], context.RequestAborted);
        while (true)
        {
            await context.Response.Body.WriteAsync(spaces, context.RequestAborted);
            await Task.Delay(pause, context.RequestAborted);
        }
    }

    private static async Task WriteRawAsync(HttpContext context, ReadOnlyMemory<byte> bytes)
    {
        await context.Features.GetRequiredFeature<ISslStreamFeature>().SslStream.WriteAsync(bytes);
        await EndAsync(context);
    }

    private static async Task TrickleAsync(HttpContext context, byte[] bytes)
    {
        foreach (byte one in bytes)
        {
            await context.Features.GetRequiredFeature<ISslStreamFeature>().SslStream.WriteAsync(new[] { one }, context.RequestAborted);
            await Task.Delay(BetweenBytes, context.RequestAborted);
        }

        await Task.Delay(Timeout.Infinite, context.RequestAborted);
    }

    // What was written is on its way once the connection has had a moment; an end right away would overtake it.
    private static async Task EndAsync(HttpContext context)
    {
        await Task.Delay(BetweenBytes);
        context.Features.GetRequiredFeature<IConnectionLifetimeFeature>().Abort();
    }

    private static bool IsHttp2(HttpContext context) => HttpProtocol.IsHttp2(context.Request.Protocol);
}
