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

    private static readonly string[] AllGroups = ["import", "cold", "warm", "first", "memory", "contexts", "relay", "bulk", "micro"];

    public IReadOnlyCollection<string> Groups { get; private init; } = AllGroups;

    public IReadOnlyList<int> Sizes { get; private init; } = [10, 5_000, 50_000];

    public int Rounds { get; private init; } = 9;

    public bool Sandbox { get; private init; }

    public string? PowerShell { get; private init; } = FindOnPath("pwsh");

    public string? Kubectl { get; private init; } = FindOnPath("kubectl");

    public bool Wants(string group) => Groups.Contains(group);

    /// <summary>Null where the arguments make no sense.</summary>
    public static Options? Parse(IReadOnlyList<string> arguments)
    {
        Options options = new();
        List<string> groups = [];
        for (int i = 0; i < arguments.Count; i++)
        {
            if (AllGroups.Contains(arguments[i]))
            {
                groups.Add(arguments[i]);
                continue;
            }

            if (i + 1 == arguments.Count || options.With(arguments[i], arguments[++i]) is not { } more)
            {
                return null;
            }

            options = more;
        }

        return groups.Count > 0 ? options with { Groups = groups } : options;
    }

    private Options? With(string option, string value) => option switch
    {
        "--sizes" => this with { Sizes = [.. value.Split(',').Select(size => int.Parse(size, CultureInfo.InvariantCulture)).Order()] },
        "--rounds" => this with { Rounds = int.Parse(value, CultureInfo.InvariantCulture) },
        "--server" when value is "apiserver" or "sandbox" => this with { Sandbox = value == "sandbox" },
        "--pwsh" => this with { PowerShell = value == "none" ? null : value },
        "--kubectl" => this with { Kubectl = value == "none" ? null : value },
        _ => null,
    };

    private static string? FindOnPath(string program)
    {
        string name = OperatingSystem.IsWindows() ? program + ".exe" : program;
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }
}
