using System;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace K3sToken.Kubernetes;

/// <content>The CA bundle that a K3s server hands out to nodes that join.</content>
internal sealed partial class KubernetesApi
{
    private const int MostCABytes = 1 << 20;

    /// <inheritdoc/>
    public async Task<byte[]?> GetServedCAAsync(CancellationToken cancellation)
    {
        if (_connection.Trust is not { } trust || Context.Server.AbsolutePath != "/")
        {
            return null;
        }

        byte[]? bundle = await FetchCAAsync(trust, cancellation).ConfigureAwait(false);
        if (bundle is null || ServerTrust.In(bundle) is not { } own)
        {
            return null;
        }

        // The bundle that has just verified the connection need not do it again.
        return Same(bundle, Context.CABundle) || await VerifiesAsync(bundle, own, cancellation).ConfigureAwait(false) ? bundle : null;
    }

    private static bool Same(byte[] a, byte[]? b) => b is not null && a.AsSpan().SequenceEqual(b);

    private async Task<bool> VerifiesAsync(byte[] bundle, ServerTrust own, CancellationToken cancellation)
    {
        try
        {
            return await FetchCAAsync(own, cancellation).ConfigureAwait(false) is { } again && Same(again, bundle);
        }
        catch (K3sTokenException e) when (e.Id == ErrorId.ServerCertificateUntrusted)
        {
            return false;
        }
    }

    private async Task<byte[]?> FetchCAAsync(ServerTrust trust, CancellationToken cancellation)
    {
        ClusterConnection.Session session = _connection.OpenAnonymous(trust);
        using HttpMessageInvoker http = session.Http;
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(_timeout);
        ApiRequest request = new(HttpMethod.Get, "/cacerts", "");
        for (int tries = 1; ; tries++)
        {
            Outcome<byte[]?> outcome =
                await TryAsync(request, ReadCAAsync, session, tries, deadline.Token, cancellation).ConfigureAwait(false);
            if (outcome.Failure is null)
            {
                return outcome.Value;
            }

            await Task.Delay(outcome.RetryAfter ?? throw outcome.Failure, cancellation).ConfigureAwait(false);
        }
    }

    private static Task<byte[]?> ReadCAAsync(HttpResponseMessage response, CancellationToken cancellation) =>
        response.StatusCode == HttpStatusCode.OK
            ? ResponseBody.ReadAllAsync(response, MostCABytes, static body => body.ToArray(), cancellation)
            : Task.FromResult<byte[]?>(null);
}
