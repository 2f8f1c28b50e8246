using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace K3sToken.Sandboxing.Supervisor;

/// <summary>The files that all servers have in common, as they stand in the datastore before they are encrypted.</summary>
internal static class BootstrapData
{
    public static byte[] Read(DataDirectory directory)
    {
        using MemoryStream json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            writer.WriteStartObject();
            foreach ((string name, string path) in directory.Shared.Where(file => File.Exists(file.Value)))
            {
                writer.WriteStartObject(name);
                writer.WriteString("Timestamp", File.GetLastWriteTimeUtc(path));
                writer.WriteBase64String("Content", File.ReadAllBytes(path));
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return json.ToArray();
    }

    /// <summary>
    /// Makes a server's files those of the datastore. K3s calls a file newer from a difference of three seconds; here time does not have
    /// to pass.
    /// </summary>
    /// <returns>Why the server cannot start, or null.</returns>
    public static string? Reconcile(DataDirectory directory, byte[] data)
    {
        using JsonDocument document = JsonDocument.Parse(data);
        List<(string Path, byte[] Content, DateTime Time)> stored =
        [
            .. document.RootElement.EnumerateObject().Select(file => (
                directory.Shared[file.Name],
                file.Value.GetProperty("Content").GetBytesFromBase64(),
                file.Value.GetProperty("Timestamp").GetDateTime())),
        ];
        var different = stored.Where(file => !File.Exists(file.Path) || !File.ReadAllBytes(file.Path).SequenceEqual(file.Content)).ToList();
        var newer = different.Where(file => File.Exists(file.Path) && File.GetLastWriteTimeUtc(file.Path) >= file.Time).ToList();
        if (newer.Count > 0)
        {
            return $"{string.Join(", ", newer.Select(file => file.Path))} newer than datastore and could cause a cluster outage. "
                + "Remove the file(s) from disk and restart to be recreated from datastore.";
        }

        foreach ((string path, byte[] content, DateTime time) in different.Count > 0 ? stored : [])
        {
            PrivateFile.Write(path, content);
            File.SetLastWriteTimeUtc(path, time);
        }

        return null;
    }
}
