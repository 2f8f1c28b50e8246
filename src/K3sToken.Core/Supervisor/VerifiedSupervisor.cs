using System;

namespace K3sToken.Supervisor;

/// <summary>A supervisor after TLS bootstrapping: verified, and ready for credentials; or not, and why.</summary>
internal sealed class VerifiedSupervisor : IDisposable
{
    private readonly SupervisorClient? _client;

    /// <param name="client">A client that trusts exactly what was verified; null if the server could not be verified.</param>
    public VerifiedSupervisor(SupervisorClient? client) => _client = client;

    /// <summary>What became of the steps; that of the credentials is still to come.</summary>
    public required StepLog Steps { get; init; }

    /// <summary>Why the server must get no credentials; null if it may.</summary>
    public K3sTokenException? Failure { get; init; }

    /// <summary>The CA bundle that the server serves, as its bytes; empty if it could not be had.</summary>
    public byte[] CABundle { get; init; } = [];

    /// <summary>True if this machine trusts the server without being told.</summary>
    public bool TrustedByHost { get; init; }

    /// <summary>True if more than the server's own word speaks for its CA: the token's hash, this machine's trust, or a CA that the caller
    /// named. False also where the server could not be verified.</summary>
    public bool CAVerified { get; init; }

    /// <summary>The client to send credentials with.</summary>
    /// <exception cref="K3sTokenException">The <see cref="Failure"/>.</exception>
    public SupervisorClient Client => _client ?? throw Failure!;

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _client?.Dispose();
}
