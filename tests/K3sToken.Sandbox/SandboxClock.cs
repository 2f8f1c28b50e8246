using System;

namespace K3sToken.Sandboxing;

/// <summary>The time of the sandbox: the machine's, moved by an offset that a test may set at any moment.</summary>
public sealed class SandboxClock
{
    private long _offsetTicks;

    /// <summary>How far the server's clock is ahead of the machine's. Counts for the Date header and for everything that expires.</summary>
    public TimeSpan Offset
    {
        get => TimeSpan.FromTicks(System.Threading.Interlocked.Read(ref _offsetTicks));
        set => System.Threading.Interlocked.Exchange(ref _offsetTicks, value.Ticks);
    }

    /// <summary>Now, in UTC.</summary>
    public DateTimeOffset Now => DateTimeOffset.UtcNow + Offset;
}
