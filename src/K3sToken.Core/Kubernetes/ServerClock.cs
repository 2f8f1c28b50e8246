using System;

namespace K3sToken.Kubernetes;

/// <summary>The server's clock, told from the Date header of its answers.</summary>
public sealed class ServerClock
{
    /// <summary>A difference up to this is no reason for a warning.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(30);

    private long _offsetTicks;
    private volatile bool _isKnown;

    /// <summary>How much the server's clock is ahead of ours; zero until the first answer, and where the two differ by less than 2 s
    /// (a Date header counts whole seconds).</summary>
    public TimeSpan Offset => new(System.Threading.Interlocked.Read(ref _offsetTicks));

    /// <summary>True once an answer has told it.</summary>
    public bool IsKnown => _isKnown;

    /// <summary>The server's time now, UTC.</summary>
    public DateTime UtcNow => DateTime.UtcNow + Offset;

    /// <summary>Takes in the Date header of an answer.</summary>
    public void Observe(DateTimeOffset date)
    {
        TimeSpan offset = date.UtcDateTime - DateTime.UtcNow;
        System.Threading.Interlocked.Exchange(ref _offsetTicks, offset.Duration() < TimeSpan.FromSeconds(2) ? 0 : offset.Ticks);
        _isKnown = true;
    }
}
