using System;
using System.IO;
using System.Threading.Tasks;

namespace K3sToken.Kubernetes;

/// <summary>
/// Reads files that somebody names, with a bound on their size and on the wait for them: a device, a pipe or a large file named by mistake
/// must neither fill memory nor keep a command for ever.
/// </summary>
internal static class BoundedFile
{
    /// <summary>More than any file of certificates, of a key or of a token has.</summary>
    public const int MostBytes = 1 << 20;

    /// <summary>Long enough for another program to write a kubeconfig into a pipe.</summary>
    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(10);

    /// <summary>The bytes of a file; null if it has more than <paramref name="most"/>. Throws what File.ReadAllBytes throws, and IOException
    /// for what does not come to its end.</summary>
    public static byte[]? Read(string path, int most = MostBytes) => HasContent(path) ? ReadAll(path, most) : ReadSlow(path, most);

    /// <summary>False for what knows no length, such as pipes and devices, besides what is empty or missing.</summary>
    public static bool HasContent(string path)
    {
        FileInfo file = new(path);
        return file.Exists && file.Length > 0;
    }

    // No platform opens a pipe without a wait for its other end, or lets go of such a wait.
    private static byte[]? ReadSlow(string path, int most)
    {
        Task<byte[]?> reading = Task.Run(() => ReadAll(path, most));
        return Task.WaitAny([reading], MostPatience) == 0
            ? reading.GetAwaiter().GetResult()
            : throw new IOException($"It gave nothing for {MostPatience.TotalSeconds} seconds: it is a pipe or a device that nobody writes to.");
    }

    private static byte[]? ReadAll(string path, int most)
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
        byte[] result = [];
        try
        {
            int length = 0;
            int read;
            while ((read = file.Read(buffer, length, buffer.Length - length)) > 0)
            {
                length += read;
            }

            bool isWhole = length < buffer.Length || file.ReadByte() < 0;
            return isWhole ? result = length == buffer.Length ? buffer : buffer.AsSpan(0, length).ToArray() : null;
        }
        finally
        {
            if (result != buffer)
            {
                Array.Clear(buffer, 0, buffer.Length);
            }
        }
    }
}
