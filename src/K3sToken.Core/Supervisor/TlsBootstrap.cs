using System;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using K3sToken.Tokens;

namespace K3sToken.Supervisor;

/// <summary>
/// The steps by which a node comes to trust a server before it shows its token: the CA bundle is downloaded, compared with the token's hash,
/// and must then verify the server's certificate and its name. They are those of K3s, but for one: a hash that was given is always checked,
/// also where this machine trusts the server.
/// </summary>
internal sealed class TlsBootstrap
{
    private const string CAPath = "/cacerts";

    private readonly StepLog _steps = new();
    private readonly Uri _server;
    private readonly SupervisorAccess _access;

    private TlsBootstrap(Uri server, SupervisorAccess access)
    {
        _server = server;
        _access = access;
    }

    private string Address => ApiErrors.Text(_server);

    /// <summary>Takes the steps, as far as they go. No credentials are sent.</summary>
    /// <param name="server">The server.</param>
    /// <param name="access">How to reach it, and what to trust.</param>
    /// <param name="caHash">The hash in the token; empty where it has none.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The server, verified or with the reason why not; the caller disposes it.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled. Nothing else is thrown.</exception>
    public static async Task<VerifiedSupervisor> RunAsync(
        Uri server, SupervisorAccess access, string caHash, CancellationToken cancellation)
    {
        TlsBootstrap bootstrap = new(server, access);
        SupervisorClient? trusted = null;
        byte[] bundle = [];
        try
        {
            trusted = access.CACertificate is null ? new SupervisorClient(server, access.HostTrust, access) : null;
            byte[]? servedToHost = trusted is null ? null : await bootstrap.TryDownloadAsync(trusted, cancellation).ConfigureAwait(false);
            bundle = servedToHost ?? await bootstrap.DownloadUnverifiedAsync(cancellation).ConfigureAwait(false);
            bootstrap.CheckHash(bundle, caHash);
            if (servedToHost is not null)
            {
                bootstrap.PassAsTrustedByHost();
            }
            else
            {
                trusted?.Dispose();
                trusted = new SupervisorClient(server, access.CACertificate?.Trust ?? ServerTrust.In(bundle), access);
                await bootstrap.VerifyAsync(trusted, bundle, cancellation).ConfigureAwait(false);
            }

            return new VerifiedSupervisor(trusted)
            {
                Steps = bootstrap._steps,
                CABundle = bundle,
                TrustedByHost = servedToHost is not null,
                CAVerified = caHash.Length > 0 || servedToHost is not null || access.CACertificate is not null,
            };
        }
        catch (K3sTokenException e)
        {
            trusted?.Dispose();
            bootstrap.Fail(e);
            return new VerifiedSupervisor(null) { Steps = bootstrap._steps, Failure = e, CABundle = bundle };
        }
        catch
        {
            trusted?.Dispose();
            throw;
        }
    }

    /// <summary>The bundle, if this machine trusts the server; else null.</summary>
    private async Task<byte[]?> TryDownloadAsync(SupervisorClient trusted, CancellationToken cancellation)
    {
        try
        {
            byte[] bundle = await GetBundleAsync(trusted, cancellation).ConfigureAwait(false);
            _steps.Pass($"{Address} served its CA bundle over a connection that this machine trusts.");
            return bundle;
        }
        catch (K3sTokenException e) when (e.Refusal is not null)
        {
            return null;
        }
    }

    private async Task<byte[]> DownloadUnverifiedAsync(CancellationToken cancellation)
    {
        using SupervisorClient anybody = new(_server, null, _access);
        byte[] bundle = await GetBundleAsync(anybody, cancellation).ConfigureAwait(false);
        _steps.Pass($"{Address} served its CA bundle over a connection that is not verified yet.");
        return bundle;
    }

    private void CheckHash(byte[] bundle, string expected)
    {
        if (expected.Length == 0)
        {
            _steps.Pass("The token has no CA hash to compare with.");
            return;
        }

        string actual = CAHash.Compute(bundle);
        if (!string.Equals(actual, expected, StringComparison.Ordinal))
        {
            throw new K3sTokenException(
                ErrorId.CAHashMismatch,
                $"The CA hash of {Address} is {actual}, and the token names {ServerText.Clean(expected)}. "
                    + (string.Equals(actual, expected, StringComparison.OrdinalIgnoreCase)
                        ? "Write the hash in lower case: K3s takes it in no other form."
                        : "Either the address leads to another cluster or to something in between, or the cluster has a new CA: compare with "
                            + "the token file on the server. No credentials were sent."));
        }

        _steps.Pass("The CA bundle has the hash that the token names.");
    }

    private void PassAsTrustedByHost()
    {
        _steps.Pass("The server's certificate chains to a CA that this machine trusts.");
        _steps.Pass(NameDetail);
    }

    private async Task VerifyAsync(SupervisorClient client, byte[] bundle, CancellationToken cancellation)
    {
        byte[] again = await GetBundleAsync(client, cancellation).ConfigureAwait(false);
        if (!again.AsSpan().SequenceEqual(bundle))
        {
            throw new K3sTokenException(
                ErrorId.ServerCertificateUntrusted,
                $"{Address} served another CA bundle over the verified connection than before: something else answered in between, or its "
                    + "CA is being exchanged. No credentials were sent. Try again, and look into it if it stays so.");
        }

        _steps.Pass("The server's certificate chains to " + (_access.CACertificate is { } file ? $"the CA in {file.Path}." : "that CA."));
        _steps.Pass(NameDetail);
    }

    private string NameDetail => $"The server's certificate is for '{_server.IdnHost}'.";

    private async Task<byte[]> GetBundleAsync(SupervisorClient client, CancellationToken cancellation)
    {
        SupervisorAnswer answer = await client.GetAsync(CAPath, null, cancellation).ConfigureAwait(false);
        if (answer.Code != HttpStatusCode.OK)
        {
            throw new K3sTokenException(ErrorId.ServerError, $"{Address} does not serve {CAPath}: it answered {answer}. {NextStep(answer)}")
            {
                IsStarting = answer.Code == HttpStatusCode.ServiceUnavailable,
            };
        }

        return ServerTrust.In(answer.Body) is null
            ? throw new K3sTokenException(
                ErrorId.ServerError,
                $"What {Address} serves at {CAPath} holds no certificate. Check that this is the address of a K3s server, and what stands "
                    + "between it and this machine.")
            : answer.Body;
    }

    private static string NextStep(SupervisorAnswer answer) => (int)answer.Code switch
    {
        503 => "The server is starting: try again in a moment.",
        429 => "The server is busy: try again in a moment.",
        >= 300 and < 400 => "Redirects are not followed: give the server's own address.",
        _ => "Check that this is the address of a K3s server (port 6443 unless set otherwise; RKE2: 9345).",
    };

    private void Fail(K3sTokenException e)
    {
        if (e.Refusal is { Fault: CertificateFault.HostName })
        {
            _steps.Pass("The server's certificate chains to the CA.");
        }

        _steps.Fail(e.Message);
    }
}
