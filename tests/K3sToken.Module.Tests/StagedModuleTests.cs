using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace K3sToken.ModuleTests;

public sealed class StagedModuleTests
{
    private static readonly string[] Ours = ["K3sToken.Core.dll", "K3sToken.PowerShell.dll"];

    public static TheoryData<string> Editions => [.. StagedModule.Editions];

    [Fact]
    public void The_folder_is_named_after_the_version_in_the_manifest() =>
        Assert.Equal(StagedModule.Entry("ModuleVersion"), Path.GetFileName(Path.TrimEndingDirectorySeparator(StagedModule.Folder)));

    [Fact]
    public void The_root_holds_the_manifest_and_what_it_names_and_the_licence()
    {
        string[] views = [.. StagedModule.List("FormatsToProcess"), .. StagedModule.List("TypesToProcess")];
        string[] expected = ["K3sToken.psd1", "LICENSE", "THIRD-PARTY-NOTICES.txt", "bom.cdx.json", .. views];

        IEnumerable<string> root = StagedModule.Files().Where(file => !file.StartsWith("bin/", StringComparison.Ordinal));

        Assert.Equal(expected.Order(StringComparer.Ordinal), root.Where(file => !file.StartsWith("en-US/", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_manifest_chooses_an_assembly_that_is_there_for_each_edition()
    {
        string rootModule = Regex.Match(StagedModule.Manifest, @"RootModule\s*=(.*)").Groups[1].Value;

        Assert.Equal("\"bin/$PSEdition/K3sToken.PowerShell.dll\"", rootModule.Trim());
        Assert.All(StagedModule.Editions, edition => Assert.True(File.Exists(StagedModule.PathOf("bin", edition, Ours[1]))));
    }

    [Fact]
    public void The_manifest_says_what_both_editions_need()
    {
        Assert.Equal(["Desktop", "Core"], StagedModule.List("CompatiblePSEditions"));
        Assert.Equal("5.1", StagedModule.Entry("PowerShellVersion"));
        Assert.Equal("4.7.2", StagedModule.Entry("DotNetFrameworkVersion"));
    }

    // .NET Framework takes no other version for the one that is asked for, and a module cannot tell it to.
    [Fact]
    public void For_NET_Framework_every_reference_names_the_version_that_is_staged()
    {
        Dictionary<string, Version> staged = [];
        foreach (string file in Assemblies("Desktop"))
        {
            using AssemblyFile assembly = new(file);
            staged[Path.GetFileNameWithoutExtension(file)] = assembly.Version;
        }

        Assert.All(Assemblies("Desktop"), file =>
        {
            using AssemblyFile assembly = new(file);
            Assert.All(
                assembly.VersionedReferences.Where(reference => staged.ContainsKey(reference.Name)),
                reference => Assert.Equal(staged[reference.Name], reference.Version));
        });
    }

    [Theory]
    [MemberData(nameof(Editions))]
    public void Each_edition_has_our_assemblies_and_everything_else_in_deps(string edition)
    {
        string[] files = [.. StagedModule.Files("bin", edition)];

        Assert.Equal(Ours, files.Where(file => !file.Contains('/')));
        Assert.All(files.Except(Ours), file => Assert.Matches(@"^deps/[^/]+\.dll$", file));
        Assert.Contains("deps/K3sToken.Yaml.dll", files);
        Assert.Contains("deps/YamlDotNet.dll", files);
    }

    [Theory]
    [MemberData(nameof(Editions))]
    public void No_assembly_is_PowerShells_own_or_a_reference_assembly(string edition) =>
        Assert.All(Assemblies(edition), file =>
        {
            using AssemblyFile assembly = new(file);
            Assert.NotEqual("System.Management.Automation.dll", Path.GetFileName(file));
            Assert.False(assembly.Has("ReferenceAssemblyAttribute"), file);
        });

    [Theory]
    [InlineData("Core", ".NETCoreApp,Version=v8.0")]
    [InlineData("Desktop", ".NETFramework,Version=v4.7.2")]
    public void Our_assemblies_carry_the_modules_version_and_are_built_for_their_edition(string edition, string target) =>
        Assert.All(Ours, name =>
        {
            using AssemblyFile assembly = new(StagedModule.PathOf("bin", edition, name));
            Assert.Equal(Version.Parse(StagedModule.Entry("ModuleVersion")).ToString(3), assembly.Version.ToString(3));
            Assert.Equal(target, assembly.Text("TargetFrameworkAttribute"));
        });

    [Theory]
    [MemberData(nameof(Editions))]
    public void The_manifest_exports_each_cmdlet_class_and_nothing_else(string edition)
    {
        using AssemblyFile assembly = new(StagedModule.PathOf("bin", edition, "K3sToken.PowerShell.dll"));

        Assert.Equal(assembly.Cmdlets.Order(StringComparer.Ordinal), StagedModule.List("CmdletsToExport").Order(StringComparer.Ordinal));
        Assert.Empty(StagedModule.List("FunctionsToExport"));
        Assert.Empty(StagedModule.List("AliasesToExport"));
        Assert.Empty(StagedModule.List("VariablesToExport"));
    }

    [Theory]
    [InlineData("Core", "System.Management.Automation")]
    [InlineData(
        "Desktop",
        "mscorlib",
        "netstandard",
        "System",
        "System.Core",
        "System.Management.Automation",
        "System.Net.Http",
        "System.Numerics",
        "System.ValueTuple")]
    public void Whatever_an_assembly_needs_is_staged_or_comes_with_the_platform(string edition, params string[] platform)
    {
        HashSet<string> staged = [.. Assemblies(edition).Select(file => Path.GetFileNameWithoutExtension(file)!)];

        Assert.All(Assemblies(edition), file =>
        {
            using AssemblyFile assembly = new(file);
            Assert.All(assembly.References, name => Assert.True(
                staged.Contains(name) || platform.Contains(name) || InTheRuntime(edition, name),
                $"{Path.GetFileName(file)} needs {name}"));
        });
    }

    private static string[] Assemblies(string edition) =>
        Directory.GetFiles(StagedModule.PathOf("bin", edition), "*.dll", SearchOption.AllDirectories);

    private static bool InTheRuntime(string edition, string name) =>
        edition == "Core" && File.Exists(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, name + ".dll"));
}
