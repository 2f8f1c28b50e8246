using System;
using K3sToken.Tokens;

namespace K3sToken;

/// <summary>A bootstrap token of a cluster, as it stood when it was read. It holds no secret.</summary>
public record BootstrapToken
{
    /// <summary>The token's public half, by which it is listed, changed and removed.</summary>
    public required string Id { get; init; }

    /// <summary>What people wrote about it; empty where nobody did.</summary>
    public string Description { get; init; } = "";

    /// <summary>When it expires, local time; null where it never does, and where the Secret's text is no RFC 3339 time.</summary>
    public DateTime? Expires { get; init; }

    /// <summary>How long it still lives, by the server's clock; zero once expired, null as for <see cref="Expires"/>.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>The same as <see cref="TimeToLive"/>, under the name that the views show.</summary>
    public TimeSpan? Ttl => TimeToLive;

    /// <summary>True once its time is over, by the server's clock, and where its expiration cannot be read: Kubernetes takes that as expired.</summary>
    public bool Expired { get; init; }

    /// <summary>True where it has no expiration.</summary>
    public bool NeverExpires { get; init; }

    /// <summary>What it may be used for: <c>authentication</c> lets nodes join, <c>signing</c> does nothing on K3s.</summary>
    public string[] Usages { get; init; } = [];

    /// <summary>The groups it authenticates as, besides <c>system:bootstrappers</c>.</summary>
    public string[] Groups { get; init; } = [];

    /// <summary>True if a node could join with it now.</summary>
    public bool CanAuthenticate { get; init; }

    /// <summary>Why it cannot be used, or not as meant; empty for a good token. The names are those of <see cref="BootstrapTokenProblem"/>.</summary>
    public string[] Problems { get; init; } = [];

    /// <summary>When its Secret was created, local time.</summary>
    public DateTime Created { get; init; }

    /// <summary>The Secret in <c>kube-system</c> that holds it.</summary>
    public required string SecretName { get; init; }

    /// <summary>The kubeconfig's context that it was read through.</summary>
    public required string Context { get; init; }

    /// <summary>The API server that it was read from.</summary>
    public required string Server { get; init; }

    /// <summary>The kubeconfig's absolute path; null where a pod's service account was used.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The time to live as <c>k3s token list</c> shows it: <c>23h</c>, <c>&lt;forever&gt;</c>, <c>&lt;invalid&gt;</c>.</summary>
    public string FormatTimeToLive() =>
        NeverExpires ? "<forever>" : Expired || TimeToLive is not TimeSpan left ? "<invalid>" : Duration.ToHuman(left);

    /// <summary>The id.</summary>
    public sealed override string ToString() => Id;
}

/// <summary>The names of what can be wrong with a bootstrap token.</summary>
public static class BootstrapTokenProblem
{
    /// <summary>Its time is over.</summary>
    public const string Expired = "Expired";

    /// <summary>Its expiration is no RFC 3339 time; Kubernetes takes it as expired.</summary>
    public const string ExpirationInvalid = "ExpirationInvalid";

    /// <summary>It may not be used for authentication.</summary>
    public const string NoAuthenticationUsage = "NoAuthenticationUsage";

    /// <summary>One of its groups is not a group of bootstrappers; Kubernetes then refuses the whole token.</summary>
    public const string GroupInvalid = "GroupInvalid";

    /// <summary>The Secret's name is not the one that its token id asks for.</summary>
    public const string NameMismatch = "NameMismatch";

    /// <summary>The Secret holds no token id.</summary>
    public const string IdMissing = "IdMissing";

    /// <summary>The Secret holds no token secret.</summary>
    public const string SecretMissing = "SecretMissing";

    /// <summary>The token secret is not 16 characters of a-z and 0-9: no token can match it.</summary>
    public const string SecretMalformed = "SecretMalformed";

    /// <summary>The Secret is being deleted and waits for a finalizer.</summary>
    public const string BeingDeleted = "BeingDeleted";
}
