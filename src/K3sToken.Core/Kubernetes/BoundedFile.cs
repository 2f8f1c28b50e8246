using System;
using System.IO;

namespace K3sToken.Kubernetes;

/// <summary>
/// Reads files that somebody names, with a bound on their size: a device, or a large file named by mistake, must not fill memory.
/// </summary>
internal static class BoundedFile
{
    /// <summary>More than any file of certificates, of a key or of a token has.</summary>
    public const int MostBytes = 1 << 20;

    /// <summary>The bytes of a file; null if it has more than <paramref name="most"/>. Throws what File.ReadAllBytes throws.</summary>
    public static byte[]? Read(string path, int most = MostBytes)
    {
        // Without a buffer of its own, in which a key or a token would stay.
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
        long known = file.CanSeek ? file.Length : 0;
        if (known > most)
        {
            return null;
        }

        // Devices and pipes know no length.
        byte[] buffer = new byte[known > 0 ? known : most];
        int length = 0;
        int read;
        while ((read = file.Read(buffer, length, buffer.Length - length)) > 0)
        {
            length += read;
        }

        if (length < buffer.Length)
        {
            byte[] bytes = buffer.AsSpan(0, length).ToArray();
            Array.Clear(buffer, 0, length);
            return bytes;
        }

        return file.ReadByte() < 0 ? buffer : null;
    }
}
