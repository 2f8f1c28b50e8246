using System;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;

namespace K3sToken.Supervisor;

/// <summary>A server of a rotation. It is verified when it is first asked, and again after it could not be.</summary>
internal sealed class RotationServer : IDisposable
{
    private readonly SupervisorAccess _access;
    private readonly bool _onTrust;
    private VerifiedSupervisor? _verified;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="address">The server.</param>
    /// <param name="access">How to reach it, and what to trust.</param>
    /// <param name="onTrust">True if it may get the tokens where nothing but its own word speaks for its CA.</param>
    public RotationServer(Uri address, SupervisorAccess access, bool onTrust)
    {
        Address = address;
        _access = access;
        _onTrust = onTrust;
    }

    /// <summary>Where it is.</summary>
    public Uri Address { get; }

    /// <summary>The same for people.</summary>
    public string Name => ApiErrors.Text(Address);

    /// <summary>True if it was asked though nothing but its own word speaks for its CA.</summary>
    public bool IsOnTrust => _verified is { CAVerified: false };

    /// <summary>True if this machine trusts it without being told.</summary>
    public bool TrustedByHost => _verified is { TrustedByHost: true };

    /// <summary>The hash of its cluster's CA; empty as long as it could not be verified.</summary>
    public string CAHash { get; private set; } = "";

    /// <summary>The client of the server, once it is verified.</summary>
    public SupervisorClient Client => _verified!.Client;

    /// <summary>Asks what it accepts; the old token first, so that a restart in between cannot look like a refusal of both.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled. Nothing else is thrown.</exception>
    public async Task<RotationFinding> ProbeAsync(RotationTokens tokens, CancellationToken cancellation)
    {
        RotationFinding finding = new(Name);
        try
        {
            await VerifyAsync(tokens.CAHash, cancellation).ConfigureAwait(false);
            ProbeResult old = await AskAsync(SupervisorCredential.Server(tokens.Old), cancellation).ConfigureAwait(false);
            ProbeResult @new = await AskAsync(SupervisorCredential.Server(tokens.New), cancellation).ConfigureAwait(false);
            return finding with { Old = old, New = @new };
        }
        catch (K3sTokenException e)
        {
            return finding with { Failure = e };
        }
    }

    /// <summary>Asks whether it accepts a credential.</summary>
    /// <inheritdoc cref="CredentialProbe.AskAsync"/>
    public Task<ProbeResult> AskAsync(SupervisorCredential credential, CancellationToken cancellation) =>
        CredentialProbe.AskAsync(Client, credential, cancellation);

    /// <summary>Whether a CA, and nothing else, verifies the server, too. No credentials are sent.</summary>
    public async Task<bool> IsVerifiedByAsync(CAFile authority, CancellationToken cancellation)
    {
        SupervisorAccess access = _access with { CACertificate = authority };
        using VerifiedSupervisor verified = await TlsBootstrap.RunAsync(Address, access, "", cancellation).ConfigureAwait(false);
        return verified.Failure is null;
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _verified?.Dispose();

    private async Task VerifyAsync(string caHash, CancellationToken cancellation)
    {
        if (_verified is not null)
        {
            return;
        }

        VerifiedSupervisor verified = await TlsBootstrap.RunAsync(Address, _access, caHash, cancellation).ConfigureAwait(false);
        try
        {
            if (verified.Failure is not null)
            {
                throw verified.Failure;
            }

            if (!verified.CAVerified && !_onTrust)
            {
                throw new K3sTokenException(
                    ErrorId.ServerCertificateUntrusted,
                    $"Nothing but its own word speaks for {Name}: the token has no CA hash, and this machine does not trust the server. No "
                        + "credentials were sent. Give the whole token (K10<hash>::server:password), or the cluster's CA with "
                        + "-CACertificate, or take the server on trust with -Force.");
            }

            CAHash = Tokens.CAHash.Compute(verified.CABundle);
            _verified = verified;
        }
        finally
        {
            if (_verified is null)
            {
                verified.Dispose();
            }
        }
    }
}
