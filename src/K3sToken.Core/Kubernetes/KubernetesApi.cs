using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace K3sToken.Kubernetes;

/// <summary>The Kubernetes API over HTTP, for one command: its time limit, its warnings. The connections outlive it.</summary>
internal sealed partial class KubernetesApi : IKubernetesApi
{
    private const string Secrets = "/api/v1/namespaces/kube-system/secrets";
    private const string Nodes = "/api/v1/nodes";

    private static readonly HttpMethod Patch = new("PATCH");

    private readonly ClusterConnection _connection;
    private readonly INotices _notices;
    private readonly TimeSpan _timeout;
    private int _clockWarnings;

    /// <summary>Sends nothing yet.</summary>
    public KubernetesApi(ClusterConnection connection, ClusterContext context, INotices notices, TimeSpan timeout)
    {
        _connection = connection;
        _notices = notices;

        // What a timer cannot count counts as no limit.
        _timeout = timeout.TotalMilliseconds > int.MaxValue ? Timeout.InfiniteTimeSpan : timeout;
        Context = context;
    }

    /// <inheritdoc/>
    public ClusterContext Context { get; }

    /// <inheritdoc/>
    public ServerClock Clock { get; } = new();

    /// <inheritdoc/>
    public async Task<SecretPage> ListSecretsAsync(
        string fieldSelector, int limit, string? continueFrom, Action<string?>? onContinue, CancellationToken cancellation)
    {
        string query = "?fieldSelector=" + Uri.EscapeDataString(fieldSelector)
            + (limit > 0 ? FormattableString.Invariant($"&limit={limit}") : "")
            + (continueFrom is null ? "" : "&continue=" + Uri.EscapeDataString(continueFrom));
        ApiRequest request = new(HttpMethod.Get, Secrets + query, "");
        return (await AskAsync(request, Read, cancellation).ConfigureAwait(false))!;

        Task<SecretPage> Read(HttpResponseMessage response, CancellationToken ending) =>
            SecretPageReader.ReadAsync(response, onContinue, ending);
    }

    /// <inheritdoc/>
    public Task<SecretResource?> GetSecretAsync(string name, CancellationToken cancellation) =>
        AskAsync(new ApiRequest(HttpMethod.Get, PathOf(name), name), Named(name), cancellation);

    /// <inheritdoc/>
    public async Task<SecretResource> CreateSecretAsync(string name, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        ApiRequest request = new(HttpMethod.Post, Secrets, name) { Body = body, HoldsSecret = true };
        return (await AskAsync(request, Named(name), cancellation).ConfigureAwait(false))!;
    }

    /// <inheritdoc/>
    public Task<SecretResource?> PatchSecretAsync(string name, ReadOnlyMemory<byte> mergePatch, CancellationToken cancellation)
    {
        ApiRequest request = new(Patch, PathOf(name), name)
        {
            Body = mergePatch,
            ContentType = "application/merge-patch+json",
            HoldsSecret = true,
        };
        return AskAsync(request, Named(name), cancellation);
    }

    /// <inheritdoc/>
    public Task<bool> DeleteSecretAsync(string name, string? uid, CancellationToken cancellation)
    {
        // Always with a body: a request without one is sent again by .NET when a kept connection turns out to be dead, and the second
        // would then find nothing to delete.
        string options = uid is null
            ? """{"kind":"DeleteOptions","apiVersion":"v1"}"""
            : $$$"""{"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"uid":"{{{JsonEncodedText.Encode(uid)}}}"}}""";
        ApiRequest request = new(HttpMethod.Delete, PathOf(name), name) { Body = Encoding.UTF8.GetBytes(options) };
        return AskAsync(request, ReadDeletionAsync, cancellation);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NodeResource>> ListNodesAsync(CancellationToken cancellation) =>
        (await AskAsync(new ApiRequest(HttpMethod.Get, Nodes, ""), NodeReader.ReadAsync, cancellation).ConfigureAwait(false))!;

    private static string PathOf(string name) => Secrets + "/" + Uri.EscapeDataString(name);

    // What stands in between may answer with what it keeps of another request.
    private static Func<HttpResponseMessage, CancellationToken, Task<SecretResource>> Named(string name) => async (response, cancellation) =>
    {
        SecretResource secret = await SecretReader.ReadAsync(response, cancellation).ConfigureAwait(false);
        if (secret.Name == name)
        {
            return secret;
        }

        secret.Dispose();
        throw new InvalidDataException("it is another Secret than the one that was asked for");
    };

    // The server answers with a Status, or with the Secret as long as something holds it back from going.
    private static async Task<bool> ReadDeletionAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        string kind = await ResponseBody.ReadJsonAsync(response, ResponseBody.MostObjectBytes, KindOf, cancellation).ConfigureAwait(false);
        return kind is "Status" or "Secret" ? true : throw new InvalidDataException("it is JSON, but says nothing of a deletion");
    }

    private static string KindOf(ReadOnlyMemory<byte> body)
    {
        using JsonDocument document = ResponseBody.Parse(body);
        JsonElement root = document.RootElement;
        return Text("status") == "Failure" ? "" : Text("kind");

        string Text(string name) =>
            root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
                ? value.GetString()!
                : "";
    }

