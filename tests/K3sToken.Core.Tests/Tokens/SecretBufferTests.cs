using System;
using System.Runtime.InteropServices;
using System.Text;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Tokens;

public sealed class SecretBufferTests
{
    private const string Text = "sehr geheim 🔑";

    [Fact]
    public void It_holds_what_is_written()
    {
        using SecretBuffer buffer = new();
        buffer.Write(Text.AsSpan());
        "!"u8.CopyTo(buffer.GetSpan(1));
        buffer.Advance(1);

        Assert.Equal(Text + "!", Encoding.UTF8.GetString(buffer.Written.ToArray()));
    }

    [Fact]
    public void Disposing_zeroes_all_of_it()
    {
        SecretBuffer buffer = new();
        buffer.Write(Text.AsSpan());
        byte[] bytes = Array(buffer);

        buffer.Dispose();

        Assert.All(bytes, b => Assert.Equal(0, b));
        Assert.Equal(0, buffer.Written.Length);
    }

    [Fact]
    public void Growing_zeroes_what_it_grows_out_of()
    {
        using SecretBuffer buffer = new();
        buffer.Write(Text.AsSpan());
        byte[] small = Array(buffer);

        buffer.GetSpan(100_000);

        Assert.NotSame(small, Array(buffer));
        Assert.All(small, b => Assert.Equal(0, b));
        Assert.Equal(Text, Encoding.UTF8.GetString(buffer.Written.ToArray()));
    }

    private static byte[] Array(SecretBuffer buffer) =>
        MemoryMarshal.TryGetArray(buffer.Written, out ArraySegment<byte> bytes) ? bytes.Array! : throw new InvalidOperationException();
}
