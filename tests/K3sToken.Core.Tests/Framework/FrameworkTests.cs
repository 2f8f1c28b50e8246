using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace K3sToken.Tests.Framework;

/// <summary>
/// Tests of tokens, CA hashes, kubeconfigs and durations again, on the .NET Framework build of Core: once where that is at home or on
/// Mono, and once on .NET, which has the cryptography that Mono lacks. Each a result of its own.
/// </summary>
public sealed class FrameworkTests
{
    private static readonly string[] AllButTls = ["-class-", FrameworkTlsTests.ClassName];

    public static Task<IEnumerable<TheoryDataRow<string>>> NativeResults() => ResultsAsync(FrameworkRuntime.Native);

    public static Task<IEnumerable<TheoryDataRow<string>>> DotNetResults() => ResultsAsync(FrameworkRuntime.DotNet);

    [Theory]
    [MemberData(nameof(NativeResults), DisableDiscoveryEnumeration = true)]
    public void Passes(string failure) => Assert.True(failure.Length == 0, failure);

    [Theory]
    [MemberData(nameof(DotNetResults), DisableDiscoveryEnumeration = true)]
    public void Passes_on_NET(string failure) => Assert.True(failure.Length == 0, failure);

    private static async Task<IEnumerable<TheoryDataRow<string>>> ResultsAsync(FrameworkRuntime? runtime) => runtime is null
        ? [Row(new FrameworkResult("net472", "Skip", FrameworkRuntime.NoNative))]
        : (await runtime.RunAsync(AllButTls)).Select(result => Row(result with { Name = $"{runtime.Name}: {result.Name}" }));

    // The empty label keeps the theory's argument out of the test's name.
    private static TheoryDataRow<string> Row(FrameworkResult result) => new(result.Outcome == "Fail" ? result.Text : "")
    {
        TestDisplayName = result.Name,
        Label = "",
        Skip = result.Outcome == "Skip" ? result.Text : null,
    };
}
