using System;
using System.Threading;
using System.Threading.Tasks;

namespace K3sToken.Kubernetes;

/// <summary>
/// The credential of an exec plugin, kept until it expires or the server refuses it. The plugin may ask a person, so it never runs twice
/// at once. Safe to use from several threads.
/// </summary>
internal sealed class ExecPluginCredentials : IDisposable
{
    private readonly ExecPluginRunner _runner;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private ExecCredential? _current;

    /// <summary>Runs nothing yet.</summary>
    /// <param name="plugin">The plugin.</param>
    /// <param name="context">The context that it is run for.</param>
    /// <param name="isConsoleThere">Whether a person sits at a console that the plugin can read from.</param>
    public ExecPluginCredentials(ExecPlugin plugin, ClusterContext context, bool isConsoleThere) =>
        _runner = new ExecPluginRunner(plugin, context, isConsoleThere);

    /// <summary>The credential at hand, or a new one.</summary>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.AuthenticationFailed"/>: the plugin gave none.</exception>
    public async Task<ExecCredential> GetAsync(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (Volatile.Read(ref _current) is { } current && !(current.Expires <= DateTimeOffset.UtcNow))
            {
                return current;
            }

            ExecCredential fresh = await _runner.RunAsync(cancellation).ConfigureAwait(false);
            Volatile.Write(ref _current, fresh);
            return fresh;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Forgets a credential that the server refused (401), unless another has taken its place already.</summary>
    public void Invalidate(ExecCredential refused) => Interlocked.CompareExchange(ref _current, null, refused);

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();
}
