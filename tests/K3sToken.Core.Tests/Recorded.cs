using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;

namespace K3sToken.Tests;

/// <summary>What a real K3s server answered, copied beside the tests.</summary>
internal static class Recorded
{
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "recorded", name);

    public static byte[] Bytes(string name) => File.ReadAllBytes(PathOf(name));

    public static JsonElement Json(string name)
    {
        using JsonDocument document = JsonDocument.Parse(Bytes(name));
        return document.RootElement.Clone();
    }

    public static IEnumerable<JsonElement> List(string name, string property) => Json(name).GetProperty(property).EnumerateArray();
}
