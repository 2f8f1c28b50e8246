using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace K3sToken.Kubernetes;

/// <summary>Finds the kubeconfig: what the caller names, <c>KUBECONFIG</c>, a K3s server's own, the user's own.</summary>
internal static class KubeconfigLocator
{
    /// <summary>The absolute paths of the files to read, which exist; none where only a pod's service account is left.</summary>
    /// <param name="named">A path, or several joined with <see cref="Path.PathSeparator"/>; null or empty for the default places.</param>
    /// <param name="currentDirectory">What relative paths begin at.</param>
    /// <param name="places">The default places.</param>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.KubeconfigNotFound"/>: of the files named, none exists.</exception>
    public static IReadOnlyList<string> Find(string? named, string currentDirectory, KubeconfigPlaces places)
    {
        if (!string.IsNullOrEmpty(named))
        {
            return Existing(named!, currentDirectory, places, "");
        }

        string? list = places.EnvironmentVariable("KUBECONFIG");
        if (!string.IsNullOrEmpty(list))
        {
            return Existing(list!, currentDirectory, places, " that the environment variable KUBECONFIG names");
        }

        if (places.ServerFile is { } serverFile && File.Exists(serverFile) && places.IsOwnedByRoot(serverFile))
        {
            return [serverFile];
        }

        return places.HomeFile is { } homeFile && File.Exists(homeFile) ? [homeFile] : [];
    }

    /// <summary>The error for a machine without any kubeconfig.</summary>
    public static K3sTokenException NothingFound(KubeconfigPlaces places)
    {
        string files = string.Join(", ", new[] { places.ServerFile, places.HomeFile }.Where(file => file is not null));
        return new K3sTokenException(
            ErrorId.KubeconfigNotFound,
            $"No kubeconfig was found. Looked at: the environment variable KUBECONFIG (not set), {files}, and the service account of a pod "
            + $"({places.ServiceAccount}). Name a kubeconfig with -Kubeconfig or in KUBECONFIG; a K3s server writes its own to "
            + "/etc/rancher/k3s/k3s.yaml.");
    }

    // As kubectl does, files of a list that do not exist are skipped.
    private static string[] Existing(string list, string currentDirectory, KubeconfigPlaces places, string origin)
    {
        string[] paths = Split(list).Select(path => Absolute(path, currentDirectory, places.Home)).Distinct().ToArray();
        string[] existing = paths.Where(path => File.Exists(path) || Directory.Exists(path)).ToArray();
        if (existing.Length > 0)
        {
            return existing;
        }

        string missing = paths.Length == 0 ? "No kubeconfig" : string.Join(", ", paths);
        throw new K3sTokenException(
            ErrorId.KubeconfigNotFound,
            $"There is no such kubeconfig{origin}: {missing}. Check the path, and that this account may look into the folder.");
    }

    private static IEnumerable<string> Split(string list)
    {
        string[] paths = list.Split([Path.PathSeparator], StringSplitOptions.RemoveEmptyEntries);
        // cmd.exe's set keeps quotes in the value, and kubectl takes them off.
        return Path.DirectorySeparatorChar == '\\' ? paths.Select(path => path.Trim('"')).Where(path => path.Length > 0) : paths;
    }

    private static string Absolute(string path, string currentDirectory, string home)
    {
        bool isBelowHome = path[0] == '~' && (path.Length == 1 || path[1] == '/' || path[1] == Path.DirectorySeparatorChar);
        string from = isBelowHome && home.Length > 0 ? Path.Combine(home, path.Substring(Math.Min(2, path.Length))) : path;
        try
        {
            return Path.GetFullPath(Path.Combine(currentDirectory, from));
        }
        catch (Exception malformed) when (malformed is ArgumentException or NotSupportedException or PathTooLongException)
        {
            throw new K3sTokenException(ErrorId.KubeconfigNotFound, $"'{path}' is not the path of a kubeconfig.", malformed);
        }
    }
}
