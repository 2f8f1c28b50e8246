using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

namespace K3sToken.ModuleTests.Pester;

/// <summary>The suites of tests/Pester but the live ones, each of their tests a result of its own.</summary>
public sealed class PesterTests
{
    // What these look at is the same in both builds, to the byte: the views, the examples, and how rotations go on; or they name the staged
    // module themselves, or look at no module, or at the memory, the traces and the broken connections of a platform that this build does
    // not run on.
    private static readonly string[] SameInBothBuilds =
    [
        "Analyzer.Tests.ps1", "Examples.Tests.ps1", "Faults.Tests.ps1", "Hostile.Tests.ps1", "Invoke-K3sTokenRotation.Tests.ps1",
        "Leaks.Tests.ps1", "Memory.Tests.ps1", "Package.Tests.ps1", "Readme.Tests.ps1", "Repository.Tests.ps1", "Views.Tests.ps1",
        "Wait-K3sTokenRotation.Tests.ps1",
    ];

    // The others ask the sandbox what came of a command in ways that only PowerShell 7 has.
    private static readonly string[] OnWindowsPowerShell = ["Installed.ps1", "Module.Tests.ps1"];

    private static readonly string Folder = Path.GetFullPath(StagedModule.Metadata("PesterSuites"));

    /// <summary>The suites that need a real API server.</summary>
    public static IReadOnlyCollection<string> LiveSuites => [.. Directory.GetFiles(Folder, "Live*.Tests.ps1").Order()];

    public static IEnumerable<TheoryDataRow<string>> Results() =>
        PesterRun.Rows([.. SuitesBut()], [.. OnWindowsPowerShell.Select(name => Path.Combine(Folder, name))]);

    /// <summary>Windows PowerShell runs some suites with this build above; all are run with it by PowerShell 7.</summary>
    public static IEnumerable<TheoryDataRow<string>> FrameworkResults()
    {
        using ModuleBuild build = new("Desktop");
        return [.. PesterRun.Rows([.. SuitesBut(SameInBothBuilds)], build)];
    }

    [Theory]
    [MemberData(nameof(Results), DisableDiscoveryEnumeration = true)]
    public void Passes(string failure) => PesterRun.AssertPassed(failure);

    [Theory]
    [MemberData(nameof(FrameworkResults), DisableDiscoveryEnumeration = true)]
    public void Passes_with_the_build_for_Windows_PowerShell(string failure) => PesterRun.AssertPassed(failure);

    private static IOrderedEnumerable<string> SuitesBut(params string[] others) =>
        Directory.GetFiles(Folder, "*.Tests.ps1").Except(LiveSuites).Where(file => !others.Contains(Path.GetFileName(file))).Order();
}
