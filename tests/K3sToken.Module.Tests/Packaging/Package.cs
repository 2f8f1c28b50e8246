using System;
using System.Diagnostics;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace K3sToken.ModuleTests.Packaging;

/// <summary>The package, made of the staged module by dotnet alone, in a folder of its own.</summary>
public sealed class Package : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly string _output = Directory.CreateTempSubdirectory("k3stoken-package-").FullName;
    private readonly ZipArchive _archive;

    public Package()
    {
        Run(_output, "-t:StagePackage;Pack", "-p:NoBuild=true");
        _archive = ZipFile.OpenRead(Directory.GetFiles(_output, "*.nupkg").Single());
        Nuspec = XDocument.Parse(Read("K3sToken.nuspec"));
    }

    public static string Project { get; } = Path.GetFullPath(StagedModule.Metadata("ModuleProject"));

    /// <summary>What CHANGELOG.md says of the version in the manifest.</summary>
    public static string Changes
    {
        get
        {
            string all = File.ReadAllText(Path.Combine(Project, "../../CHANGELOG.md"));
            return Regex.Match(all, $@"(?ms)^## {Regex.Escape(StagedModule.Entry("ModuleVersion"))} .*?\n(.*?)(?=^## |\z)").Groups[1].Value.Trim();
        }
    }

    /// <summary>The folder that the package was made of.</summary>
    public string Folder => Path.Combine(_output, "K3sToken", StagedModule.Entry("ModuleVersion"));

    /// <summary>What it says of itself.</summary>
    public XDocument Nuspec { get; }

    /// <summary>Its files but those that every package has.</summary>
    public string[] Files =>
        [.. _archive.Entries.Select(entry => entry.FullName)
            .Where(name => !Regex.IsMatch(name, @"^(_rels/|package/|\[Content_Types\]\.xml$|K3sToken\.nuspec$)"))
            .Order(StringComparer.Ordinal)];

    /// <summary>Has targets of the module's project run.</summary>
    public static void Run(string output, params string[] options)
    {
        // Nothing is written where the build writes: another test may do the same.
        string[] places = [$"-p:PackageOutputPath={output}/", $"-p:NuspecOutputPath={output}/obj/"];
        ProcessStartInfo start = new("dotnet", ["msbuild", Project, "-nologo", "-nodeReuse:false", .. options, .. places])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        string said = process.StandardOutput.ReadToEnd();
        if (!process.WaitForExit(Limit) || process.ExitCode != 0)
        {
            throw new InvalidOperationException($"No package was made: {said}");
        }
    }

    public string Read(string name)
    {
        using StreamReader reader = new(_archive.GetEntry(name)!.Open());
        return reader.ReadToEnd();
    }

    public string Metadata(string name) => Nuspec.Descendants().Single(element => element.Name.LocalName == name).Value;

    public void Dispose()
    {
        _archive.Dispose();
        Directory.Delete(_output, recursive: true);
    }
}
