using System;
using System.Collections.Generic;
using K3sToken.ModuleTests.Pester;
using Xunit;

namespace K3sToken.ModuleTests.Live;

/// <summary>The live suites of tests/Pester. Without a cluster to run it on, PowerShell is not started.</summary>
public sealed class LivePesterTests
{
    public static IEnumerable<TheoryDataRow<string>> Results() =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("K3STOKEN_LIVE_KUBECONFIG"))
            ? [PesterRun.Skipped("Live*.Tests.ps1", "No throw-away cluster: K3STOKEN_LIVE_KUBECONFIG is not set.")]
            : PesterRun.Rows(PesterTests.LiveSuites, onWindowsPowerShell: []);

    [Theory]
    [MemberData(nameof(Results), DisableDiscoveryEnumeration = true)]
    public void Passes(string failure) => PesterRun.AssertPassed(failure);
}
