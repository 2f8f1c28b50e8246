using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;

namespace K3sToken.ModuleTests;

/// <summary>The module as the build staged it, read without PowerShell.</summary>
internal static class StagedModule
{
    public static readonly string[] Editions = ["Core", "Desktop"];

    private static readonly Lazy<string> LazyManifest = new(() => File.ReadAllText(PathOf("K3sToken.psd1")));

    public static string Folder { get; } = Path.GetFullPath(Metadata("StagedModule"));

    public static string Manifest => LazyManifest.Value;

    public static string PathOf(params string[] parts) => Path.Combine([Folder, .. parts]);

    /// <summary>Every staged file below a folder of the module, relative to that folder, with slashes.</summary>
    public static IEnumerable<string> Files(params string[] folder)
    {
        string root = PathOf(folder);
        return Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(root, file).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);
    }

    /// <summary>The text of a manifest entry that is one quoted string.</summary>
    public static string Entry(string name) => Regex.Match(Manifest, $@"\b{name}\s*=\s*'([^']*)'").Groups[1].Value;

    /// <summary>The quoted strings of a manifest entry that is a list.</summary>
    public static IEnumerable<string> List(string name) =>
        Quoted(Regex.Match(Manifest, $@"\b{name}\s*=\s*@\((.*?)\)", RegexOptions.Singleline).Groups[1].Value);

    private static IEnumerable<string> Quoted(string text) => Regex.Matches(text, "'([^']*)'").Select(match => match.Groups[1].Value);

    /// <summary>What the build wrote down for the tests.</summary>
    public static string Metadata(string key) =>
        typeof(StagedModule).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == key).Value!;
}
