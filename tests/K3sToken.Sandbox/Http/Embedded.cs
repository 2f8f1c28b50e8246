using System.IO;
using System.Text.Json;

namespace K3sToken.Sandboxing.Http;

/// <summary>Files that are part of the sandbox.</summary>
internal static class Embedded
{
    public static string Text(string name)
    {
        using Stream stream = typeof(Embedded).Assembly.GetManifestResourceStream(name)!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    /// <summary>A JSON file without its white space, as Go writes it.</summary>
    public static string Json(string name)
    {
        using JsonDocument document = JsonDocument.Parse(Text(name));
        return GoJson.Write(document.RootElement);
    }
}
