using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace K3sToken.Bench;

/// <summary>What the command line asks for.</summary>
internal sealed record Options
{
    public const string Usage =
        """
        Measures K3sToken, and what it is compared against, and prints one table.

        usage: dotnet run -c Release --project bench/K3sToken.Bench [-- [GROUP...] [OPTION...]]

          GROUP             import, cold, warm, first, memory, contexts, relay, bulk, micro; all of them unless told otherwise
          --sizes N,N       the numbers of tokens, ascending; 10,5000,50000 unless told otherwise
          --rounds N        how often each figure is taken; 9 unless told otherwise
          --server NAME     apiserver or sandbox; the API server unless it cannot be had
          --pwsh PATH       the PowerShell to measure in, or none; the one on PATH unless told otherwise
          --kubectl PATH    the kubectl to compare against, or none; the one on PATH unless told otherwise
        """;

    // Their ids are numbered with five digits.
    private const int MostTokens = 99_999;

    private static readonly string[] AllGroups = ["import", "cold", "warm", "first", "memory", "contexts", "relay", "bulk", "micro"];

    public IReadOnlyCollection<string> Groups { get; private init; } = AllGroups;

    public IReadOnlyList<int> Sizes { get; private init; } = [10, 5_000, 50_000];

    public int Rounds { get; private init; } = 9;

    public bool Sandbox { get; private init; }

    public string? PowerShell { get; private init; } = FindOnPath("pwsh");

    public string? Kubectl { get; private init; } = FindOnPath("kubectl");

    public bool NeedsServer => Groups.Any(group => group != "micro");

    public bool Wants(string group) => Groups.Contains(group);

    /// <summary>True for an option that asks for <see cref="Usage"/>.</summary>
    public static bool AsksForHelp(string argument) => argument is "--help" or "-h" or "-?";

    /// <exception cref="FormatException">The arguments make no sense.</exception>
    public static Options Parse(IReadOnlyList<string> arguments)
    {
        Options options = new();
        List<string> groups = [];
        for (int i = 0; i < arguments.Count; i++)
        {
            if (AllGroups.Contains(arguments[i]))
            {
                groups.Add(arguments[i]);
            }
            else
            {
                options = options.With(arguments[i], i + 1 < arguments.Count ? arguments[++i] : "");
            }
        }

        return groups.Count > 0 ? options with { Groups = groups } : options;
    }

    private Options With(string option, string value) => option switch
    {
        "--sizes" => this with { Sizes = [.. value.Split(',').Select(size => Positive(option, size, MostTokens)).Order()] },
        "--rounds" => this with { Rounds = Positive(option, value, 1000) },
        "--server" when value is "apiserver" or "sandbox" => this with { Sandbox = value == "sandbox" },
        "--pwsh" => this with { PowerShell = Program(option, value) },
        "--kubectl" => this with { Kubectl = Program(option, value) },
        "--server" => throw new FormatException("--server takes apiserver or sandbox."),
        _ => throw new FormatException($"'{option}' is neither a group nor an option."),
    };

    private static int Positive(string option, string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 && number <= most
            ? number
            : throw new FormatException($"'{text}' is no number from 1 to {most} for {option}.");

    private static string? Program(string option, string path) => path == "none" || File.Exists(path)
        ? (path == "none" ? null : path)
        : throw new FormatException($"'{path}' is neither the path of a program nor none, for {option}.");

    private static string? FindOnPath(string program)
    {
        string name = OperatingSystem.IsWindows() ? program + ".exe" : program;
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }
}
