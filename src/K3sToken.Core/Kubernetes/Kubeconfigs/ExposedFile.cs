#if !NETFRAMEWORK
using System;
using System.IO;
#endif

namespace K3sToken.Kubernetes;

/// <summary>Looks at the mode of a file that holds a secret, as ssh does with private keys.</summary>
internal static class ExposedFile
{
#if NETFRAMEWORK
    /// <summary>Nothing: on Windows access lists say who may open a file.</summary>
    public static string? Warning(string _, string __) => null;
#else
    private const UnixFileMode Reading = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Writing = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>What to tell a person whose file others can read or change; null where they cannot, and on Windows, where access lists say
    /// who may open a file.</summary>
    /// <param name="what">What it is, for example <c>kubeconfig</c>.</param>
    /// <param name="path">Where it is; of a link the file counts that it leads to.</param>
    public static string? Warning(string what, string path)
    {
        UnixFileMode mode = ModeOf(path);
        string? may = ((mode & Reading) != 0, (mode & Writing) != 0) switch
        {
            (true, true) => "read and change",
            (true, false) => "read",
            (false, true) => "change",
            _ => null,
        };
        return may is null
            ? null
            : $"Others on this machine can {may} the {what} {path}, which holds credentials (mode {Convert.ToString((int)mode, 8).PadLeft(4, '0')}). "
                + $"Close it to them: chmod 600 '{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }

    private static UnixFileMode ModeOf(string path)
    {
        try
        {
            return OperatingSystem.IsWindows() || !BoundedFile.HasContent(path) ? UnixFileMode.None : File.GetUnixFileMode(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return UnixFileMode.None;
        }
    }
#endif
}
