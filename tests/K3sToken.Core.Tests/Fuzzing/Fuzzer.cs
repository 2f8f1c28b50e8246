using System;
using System.Linq;
using System.Runtime.CompilerServices;
using Xunit;

namespace K3sToken.Tests.Fuzzing;

/// <summary>Reads one changed input after the other. A case is made of its seed alone, so that any can be run again.</summary>
internal static class Fuzzer
{
    private const int MostShown = 2_000;

    public static void Run(FuzzTarget target, [CallerMemberName] string method = "")
    {
        int first = FuzzRun.Seed;
        TestContext.Current.TestOutputHelper?.WriteLine($"{target.Name}: {FuzzRun.Cases} cases, seeds from {first}.");
        Mutator mutator = new(target);
        int read = 0;
        Limits.Watch(begin =>
        {
            for (int i = 0; i < FuzzRun.Cases; i++)
            {
                int seed = unchecked(first + i) & int.MaxValue;
                begin($"{target.Name}, seed {seed}. Again: {FuzzRun.Again(seed, method)}");
                byte[] input = mutator.Next(seed);
                string? problem = Limits.Broken(() => target.Read(input), out Exception? thrown);
                Assert.True(
                    problem is null,
                    $"{target.Name}, seed {seed}: {problem}\nInput: {Escape(input)}\nAgain: {FuzzRun.Again(seed, method)}");
                read += thrown is null ? 1 : 0;
            }
        });
        TestContext.Current.TestOutputHelper?.WriteLine($"{read} were read, the others refused.");
    }

    /// <summary>The bytes as a C# programmer would write them.</summary>
    public static string Escape(byte[] input)
    {
        string shown = string.Concat(input.Take(MostShown).Select(Escape));
        return $"{input.Length} bytes, \"{shown}\"{(input.Length > MostShown ? "…" : "")}";
    }

    private static string Escape(byte b) => b switch
    {
        (byte)'"' or (byte)'\\' => $"\\{(char)b}",
        (byte)'\n' => "\\n",
        >= 0x20 and < 0x7f => ((char)b).ToString(),
        _ => $"\\x{b:x2}",
    };
}
