using System;
using System.Buffers;
using System.Text;
using System.Text.Json;

namespace K3sToken.Tokens;

/// <summary>Bytes that hold a secret, written one after the other. Wherever they have been is zeroed. Not from a pool: a connection that was
/// given up may still read a request's body, and must not find somebody else's bytes there.</summary>
internal sealed class SecretBuffer : IBufferWriter<byte>, IDisposable
{
    private byte[] _bytes = new byte[1024];
    private int _length;

    /// <summary>What was written, as long as this is not disposed.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    /// <summary>A JSON object; the caller disposes it.</summary>
    /// <param name="members">Writes its members.</param>
    public static SecretBuffer OfJson(Action<Utf8JsonWriter> members)
    {
        SecretBuffer body = new();
        using Utf8JsonWriter json = new(body);
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
        return body;
    }

    /// <summary>Writes a text in UTF-8.</summary>
    public void Write(ReadOnlySpan<char> text)
    {
        Reserve(Encoding.UTF8.GetMaxByteCount(text.Length));
#if NETFRAMEWORK
        char[] copy = text.ToArray();
        _length += Encoding.UTF8.GetBytes(copy, 0, copy.Length, _bytes, _length);
        Array.Clear(copy, 0, copy.Length);
#else
        _length += Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_length));
#endif
    }

    /// <inheritdoc/>
    public void Advance(int count) => _length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Zeroes everything.</summary>
    public void Dispose()
    {
        Array.Clear(_bytes, 0, _bytes.Length);
        _length = 0;
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - _length >= count)
        {
            return;
        }

        byte[] larger = new byte[Math.Max(_bytes.Length * 2, checked(_length + count))];
        Buffer.BlockCopy(_bytes, 0, larger, 0, _length);
        Array.Clear(_bytes, 0, _length);
        _bytes = larger;
    }
}
