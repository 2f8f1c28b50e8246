using System;
using K3sToken.Kubernetes;
using K3sToken.Tokens;

namespace K3sToken;

/// <summary>What went wrong. The names are the error ids that scripts see, and stay as they are.</summary>
public enum ErrorId
{
    /// <summary>No bootstrap token has this id.</summary>
    TokenNotFound,

    /// <summary>A bootstrap token with this id exists already.</summary>
    TokenAlreadyExists,

    /// <summary>A text the caller gave is not a token, or not an id.</summary>
    InvalidTokenFormat,

    /// <summary>A Secret on the server is not a well-formed bootstrap token.</summary>
    TokenMalformed,

    /// <summary>A group that Kubernetes refuses for bootstrap tokens.</summary>
    InvalidGroup,

    /// <summary>A usage that bootstrap tokens do not know.</summary>
    InvalidUsage,

    /// <summary>The wanted expiry has passed already.</summary>
    ExpirationInPast,

    /// <summary>The server did not accept the credentials (401), or there were none to be had.</summary>
    AuthenticationFailed,

    /// <summary>The server knows the caller and forbids the request (403).</summary>
    AccessDenied,

    /// <summary>No connection, or one that broke.</summary>
    ClusterUnreachable,

    /// <summary>No answer within the time given.</summary>
    OperationTimedOut,

    /// <summary>The server's certificate is not of the CA that must have signed it, or not for this host name.</summary>
    ServerCertificateUntrusted,

    /// <summary>The cluster's CA is not the one that the token names.</summary>
    CAHashMismatch,

    /// <summary>The client certificate in the kubeconfig has expired.</summary>
    ClientCertificateExpired,

    /// <summary>The server answered something that is no answer to the request.</summary>
    ServerError,

    /// <summary>The server's version does not know the request.</summary>
    ServerTooOld,

    /// <summary>There is no kubeconfig at the place named, or at any default place.</summary>
    KubeconfigNotFound,

    /// <summary>A kubeconfig, or a file that it names, cannot be read or understood.</summary>
    KubeconfigInvalid,

    /// <summary>The kubeconfig has no context of this name, or no current one.</summary>
    ContextNotFound,

    /// <summary>A rotation was refused.</summary>
    RotationRejected,

    /// <summary>A rotation did not finish on every server.</summary>
    RotationIncomplete,

    /// <summary>Somebody else changed the object at the same time.</summary>
    ConflictingChange,
}

/// <summary>The one exception that Core throws for what can go wrong outside it. Its message never holds a secret, nor
/// anything that steers a terminal.</summary>
public sealed class K3sTokenException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="id">What went wrong.</param>
    /// <param name="message">What was wrong, with which server or file, and what to do next.</param>
    /// <param name="innerException">The cause, if its text holds no secret.</param>
    public K3sTokenException(ErrorId id, string message, Exception? innerException = null)
        : base(ConsoleText.Of(message), innerException) => Id = id;

    /// <summary>What went wrong.</summary>
    public ErrorId Id { get; }

    /// <summary>True when a change was sent and no answer came that says what became of it (none, a broken one, or one like 504): it may or
    /// may not have happened.</summary>
    public bool AnswerLost { get; init; }

    /// <summary>What the server's certificate does not prove, where that is what went wrong.</summary>
    internal CertificateRefusal? Refusal { get; init; }

    /// <summary>The server that it is about, where several were asked.</summary>
    internal string? Server { get; init; }

    /// <summary>True where a supervisor says that it is starting.</summary>
    internal bool IsStarting { get; init; }
}
