using System;
using System.IO;
using System.Linq;

namespace K3sToken.Kubernetes;

/// <summary>Finds the file that a command means. Unlike the platform's own search it never looks into the current folder.</summary>
internal static class Executable
{
    private static readonly bool IsWindows = Path.DirectorySeparatorChar == '\\';

    /// <summary>The absolute path of a command, or null where there is no such executable.</summary>
    /// <param name="command">An absolute path, or a name to look up on PATH.</param>
    public static string? Find(string command)
    {
        string[] names = Names(command);
        if (Path.IsPathRooted(command))
        {
            return names.FirstOrDefault(IsExecutable);
        }

        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return path.Split([Path.PathSeparator], StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathRooted)
            .SelectMany(folder => names.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(IsExecutable);
    }

    private static string[] Names(string command)
    {
        if (!IsWindows)
        {
            return [command];
        }

        string extensions = Environment.GetEnvironmentVariable("PATHEXT") ?? ".COM;.EXE;.BAT;.CMD";
        string[] names = extensions.Split([';'], StringSplitOptions.RemoveEmptyEntries).Select(extension => command + extension).ToArray();
        return Path.HasExtension(command) ? [command, .. names] : names;
    }

#if NETFRAMEWORK
    private static bool IsExecutable(string file) => File.Exists(file);
#else
    private const UnixFileMode AnybodyMayRun = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static bool IsExecutable(string file) =>
        File.Exists(file) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & AnybodyMayRun) != 0);
#endif
}
