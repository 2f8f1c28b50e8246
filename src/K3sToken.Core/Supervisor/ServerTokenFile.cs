using System;
using System.IO;
using System.Text;
using K3sToken.Kubernetes;

namespace K3sToken.Supervisor;

/// <summary>Reads the token files of a K3s server's data directory, of this machine or of a disk that is mounted on it.</summary>
internal static class ServerTokenFile
{
    private const int MostLinks = 8;
    private const string ServerFolder = "/server/";

    /// <summary>Where K3s keeps its data unless told otherwise: <c>$K3S_DATA_DIR</c>, else its own default on Linux; null elsewhere.</summary>
    public static string? DefaultDataDir
    {
        get
        {
            if (Environment.GetEnvironmentVariable("K3S_DATA_DIR") is { Length: > 0 } named)
            {
                return named;
            }

#if NETFRAMEWORK
            return null;
#else
            if (!OperatingSystem.IsLinux())
            {
                return null;
            }

            return Environment.IsPrivilegedProcess
                ? "/var/lib/rancher/k3s"
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".rancher/k3s");
#endif
        }
    }

    /// <summary>Reads the token that servers join with, or the one that agents join with.</summary>
    /// <param name="dataDir">The data directory, absolute.</param>
    /// <param name="role">Whose token.</param>
    /// <param name="asPlainText">True for secrets as strings.</param>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.TokenNotFound"/>, <see cref="ErrorId.AccessDenied"/> or
    /// <see cref="ErrorId.TokenMalformed"/>.</exception>
    public static ServerToken Read(string dataDir, NodeRole role, bool asPlainText)
    {
        string path = Path.Combine(dataDir, "server", role == NodeRole.Server ? "token" : "agent-token");
        try
        {
            path = Path.GetFullPath(path);
            string file = Follow(path, dataDir);
            return Parse(ReadBytes(file), asPlainText, path, file == path ? null : file);
        }
        catch (ArgumentException e)
        {
            throw new K3sTokenException(ErrorId.TokenNotFound, $"{dataDir} is not a path.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new K3sTokenException(
                ErrorId.AccessDenied,
                $"{path} cannot be read by this account: K3s lets only root read its token files. Run PowerShell as root (sudo pwsh), on "
                + "Windows as administrator, or have root copy the token.",
                e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new K3sTokenException(
                ErrorId.TokenNotFound,
                $"There is no token file {path}. Is {dataDir} the data directory of a K3s server that has been started? Agents have none. "
                + "Name another with -DataDir.",
                e);
        }
        catch (IOException e)
        {
            throw new K3sTokenException(ErrorId.TokenNotFound, $"{path} cannot be read: {e.Message}", e);
        }
    }

    // An absolute link of a mounted data directory names the path that it had on its own machine. What stands there on this machine is
    // another server's token. The system would follow a link on the way, or a link to a link, wherever it leads: here none is left to it.
    private static string Follow(string path, string dataDir)
    {
        string file = path;
        for (int links = 0; FirstLink(file, dataDir) is var (link, target); links++)
        {
            string unixTarget = target.Replace('\\', '/');
            int tail = unixTarget.LastIndexOf(ServerFolder, StringComparison.Ordinal);
            bool isAbsolute = unixTarget.StartsWith("/", StringComparison.Ordinal) || Path.IsPathRooted(target);
            string inside = isAbsolute && tail >= 0 ? Path.Combine(dataDir, "server", unixTarget.Substring(tail + ServerFolder.Length)) : target;
            file = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(link)!, inside) + file.Substring(link.Length));
            RequireInside(dataDir, link, file, target);
            if (links == MostLinks)
            {
                throw new K3sTokenException(ErrorId.TokenNotFound, $"{path} leads through more than {MostLinks} links. Nothing was read.");
            }
        }

        return file;
    }

    /// <summary>The first link below the data directory on the way to a file, and where it leads; null if there is none.</summary>
    private static (string Link, string Target)? FirstLink(string file, string dataDir)
    {
        int end = RootOf(dataDir).Length;
        while (end < file.Length)
        {
            int next = file.IndexOf(Path.DirectorySeparatorChar, end + 1);
            end = next < 0 ? file.Length : next;
            string part = file.Substring(0, end);
            if (TargetOf(part) is string target)
            {
                return (part, target);
            }
        }

        return null;
    }

    private static string RootOf(string dataDir) => Path.GetFullPath(dataDir).TrimEnd(Path.DirectorySeparatorChar);

    private static void RequireInside(string dataDir, string link, string file, string target)
    {
        if (!file.StartsWith(RootOf(dataDir) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new K3sTokenException(
                ErrorId.TokenNotFound,
                $"{link} is a link to {target}, which is outside of {dataDir}. Nothing outside is read: it may be another server's.");
        }
    }

#if NETFRAMEWORK
    // .NET Framework cannot read where a link leads, and Windows would follow it on this machine.
    private static string? TargetOf(string file) => (File.GetAttributes(file) & FileAttributes.ReparsePoint) == 0
        ? null
        : throw new K3sTokenException(
            ErrorId.TokenNotFound,
            $"{file} is a link, which Windows PowerShell cannot follow inside of the data directory. Use PowerShell 7, or read the token "
                + "that it leads to: K3s lets agent-token lead to token.");
#else
    private static string? TargetOf(string file) => new FileInfo(file).LinkTarget;
#endif

    private static byte[] ReadBytes(string file)
    {
        byte[] bytes = BoundedFile.Read(file) ?? throw new K3sTokenException(ErrorId.TokenMalformed, $"{file} is too large for a token file.");
        return bytes.Length > 0
            ? bytes
            : throw new K3sTokenException(
                ErrorId.TokenNotFound, $"{file} is empty, which K3s takes as no token. Start the server once: it then writes its token there.");
    }

    // What an editor or a redirection may have left: a byte order mark, UTF-16, a second line. K3s would take it for part of the password.
    private static void RequireOneLine(ReadOnlySpan<char> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\ufeff' || (char.IsControl(text[i]) && text.Slice(i) is not ("\n" or "\r\n")))
            {
                throw new K3sTokenException(
                    ErrorId.TokenMalformed, "it must be one line of UTF-8 without a byte order mark. Write it anew, or take it from another server.");
            }
        }
    }

    private static ServerToken Parse(byte[] bytes, bool asPlainText, string path, string? linkTarget)
    {
        char[] text = Encoding.UTF8.GetChars(bytes);
        try
        {
            RequireOneLine(text);
            return new ServerToken(text, asPlainText, path, linkTarget);
        }
        catch (K3sTokenException e)
        {
            throw new K3sTokenException(ErrorId.TokenMalformed, $"{linkTarget ?? path} holds no token: {e.Message}", e);
        }
        finally
        {
            Array.Clear(bytes, 0, bytes.Length);
            Array.Clear(text, 0, text.Length);
        }
    }
}
