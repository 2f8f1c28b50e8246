using System;
using System.IO;
using System.Text.RegularExpressions;

namespace K3sToken.ModuleTests.Pester;

/// <summary>A copy of the staged module whose manifest takes one build, whichever edition imports it.</summary>
internal sealed class ModuleBuild : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("k3stoken-module-");

    /// <param name="edition">The edition whose build it is: <c>Core</c> or <c>Desktop</c>.</param>
    public ModuleBuild(string edition)
    {
        Name = edition;
        Folder = Path.Combine(_root.FullName, "K3sToken", StagedModule.Entry("ModuleVersion"));
        foreach (string file in StagedModule.Files())
        {
            string copy = Path.Combine(Folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(StagedModule.PathOf(file), copy);
        }

        string manifest = Regex.Replace(StagedModule.Manifest, @"(RootModule\s*=).*", $"$1 'bin/{edition}/K3sToken.PowerShell.dll'");
        File.WriteAllText(Path.Combine(Folder, "K3sToken.psd1"), manifest);
    }

    /// <summary>What the names of its results say.</summary>
    public string Name { get; }

    /// <summary>The module's folder.</summary>
    public string Folder { get; }

    public void Dispose() => _root.Delete(recursive: true);
}
