using System;
using System.Diagnostics;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;

namespace K3sToken.Supervisor;

/// <summary>
/// Requests to one supervisor, over connections of one trust: each of them is judged anew when it is made, so that a server that changes its
/// certificate later gets nothing more. No redirect is followed and no proxy used. Reads are repeated on a broken connection, everything on
/// 429, since the server did not take it then; any other answer is handed back, 503 as well.
/// </summary>
internal sealed class SupervisorClient : IDisposable
{
    private const int MostBytes = 1 << 20;

    private readonly HttpMessageInvoker _http;
    private readonly ServerTrust? _trust;
    private readonly SupervisorAccess _access;

    /// <summary>Sends nothing yet.</summary>
    /// <param name="server">The server's URL; its path does not matter.</param>
    /// <param name="trust">What its certificate must chain to; null if it does not matter, and then no credentials can be sent.</param>
    /// <param name="access">The time limit and where to say what is no error.</param>
    public SupervisorClient(Uri server, ServerTrust? trust, SupervisorAccess access)
    {
        Server = server;
        _trust = trust;
        _access = access;
        _http = new HttpMessageInvoker(HttpPlatform.CreateHandler(new HttpSettings(trust, server.IdnHost) { RawBodies = true }));
    }

    /// <summary>The server.</summary>
    public Uri Server { get; }

    /// <summary>Sends a request, again where that is harmless.</summary>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.ClusterUnreachable"/>, <see cref="ErrorId.OperationTimedOut"/>,
    /// <see cref="ErrorId.ServerCertificateUntrusted"/>, or <see cref="ErrorId.ServerError"/> for a body that is too large. AnswerLost says
    /// whether a change may have happened all the same.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task<SupervisorAnswer> SendAsync(
        ApiRequest request, AuthenticationHeaderValue? credentials, CancellationToken cancellation)
    {
        if (credentials is not null && _trust is null)
        {
            throw new InvalidOperationException("Credentials go over a verified connection only.");
        }

        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(_access.Timeout);
        Stopwatch elapsed = Stopwatch.StartNew();
        for (int tries = 1; ; tries++)
        {
            Outcome outcome = await TryAsync(request, credentials, tries, deadline.Token, cancellation).ConfigureAwait(false);
            if (outcome.RetryAfter is not { } wait || elapsed.Elapsed + wait >= _access.Timeout)
            {
                return outcome.Answer ?? throw outcome.Failure!;
            }

            await Task.Delay(wait, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Reads what stands at a path.</summary>
    /// <inheritdoc cref="SendAsync"/>
    public Task<SupervisorAnswer> GetAsync(string path, AuthenticationHeaderValue? credentials, CancellationToken cancellation) =>
        SendAsync(new ApiRequest(HttpMethod.Get, path, ""), credentials, cancellation);

    /// <summary>A client of the same server with the same trust, over connections of its own; the caller disposes it.</summary>
    public SupervisorClient OnOtherConnections() => new(Server, _trust, _access);

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _http.Dispose();

    private async Task<Outcome> TryAsync(
        ApiRequest request,
        AuthenticationHeaderValue? credentials,
        int tries,
        CancellationToken deadline,
        CancellationToken cancellation)
    {
        using HttpRequestMessage message = request.ToMessage(Server);
        message.Headers.Authorization = credentials;

        // As a node asks. What a supervisor's errors look like depends on this header, and with it on who seems to have answered.
        message.Headers.Accept.Clear();
        try
        {
            using HttpResponseMessage response =
                await HttpPlatform.SendAsync(_http, message, null, deadline).ConfigureAwait(false);
            _access.Notices.Verbose($"{request.Method} {message.RequestUri} answered {(int)response.StatusCode}.");
            return await ReadAsync(response, request, tries, deadline).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not K3sTokenException && cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (Exception e) when (e is not K3sTokenException && deadline.IsCancellationRequested)
        {
            throw ApiErrors.OfTimeout(_access.Timeout, request, Server);
        }
        catch (Exception e) when (HttpPlatform.IsConnectionFailure(e))
        {
            TimeSpan? again = request.IsRead && !HttpPlatform.IsConnectFailure(e) ? RetryPolicy.AfterBrokenConnection(tries) : null;
            return new Outcome(null, ApiErrors.OfConnection(e, HttpPlatform.TrustRefusal(message, e), request, Server), again);
        }
    }

    private async Task<Outcome> ReadAsync(HttpResponseMessage response, ApiRequest request, int tries, CancellationToken deadline)
    {
        if (!response.IsSuccessStatusCode)
        {
            ApiStatus status = await ApiStatus.ReadAsync(response, deadline).ConfigureAwait(false);
            TimeSpan? again = (int)status.Code == 429 ? RetryPolicy.After(status, request.IsRead, tries) : null;
            return new Outcome(new SupervisorAnswer(status, []) { IsWebPage = IsWebPage(response) }, null, again);
        }

        byte[] body = await ResponseBody.ReadAllAsync(response, MostBytes, static body => body.ToArray(), deadline).ConfigureAwait(false)
            ?? throw new K3sTokenException(
                ErrorId.ServerError,
                $"The answer of {ApiErrors.Text(Server)} to {request.Method} {request.Path} is larger than anything that a K3s server sends "
                    + "there. Check the address.")
            {
                AnswerLost = !request.IsRead,
            };
        return new Outcome(new SupervisorAnswer(new ApiStatus(response.StatusCode), body) { IsWebPage = IsWebPage(response) }, null, null);
    }

    private static bool IsWebPage(HttpResponseMessage response) =>
        string.Equals(response.Content.Headers.ContentType?.MediaType, "text/html", StringComparison.OrdinalIgnoreCase);

    private readonly record struct Outcome(SupervisorAnswer? Answer, K3sTokenException? Failure, TimeSpan? RetryAfter);
}
