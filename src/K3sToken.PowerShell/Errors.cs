using System.Management.Automation;

namespace K3sToken.PowerShell;

/// <summary>Core's errors as PowerShell's. The ids are part of the module's contract.</summary>
internal static class Errors
{
    /// <param name="error">What went wrong.</param>
    /// <param name="target">The token's id or the server; never a secret.</param>
    public static ErrorRecord ToRecord(this K3sTokenException error, object? target) => new(error, error.Id.ToString(), CategoryOf(error.Id), target);

    private static ErrorCategory CategoryOf(ErrorId id) => id switch
    {
        ErrorId.TokenNotFound => ErrorCategory.ObjectNotFound,
        ErrorId.TokenAlreadyExists => ErrorCategory.ResourceExists,
        ErrorId.InvalidTokenFormat or ErrorId.InvalidGroup or ErrorId.InvalidUsage or ErrorId.ExpirationInPast => ErrorCategory.InvalidArgument,
        ErrorId.TokenMalformed => ErrorCategory.InvalidData,
        ErrorId.AuthenticationFailed => ErrorCategory.AuthenticationError,
        ErrorId.AccessDenied => ErrorCategory.PermissionDenied,
        ErrorId.ClusterUnreachable => ErrorCategory.ConnectionError,
        ErrorId.OperationTimedOut => ErrorCategory.OperationTimeout,
        ErrorId.ServerCertificateUntrusted or ErrorId.CAHashMismatch or ErrorId.ClientCertificateExpired => ErrorCategory.SecurityError,
        ErrorId.ServerError or ErrorId.RotationIncomplete => ErrorCategory.InvalidResult,
        ErrorId.ServerTooOld => ErrorCategory.NotImplemented,
        ErrorId.KubeconfigNotFound or ErrorId.KubeconfigInvalid or ErrorId.ContextNotFound or ErrorId.RotationRejected =>
            ErrorCategory.InvalidOperation,
        ErrorId.ConflictingChange => ErrorCategory.ResourceBusy,
        _ => ErrorCategory.NotSpecified,
    };
}
