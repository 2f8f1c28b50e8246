using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace K3sToken.Kubernetes;

/// <summary>
/// How many requests may be under way to a cluster at once. A server that says it is too busy (429) gets half as many from then on, and
/// one more after each round that it took; without this, all that were refused would come again together.
/// </summary>
internal sealed class RequestGate
{
    /// <summary>The most that are under way at once.</summary>
    public const int Most = 64;

    private readonly object _lock = new();
    private readonly Queue<TaskCompletionSource<long>> _waiting = new();
    private int _limit = Most;
    private int _underWay;
    private int _takenInRound;
    private long _entered;
    private long _enteredAtCut;

    /// <summary>Waits until one more request may be sent. Whoever was let in must <see cref="Leave"/>.</summary>
    /// <returns>The request's number.</returns>
    public async Task<long> EnterAsync(CancellationToken cancellation)
    {
        TaskCompletionSource<long> turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_underWay < _limit)
            {
                _underWay++;
                return ++_entered;
            }

            _waiting.Enqueue(turn);
        }

        using CancellationTokenRegistration ending = cancellation.Register(() => turn.TrySetCanceled(cancellation));
        return await turn.Task.ConfigureAwait(false);
    }

    /// <summary>A request has its answer, or none.</summary>
    /// <param name="number">What <see cref="EnterAsync"/> returned.</param>
    /// <param name="tooBusy">True if the server did not take it, because it is too busy.</param>
    public void Leave(long number, bool tooBusy)
    {
        lock (_lock)
        {
            _underWay--;
            if (tooBusy)
            {
                Cut(number);
            }
            else if (number > _enteredAtCut && _limit < Most && ++_takenInRound >= _limit)
            {
                _limit++;
                _takenInRound = 0;
            }

            while (_underWay < _limit && _waiting.Count > 0)
            {
                // Who gave up waiting takes no place.
                if (_waiting.Dequeue().TrySetResult(_entered + 1))
                {
                    _underWay++;
                    _entered++;
                }
            }
        }
    }

    // Those that were under way at the last cut were sent under the old limit: that they are refused as well says nothing new.
    private void Cut(long number)
    {
        if (number > _enteredAtCut)
        {
            _limit = _limit > 1 ? _limit / 2 : 1;
            _enteredAtCut = _entered;
            _takenInRound = 0;
        }
    }
}
