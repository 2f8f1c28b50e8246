using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace K3sToken.ModuleTests.Packaging;

/// <summary>The list of what is not ours, against what is staged.</summary>
public sealed class BillOfMaterialsTests
{
    private static readonly JsonElement Bill = JsonDocument.Parse(File.ReadAllText(StagedModule.PathOf("bom.cdx.json"))).RootElement;

    private static IEnumerable<JsonElement> Components => Bill.GetProperty("components").EnumerateArray();

    [Fact]
    public void It_is_CycloneDX_and_for_this_version()
    {
        Assert.Equal("CycloneDX", Bill.GetProperty("bomFormat").GetString());
        Assert.Equal(
            StagedModule.Entry("ModuleVersion"), Bill.GetProperty("metadata").GetProperty("component").GetProperty("version").GetString());
    }

    [Fact]
    public void It_lists_every_staged_assembly_that_is_not_ours_once()
    {
        IEnumerable<string> staged = StagedModule.Files().Where(file => Regex.IsMatch(file, @"^bin/.*/(?!K3sToken\.)[^/]+\.dll$"));

        Assert.Equal(staged, Components.Select(FileOf).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Its_hashes_are_those_of_the_files() => Assert.All(Components, component =>
        Assert.Equal(
            Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(StagedModule.PathOf(FileOf(component))))),
            component.GetProperty("hashes")[0].GetProperty("content").GetString(),
            ignoreCase: true));

    [Fact]
    public void It_names_package_version_and_licence_of_each() => Assert.All(Components, component =>
    {
        string name = Text(component, "name");
        Assert.Equal($"pkg:nuget/{name}@{Text(component, "version")}", Text(component, "purl"));
        Assert.Matches(@"^\d+\.\d+\.\d+", Text(component, "version"));
        Assert.Equal("MIT", Text(component.GetProperty("licenses")[0], "expression"));
    });

    [Fact]
    public void The_notices_name_the_same_libraries()
    {
        string notices = File.ReadAllText(StagedModule.PathOf("THIRD-PARTY-NOTICES.txt"));
        string list = notices[..notices.IndexOf("Permission is hereby granted", StringComparison.Ordinal)];

        IEnumerable<string> named = Regex.Matches(list, @"(?<=^  |, |,\n  )[A-Z]\w+(\.\w+)+|YamlDotNet", RegexOptions.Multiline)
            .Select(match => match.Value);

        Assert.Equal(Components.Select(component => Text(component, "name")).Distinct().Order(), named.Distinct().Order());
    }

    private static string FileOf(JsonElement component) => Text(component.GetProperty("properties")[0], "value");

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
