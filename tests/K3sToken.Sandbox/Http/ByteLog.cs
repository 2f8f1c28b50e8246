using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace K3sToken.Sandboxing.Http;

/// <summary>All bytes that a server received, decrypted, connection by connection.</summary>
internal sealed class ByteLog
{
    private readonly Lock _lock = new();
    private readonly List<List<byte>> _connections = [];

    public IReadOnlyList<byte> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _connections.SelectMany(connection => connection)];
            }
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _connections.ForEach(connection => connection.Clear());
        }
    }

    /// <summary>A connection that notes what is read from it.</summary>
    public IDuplexPipe Listen(IDuplexPipe connection)
    {
        List<byte> bytes = [];
        lock (_lock)
        {
            _connections.Add(bytes);
        }

        return new Tapped(new Reader(connection.Input, read => Append(bytes, read)), connection.Output);
    }

    private void Append(List<byte> bytes, ReadOnlySequence<byte> read)
    {
        lock (_lock)
        {
            foreach (ReadOnlyMemory<byte> part in read)
            {
                bytes.AddRange(part.Span);
            }
        }
    }

    private sealed record Tapped(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Reads what another reader reads, and tells of each byte when it is done with.</summary>
    private sealed class Reader(PipeReader inner, Action<ReadOnlySequence<byte>> note) : PipeReader
    {
        private ReadOnlySequence<byte> _seen;

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            See(await inner.ReadAsync(cancellationToken));

        public override bool TryRead(out ReadResult result)
        {
            bool read = inner.TryRead(out result);
            if (read)
            {
                See(result);
            }

            return read;
        }

        public override void AdvanceTo(SequencePosition consumed)
        {
            note(_seen.Slice(0, consumed));
            inner.AdvanceTo(consumed);
        }

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            note(_seen.Slice(0, consumed));
            inner.AdvanceTo(consumed, examined);
        }

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        private ReadResult See(ReadResult result)
        {
            _seen = result.Buffer;
            return result;
        }
    }
}
