using System;
using System.Runtime.InteropServices;
using System.Text;

namespace K3sToken.Kubernetes;

/// <summary>Who owns a file on Linux, which .NET does not tell.</summary>
internal static class FileOwner
{
    private const int CurrentDirectory = -100;
    private const uint WantOwner = 0x8;

    /// <summary>True if root owns the file; false also where that cannot be found out.</summary>
    public static bool IsRoot(string path)
    {
        try
        {
            return StatX(CurrentDirectory, Encoding.UTF8.GetBytes(path + '\0'), 0, WantOwner, out Status status) == 0 && status.Owner == 0;
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    // Unlike stat, its structure is the same on every processor: https://man7.org/linux/man-pages/man2/statx.2.html
    [DllImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatX(int directory, byte[] path, int flags, uint mask, out Status status);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(20)]
        public uint Owner;
    }
}