    /// <summary>Sends a request as often as the policy allows; the default value where the object it names is not there.</summary>
    private async Task<T?> AskAsync<T>(
        ApiRequest request, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellation)
    {
        // A plugin that asks a person for a login takes its time, and so do the requests before this one: only what the server does counts.
        ClusterConnection.Session session = await _connection.GetSessionAsync(cancellation).ConfigureAwait(false);
        long number = await _connection.Gate.EnterAsync(cancellation).ConfigureAwait(false);
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(_timeout);
        Stopwatch elapsed = Stopwatch.StartNew();
        bool renewed = false;
        for (int tries = 1; ; tries++)
        {
            Outcome<T>? outcome = null;
            try
            {
                outcome = await TryAsync(request, read, session, tries, deadline.Token, cancellation).ConfigureAwait(false);
            }
            finally
            {
                _connection.Gate.Leave(number, outcome is { IsTooBusy: true });
            }

            if (outcome.Failure is null)
            {
                return outcome.Value;
            }

            if (outcome.IsUnauthorized && !renewed)
            {
                deadline.CancelAfter(Timeout.Infinite);
                renewed = await _connection.TryRenewAsync(session, cancellation).ConfigureAwait(false) ? true : throw outcome.Failure;
                deadline.CancelAfter(_timeout);
            }
            else if (outcome.RetryAfter is { } wait && (_timeout < TimeSpan.Zero || elapsed.Elapsed + wait < _timeout))
            {
                string seconds = wait.TotalSeconds.ToString(CultureInfo.InvariantCulture);
                _notices.Verbose($"{outcome.Failure.Message} Trying again in {seconds} s.");
                await Task.Delay(wait, cancellation).ConfigureAwait(false);
            }
            else
            {
                throw outcome.Failure;
            }

            session = await _connection.GetSessionAsync(cancellation).ConfigureAwait(false);
            number = await _connection.Gate.EnterAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task<Outcome<T>> TryAsync<T>(
        ApiRequest request,
        Func<HttpResponseMessage, CancellationToken, Task<T>> read,
        ClusterConnection.Session session,
        int tries,
        CancellationToken deadline,
        CancellationToken cancellation)
    {
        using HttpRequestMessage message = request.ToMessage(Context.Server);
        message.Headers.Authorization = session.Login.Authorization;
        if (Context.User.ActAs is { } actAs && !session.IsAnonymous)
        {
            ImpersonationHeaders.Add(message, actAs);
        }

        try
        {
            using HttpResponseMessage response =
                await HttpPlatform.SendAsync(session.Http, message, Context.TlsServerName, deadline).ConfigureAwait(false);
            _notices.Verbose($"{request.Method} {message.RequestUri} answered {(int)response.StatusCode}.");
            Observe(response.Headers.Date);
            return response.IsSuccessStatusCode || session.IsAnonymous
                ? new Outcome<T>(await read(response, deadline).ConfigureAwait(false))
                : await ReadFailureAsync<T>(response, request, tries, deadline).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not K3sTokenException && cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (Exception e) when (e is not K3sTokenException && deadline.IsCancellationRequested)
        {
            throw ApiErrors.OfTimeout(_timeout, request, Context.Server);
        }
        catch (InvalidDataException e)
        {
            throw ApiErrors.OfBody(e, request, Context);
        }
        catch (Exception e) when (HttpPlatform.IsConnectionFailure(e))
        {
            TimeSpan? again = request.IsRead && !HttpPlatform.IsConnectFailure(e) ? RetryPolicy.AfterBrokenConnection(tries) : null;
            return new Outcome<T>(ApiErrors.OfConnection(e, HttpPlatform.TrustRefusal(message, e), request, Context), again);
        }
    }

    private async Task<Outcome<T>> ReadFailureAsync<T>(
        HttpResponseMessage response, ApiRequest request, int tries, CancellationToken cancellation)
    {
        ApiStatus status = await ApiStatus.ReadAsync(response, cancellation).ConfigureAwait(false);
        return request.IsAboutMissing(status)
            ? new Outcome<T>(default(T))
            : new Outcome<T>(ApiErrors.Of(status, request, Context), RetryPolicy.After(status, request.IsRead, tries))
            {
                IsUnauthorized = status.Code == HttpStatusCode.Unauthorized,
                IsTooBusy = (int)status.Code == 429,
            };
    }

    private void Observe(DateTimeOffset? date)
    {
        if (date is null)
        {
            return;
        }

        Clock.Observe(date.Value);
        if (Clock.Offset.Duration() > ServerClock.Tolerance && Interlocked.Exchange(ref _clockWarnings, 1) == 0)
        {
            double seconds = Math.Round(Clock.Offset.Duration().TotalSeconds);
            _notices.Warn(
                $"The clock of {ApiErrors.Text(Context.Server)} is {seconds.ToString(CultureInfo.InvariantCulture)} s "
                    + $"{(Clock.Offset > TimeSpan.Zero ? "ahead of" : "behind")} this machine's. Times are judged by the server's clock.");
        }
    }

    // A class: of a struct, .NET would compile its tasks anew in every session.
    private sealed class Outcome<T>
    {
        public Outcome(T? value) => Value = value;

        public Outcome(Exception failure, TimeSpan? retryAfter)
        {
            Failure = failure;
            RetryAfter = retryAfter;
        }

        public T? Value { get; }

        public Exception? Failure { get; }

        public TimeSpan? RetryAfter { get; }

        public bool IsUnauthorized { get; init; }

        public bool IsTooBusy { get; init; }
    }
}
