using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

namespace K3sToken.ModuleTests.Pester;

/// <summary>The suites of tests/Pester but the live one, each of their tests a result of its own.</summary>
public sealed class PesterTests
{
    private const string Live = "Live.Tests.ps1";

    private static readonly string Folder = Path.GetFullPath(StagedModule.Metadata("PesterSuites"));

    public static string LiveSuite => Path.Combine(Folder, Live);

    public static IEnumerable<TheoryDataRow<string>> Results() =>
        PesterRun.Rows([.. Directory.GetFiles(Folder, "*.Tests.ps1").Where(file => Path.GetFileName(file) != Live).Order()]);

    [Theory]
    [MemberData(nameof(Results), DisableDiscoveryEnumeration = true)]
    public void Passes(string failure) => PesterRun.AssertPassed(failure);
}
