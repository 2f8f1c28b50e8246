using System;
using System.Diagnostics;
using System.Threading;

namespace K3sToken.Tests.Fuzzing;

/// <summary>
/// What one input may cost. Memory: 50 MiB, counted as all that the reading thread allocates, given back or not; so what it holds at any
/// moment is less, and the count is the same on every machine. Time: a second, of which a busy machine may steal some; so an input that
/// took longer is read twice more, and its quickest reading counts.
/// </summary>
internal static class Limits
{
    private const long MostBytes = 50 << 20;
    private const int StackBytes = 1 << 20;
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Hang = TimeSpan.FromMinutes(1);

    /// <summary>What is wrong with the reading of an input; null if nothing is.</summary>
    public static string? Broken(Action read, out Exception? thrown)
    {
        long before = Allocated();
        TimeSpan time = Time(read, out thrown);
        long bytes = Allocated() - before;
        for (int again = 0; again < 2 && time > MostTime; again++)
        {
            TimeSpan other = Time(read, out _);
            time = other < time ? other : time;
        }

        return thrown is not null and not K3sTokenException ? $"It threw {thrown}"
            : time > MostTime ? $"It took {time.TotalSeconds:0.0} s."
            : bytes > MostBytes ? $"It allocated {bytes >> 20} MiB."
            : null;
    }

    /// <summary>Runs what reads inputs on a thread with the small stack that Windows gives; fails where one input hangs.</summary>
    /// <param name="work">Says before each input what it is about to read.</param>
    public static void Watch(Action<Action<string>> work)
    {
        Exception? failure = null;
        string current = "";
        long since = Stopwatch.GetTimestamp();
        Thread thread = new(
            () =>
            {
                try
                {
                    work(next =>
                    {
                        Volatile.Write(ref current, next);
                        Volatile.Write(ref since, Stopwatch.GetTimestamp());
                    });
                }
                catch (Exception e)
                {
                    failure = e;
                }
            },
            StackBytes)
        {
            IsBackground = true,
        };
        thread.Start();
        while (!thread.Join(TimeSpan.FromSeconds(1)))
        {
            double seconds = (Stopwatch.GetTimestamp() - Volatile.Read(ref since)) / (double)Stopwatch.Frequency;
            Xunit.Assert.True(seconds < Hang.TotalSeconds, $"It hangs on {Volatile.Read(ref current)}");
        }

        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(failure).Throw();
        }
    }

    private static TimeSpan Time(Action read, out Exception? thrown)
    {
        Stopwatch watch = Stopwatch.StartNew();
        thrown = Xunit.Record.Exception(read);
        return watch.Elapsed;
    }

#if NETFRAMEWORK
    // .NET Framework does not count by thread.
    private static long Allocated() => 0;
#else
    private static long Allocated() => GC.GetAllocatedBytesForCurrentThread();
#endif
}
