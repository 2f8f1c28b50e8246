using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace K3sToken.ModuleTests.Pester;

/// <summary>Runs Pester suites in a PowerShell process, and turns what became of each of their tests into a row of a theory.</summary>
internal static class PesterRun
{
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "Pester", "Invoke-Suites.ps1");

    /// <summary>One row for each test of these suites in each PowerShell on this machine; a skipped row that says why where none can run.</summary>
    /// <param name="suites">For PowerShell 7.</param>
    /// <param name="onWindowsPowerShell">For Windows PowerShell.</param>
    public static IEnumerable<TheoryDataRow<string>> Rows(IReadOnlyCollection<string> suites, IReadOnlyCollection<string> onWindowsPowerShell) =>
        PowerShellHost.Found.Count == 0
            ? [Skipped("Pester suites", "No PowerShell: with pwsh 7.4 or later and Pester 5 on this machine, the Pester suites run here.")]
            : PowerShellHost.Found.SelectMany(host => Rows(host, host.Name == "powershell" ? onWindowsPowerShell : suites, build: null));

    /// <summary>The same in PowerShell 7, with another build of the module.</summary>
    public static IEnumerable<TheoryDataRow<string>> Rows(IReadOnlyCollection<string> suites, ModuleBuild build) =>
        PowerShellHost.Found.FirstOrDefault(host => host.Name == "pwsh") is { } pwsh
            ? Rows(pwsh, suites, build)
            : [Skipped($"{build.Name}: Pester suites", $"No PowerShell 7, which tries the {build.Name} build where there is no Windows PowerShell.")];

    public static void AssertPassed(string failure) => Assert.True(failure.Length == 0, failure);

    public static TheoryDataRow<string> Skipped(string name, string reason) => Result(name, "", reason);

    private static IEnumerable<TheoryDataRow<string>> Rows(PowerShellHost host, IReadOnlyCollection<string> suites, ModuleBuild? build)
    {
        if (suites.Count == 0)
        {
            return [Skipped($"{host.Name}: Pester suites", "Only PowerShell 7 can run them.")];
        }

        string report = Path.GetTempFileName();
        try
        {
            string output = host.Run(build?.Folder, Script, "-Suites", string.Join(Path.PathSeparator, suites), "-Output", report);
            string json = File.ReadAllText(report);
            string with = build is null ? "" : $" with {build.Name}";
            return json.Length == 0
                ? [Result($"{host.Name}{with}: Pester suites", $"No report came of the run. Its output ended with:\n{output}")]
                : Rows(host.Name, with, JsonSerializer.Deserialize<Report>(json)!);
        }
        finally
        {
            File.Delete(report);
        }
    }

    private static IEnumerable<TheoryDataRow<string>> Rows(string host, string with, Report report) =>
        report.Skip is { Length: > 0 } reason
            ? [Skipped($"{host}{with}: Pester suites", reason)]
            : report.Tests.Select(test => Row($"{report.Host}{with}, {test.Suite}: {test.Name}", test));

    private static TheoryDataRow<string> Row(string name, Test test) => test.Result switch
    {
        "Passed" => Result(name, ""),
        "Skipped" => Skipped(name, test.Text is { Length: > 0 } because ? because : "The suite says -Skip."),
        _ => Result(name, test.Text is { Length: > 0 } text ? text : $"{test.Result}, with no error of its own: look at its set-up."),
    };

    // The empty label keeps the theory's argument out of the test's name.
    private static TheoryDataRow<string> Result(string name, string failure, string? skip = null) =>
        new(failure) { TestDisplayName = name, Label = "", Skip = skip };

    private sealed record Report(string Host, string? Skip, IReadOnlyList<Test> Tests);

    private sealed record Test(string Suite, string Name, string Result, string? Text);
}
