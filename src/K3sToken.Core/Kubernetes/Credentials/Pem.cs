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

    private static ReadOnlySpan<byte> End => "-----END "u8;

    /// <summary>An END line ends the last block that began before it, if the labels are the same.</summary>
    public static List<Block> Read(ReadOnlySpan<byte> pem)
    {
        List<Block> blocks = [];
        int end;
        while ((end = pem.IndexOf(End)) >= 0)
        {
            int begin = pem.Slice(0, end).LastIndexOf(Begin);
            ReadOnlySpan<byte> block = begin < 0 ? default : pem.Slice(begin + Begin.Length, end - begin - Begin.Length);
            pem = pem.Slice(end + End.Length);
            int label = block.IndexOf(Dashes);
            if (label >= 0 && pem.StartsWith(block.Slice(0, label + Dashes.Length)))
            {
                blocks.Add(BlockOf(Encoding.ASCII.GetString(block.Slice(0, label).ToArray()), block.Slice(label + Dashes.Length)));
            }
        }

        return blocks;
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
