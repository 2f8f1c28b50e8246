using System;
using System.IO;
using Xunit;

namespace K3sToken.ModuleTests.Packaging;

public sealed class PackageTests(Package package) : IClassFixture<Package>
{
    [Fact]
    public void It_holds_what_is_staged_and_nothing_else() => Assert.Equal(StagedModule.Files(), package.Files);

    [Fact]
    public void No_debugging_file_is_shipped() => Assert.DoesNotContain(package.Files, file => Path.GetExtension(file) == ".pdb");

    [Fact]
    public void Its_files_are_those_of_the_folder_beside_it() =>
        Assert.All(package.Files, file => Assert.True(File.Exists(Path.Combine(package.Folder, file)), file));

    [Fact]
    public void Its_folder_is_filled_before_it_is_packed_where_nobody_does_that_apart()
    {
        string output = Directory.CreateTempSubdirectory("k3stoken-package-").FullName;
        try
        {
            Package.Run(output, "-t:_GetPackageFiles");
            Assert.True(File.Exists(Path.Combine(output, "K3sToken", StagedModule.Entry("ModuleVersion"), "K3sToken.psd1")));
        }
        finally
        {
            Directory.Delete(output, recursive: true);
        }
    }

    [Fact]
    public void It_says_of_itself_what_the_manifest_says()
    {
        Assert.Equal("K3sToken", package.Metadata("id"));
        Assert.Equal(StagedModule.Entry("ModuleVersion"), package.Metadata("version"));
        Assert.Equal(StagedModule.Entry("Description"), package.Metadata("description"));
        Assert.Equal(StagedModule.Entry("Author"), package.Metadata("authors"));
        Assert.Equal(StagedModule.Entry("ProjectUri"), package.Metadata("projectUrl"));
        Assert.Equal("MIT", package.Metadata("license"));
    }

    [Fact]
    public void The_gallery_finds_it_as_a_module_by_its_tags_and_its_cmdlets()
    {
        string[] tags = package.Metadata("tags").Split(' ');

        Assert.All(StagedModule.List("Tags"), tag => Assert.Contains(tag, tags));
        Assert.All(StagedModule.List("CmdletsToExport"), name => Assert.Contains($"PSCmdlet_{name}", tags));
        Assert.Contains("PSModule", tags);
        Assert.Contains("PSIncludes_Cmdlet", tags);
    }

    [Fact]
    public void Its_release_notes_are_what_the_changelog_says_of_the_version()
    {
        Assert.NotEmpty(Package.Changes);
        Assert.Equal(Package.Changes, package.Metadata("releaseNotes").ReplaceLineEndings("\n").Trim());
    }

    [Fact]
    public void Its_manifest_is_the_staged_one_with_the_release_notes_in_it()
    {
        string expected = StagedModule.Manifest.Replace(
            StagedModule.Entry("ReleaseNotes"), Package.Changes.Replace("'", "''", StringComparison.Ordinal), StringComparison.Ordinal);

        Assert.Equal(expected.Trim(), package.Read("K3sToken.psd1").ReplaceLineEndings("\n").Trim());
    }
}
