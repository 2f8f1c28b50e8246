using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace K3sToken.Kubernetes;

/// <summary>The blocks of a PEM text, between anything else.</summary>
internal static class Pem
{
    private const string Begin = "-----BEGIN ";
    private const string End = "-----END ";
    private const string Dashes = "-----";

    /// <summary>A block. Der is null where the content is no base64: an old encrypted key has headers there.</summary>
    public readonly record struct Block(string Label, byte[]? Der);

    public static List<Block> Read(byte[] pem)
    {
        string text = Encoding.ASCII.GetString(pem);
        List<Block> blocks = [];
        int at = 0;
        while ((at = text.IndexOf(Begin, at, StringComparison.Ordinal)) >= 0)
        {
            int labelStart = at + Begin.Length;
            int labelEnd = text.IndexOf(Dashes, labelStart, StringComparison.Ordinal);
            if (labelEnd < 0)
            {
                break;
            }

            string label = text.Substring(labelStart, labelEnd - labelStart);
            int contentStart = labelEnd + Dashes.Length;
            int contentEnd = text.IndexOf(End + label + Dashes, contentStart, StringComparison.Ordinal);
            if (contentEnd < 0)
            {
                at = contentStart;
                continue;
            }

            blocks.Add(new Block(label, Decode(text.Substring(contentStart, contentEnd - contentStart))));
            at = contentEnd;
        }

        return blocks;
    }

    /// <summary>True if at least one block is a certificate that can be read.</summary>
    public static bool HoldsCertificate(byte[] pem)
    {
        foreach (Block block in Read(pem))
        {
            if (block is { Label: "CERTIFICATE", Der: { } der } && IsCertificate(der))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsCertificate(byte[] der)
    {
        try
        {
            using X509Certificate2 certificate = new(der);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static byte[]? Decode(string base64)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
