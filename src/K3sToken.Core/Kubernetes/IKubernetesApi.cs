using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace K3sToken.Kubernetes;

/// <summary>
/// The part of the Kubernetes API that K3s tokens need: Secrets in <c>kube-system</c>, and the list of Nodes.
/// Every member throws <see cref="K3sTokenException"/> for what the cluster answers or fails to, and
/// <see cref="OperationCanceledException"/> when the caller's token was cancelled. Reads are repeated on a broken connection and on
/// 429 and 503; a change is repeated only where the server said that it did not take it (429, or 503 with Retry-After).
/// A change that was sent and not answered throws with <see cref="K3sTokenException.AnswerLost"/>.
/// </summary>
public interface IKubernetesApi
{
    /// <summary>The cluster and the context that leads to it.</summary>
    ClusterContext Context { get; }

    /// <summary>The server's clock, as its answers told it.</summary>
    ServerClock Clock { get; }

    /// <summary>One page of Secrets of <c>kube-system</c>, in the order of their names.</summary>
    /// <param name="fieldSelector">For example <c>type=bootstrap.kubernetes.io/token</c>.</param>
    /// <param name="limit">The most Secrets that the page may hold; 0 for all.</param>
    /// <param name="continueFrom">What the page before said, or null for the first page.</param>
    /// <param name="onContinue">Called, on any thread, with what asks for the page after this one (null on the last) as soon as that is
    /// known, which is long before the page is complete; again where the request has to be sent again. Null for nobody.</param>
    /// <param name="cancellation">Ends the request.</param>
    /// <exception cref="ListExpiredException">The server has forgotten the snapshot that <paramref name="continueFrom"/> names.</exception>
    Task<SecretPage> ListSecretsAsync(
        string fieldSelector, int limit, string? continueFrom, Action<string?>? onContinue, CancellationToken cancellation);

    /// <summary>The Secret of this name, or null where there is none.</summary>
    Task<SecretResource?> GetSecretAsync(string name, CancellationToken cancellation);

    /// <summary>Creates a Secret. Throws <see cref="ErrorId.TokenAlreadyExists"/> where the name is taken.</summary>
    /// <param name="name">The Secret's name.</param>
    /// <param name="body">The Secret as JSON, UTF-8.</param>
    /// <param name="cancellation">Ends the request.</param>
    Task<SecretResource> CreateSecretAsync(string name, ReadOnlyMemory<byte> body, CancellationToken cancellation);

    /// <summary>
    /// Applies a JSON merge patch. Returns null where there is no such Secret. Throws <see cref="ErrorId.ConflictingChange"/> where the
    /// patch names a resourceVersion that is not the Secret's any more.
    /// </summary>
    /// <param name="name">The Secret's name.</param>
    /// <param name="mergePatch">The patch as JSON, UTF-8.</param>
    /// <param name="cancellation">Ends the request.</param>
    Task<SecretResource?> PatchSecretAsync(string name, ReadOnlyMemory<byte> mergePatch, CancellationToken cancellation);

    /// <summary>Deletes the Secret of this name; false where there is none.</summary>
    /// <param name="name">The Secret's name.</param>
    /// <param name="uid">If not null, only the Secret with this uid: another is <see cref="ErrorId.ConflictingChange"/>.</param>
    /// <param name="cancellation">Ends the request.</param>
    Task<bool> DeleteSecretAsync(string name, string? uid, CancellationToken cancellation);

    /// <summary>The Nodes of the cluster.</summary>
    Task<IReadOnlyList<NodeResource>> ListNodesAsync(CancellationToken cancellation);

    /// <summary>
    /// The CA bundle that the server hands out at <c>/cacerts</c>, fetched without credentials, if it also verifies the connection to this
    /// API server (chain and host name); null where there is none, or where it does not.
    /// </summary>
    Task<byte[]?> GetServedCAAsync(CancellationToken cancellation);
}

/// <summary>The server no longer has the snapshot that a listing was reading (410). The listing can go on, or start again.</summary>
public sealed class ListExpiredException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="continueFrom">Where to go on reading the current state, if the server said so.</param>
    public ListExpiredException(string? continueFrom)
        : base("The snapshot that the listing was reading has expired on the server.") => ContinueFrom = continueFrom;

    /// <summary>A continue value that goes on after the last Secret handed out, in the current state; null where there is none.</summary>
    public string? ContinueFrom { get; }
}
