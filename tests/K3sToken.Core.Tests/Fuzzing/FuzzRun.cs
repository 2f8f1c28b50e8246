using System;
using System.Globalization;

namespace K3sToken.Tests.Fuzzing;

/// <summary>How long the fuzzers run, and from where. CONTRIBUTING.md tells people of the two variables.</summary>
internal static class FuzzRun
{
    public const string CasesVariable = "K3STOKEN_FUZZ_CASES";
    public const string SeedVariable = "K3STOKEN_FUZZ_SEED";

#if NETFRAMEWORK
    private const int Usual = 4_000;
#else
    private const int Usual = 20_000;
#endif

    /// <summary>The cases of one fuzzer.</summary>
    public static int Cases { get; } = ((Number(CasesVariable) ?? Usual) + FuzzTargets.Count - 1) / FuzzTargets.Count;

    /// <summary>The first seed: another in every run, unless one is named.</summary>
    public static int Seed { get; } = Number(SeedVariable) ?? Environment.TickCount & int.MaxValue;

    /// <summary>How a case is run again.</summary>
    public static string Again(int seed, string method) =>
        $"{SeedVariable}={seed} {CasesVariable}=1 dotnet run --project tests/K3sToken.Core.Tests -- -method '*{method}'";

    private static int? Number(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : null;
}
