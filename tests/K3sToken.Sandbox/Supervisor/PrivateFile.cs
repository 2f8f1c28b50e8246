using System;
using System.IO;
using System.Text;

namespace K3sToken.Sandboxing.Supervisor;

/// <summary>Files that only their owner may read.</summary>
internal static class PrivateFile
{
    public static void Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    public static void Write(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using FileStream file = new(path, options);
        file.Write(content);
    }

    /// <summary>Makes <paramref name="path"/> a link to a file, or a copy of it where links are not to be had.</summary>
    public static void Link(string path, string target)
    {
        if (new FileInfo(path).LinkTarget is not null)
        {
            return;
        }

        File.Delete(path);
        try
        {
            File.CreateSymbolicLink(path, target);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Windows lets only administrators and developers make links.
            File.Copy(target, path);
        }
    }
}
