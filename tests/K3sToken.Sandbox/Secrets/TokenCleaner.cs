using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>Deletes bootstrap tokens that have expired, as Kubernetes' controller does.</summary>
internal sealed class TokenCleaner : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _end = new();
    private readonly Task _work;

    public TokenCleaner(SecretStore store, SandboxClock clock) => _work = WorkAsync(store, clock, _end.Token);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _work;
        _end.Dispose();
    }

    private static async Task WorkAsync(SecretStore store, SandboxClock clock, CancellationToken end)
    {
        using PeriodicTimer timer = new(Pause);
        try
        {
            while (await timer.WaitForNextTickAsync(end))
            {
                Sweep(store, clock.Now);
            }
        }
        catch (OperationCanceledException)
        {
            // The sandbox ends.
        }
    }

    private static void Sweep(SecretStore store, DateTimeOffset now)
    {
        foreach (StoredSecret stored in store.Current.Secrets.Values.Where(stored => stored.CleanedFrom <= now))
        {
            store.DeleteUnchanged(stored.Secret);
        }
    }
}
