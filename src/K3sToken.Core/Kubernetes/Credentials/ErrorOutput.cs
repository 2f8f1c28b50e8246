using System;
using System.IO;
using System.Text;
using System.Threading.Tasks;

namespace K3sToken.Kubernetes;

/// <summary>Reads what a program writes to its error output while it runs, and keeps the end of it.</summary>
internal sealed class ErrorOutput
{
    private const int Kept = 16 * 1024;

    private readonly Stream _from;
    private readonly Stream? _echo;
    private readonly byte[] _end = new byte[Kept];
    private int _length;

    /// <summary>Starts reading.</summary>
    /// <param name="from">The program's error output.</param>
    /// <param name="echo">Where a person sees it at once, or null.</param>
    public ErrorOutput(Stream from, Stream? echo)
    {
        _from = from;
        _echo = echo;
        Completion = ReadAsync();
    }

    /// <summary>Ends with the output.</summary>
    public Task Completion { get; }

    /// <summary>The end of what came so far, fit to be shown.</summary>
    public string Text
    {
        get
        {
            lock (_end)
            {
                return PlainText.Of(Encoding.UTF8.GetString(_end, 0, _length));
            }
        }
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[Kept];
        try
        {
            int count;
            while ((count = await _from.ReadAsync(buffer, 0, buffer.Length).ConfigureAwait(false)) > 0)
            {
                Keep(buffer.AsSpan(0, count));
                if (_echo is not null)
                {
                    await _echo.WriteAsync(buffer, 0, count).ConfigureAwait(false);
                    await _echo.FlushAsync().ConfigureAwait(false);
                }
            }
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The program was given up.
        }
    }

    private void Keep(ReadOnlySpan<byte> more)
    {
        lock (_end)
        {
            int old = Math.Min(_length, Kept - more.Length);
            Buffer.BlockCopy(_end, _length - old, _end, 0, old);
            more.CopyTo(_end.AsSpan(old));
            _length = old + more.Length;
        }
    }
}
