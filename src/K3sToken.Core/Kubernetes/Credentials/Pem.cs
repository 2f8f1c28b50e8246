using System;
using System.Buffers.Text;
using System.Collections.Generic;
using System.Text;

namespace K3sToken.Kubernetes;

/// <summary>The blocks of a PEM text, between anything else. Bytes throughout: a string of a private key could not be zeroed.</summary>
internal static class Pem
{
    /// <summary>A block.</summary>
    /// <param name="Label">What stands after BEGIN.</param>
    /// <param name="Der">The content; null where it is no base64.</param>
    /// <param name="IsEncrypted">True where a password is needed to read the content.</param>
    public sealed record Block(string Label, byte[]? Der, bool IsEncrypted);

    private static ReadOnlySpan<byte> Begin => "-----BEGIN "u8;

    private static ReadOnlySpan<byte> Dashes => "-----"u8;

    public static List<Block> Read(ReadOnlySpan<byte> pem)
    {
        List<Block> blocks = [];
        while (Skip(ref pem, Begin) && pem.IndexOf(Dashes) is >= 0 and int labelLength)
        {
            string label = Encoding.ASCII.GetString(pem.Slice(0, labelLength).ToArray());
            ReadOnlySpan<byte> rest = pem.Slice(labelLength + Dashes.Length);
            int length = rest.IndexOf(Encoding.ASCII.GetBytes($"-----END {label}-----"));
            if (length >= 0)
            {
                blocks.Add(BlockOf(label, rest.Slice(0, length)));
                pem = rest.Slice(length);
            }
        }

        return blocks;
    }

    private static bool Skip(ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> mark)
    {
        int at = text.IndexOf(mark);
        text = at < 0 ? default : text.Slice(at + mark.Length);
        return at >= 0;
    }

    private static Block BlockOf(string label, ReadOnlySpan<byte> content)
    {
        // The header of OpenSSL's own encryption, and the label of PKCS#8's.
        bool isEncrypted = content.IndexOf("Proc-Type: 4,ENCRYPTED"u8) >= 0 || label == "ENCRYPTED PRIVATE KEY";
        return new Block(label, Decode(content), isEncrypted);
    }

    private static byte[]? Decode(ReadOnlySpan<byte> base64)
    {
        byte[] buffer = new byte[base64.Length];
        int length = 0;
        foreach (byte character in base64)
        {
            if (character is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                buffer[length++] = character;
            }
        }

        try
        {
            return Base64.DecodeFromUtf8InPlace(buffer.AsSpan(0, length), out int decoded) == System.Buffers.OperationStatus.Done
                ? buffer.AsSpan(0, decoded).ToArray()
                : null;
        }
        finally
        {
            Array.Clear(buffer, 0, buffer.Length);
        }
    }
}
