using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using K3sToken.Sandboxing;

namespace K3sToken.Tests.Faults;

/// <summary>A row of the table of faults.</summary>
/// <param name="Fault">What goes wrong.</param>
/// <param name="When">How often, and with which requests.</param>
/// <param name="Limit">How long a request may take.</param>
/// <param name="Expected">What each operation comes to.</param>
internal sealed record FaultRow(string Fault, string When, TimeSpan Limit, IReadOnlyDictionary<string, string> Expected)
{
    public bool IsOnce => When.StartsWith("once", StringComparison.Ordinal);

    public FaultScope Scope => When.Split(", ") switch
    {
        [_, "changes"] => FaultScope.Changes,
        [_, "private"] => FaultScope.Private,
        _ => FaultScope.All,
    };
}

/// <summary>The table of faults, <c>tests/faults.md</c>, which says what its words mean.</summary>
internal static class FaultTable
{
    private const int FirstOperation = 3;

    public static IReadOnlyList<FaultRow> Rows { get; } = Read();

    private static List<FaultRow> Read()
    {
        string[][] lines = [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "faults.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Select(line => line.Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries))];
        string[] operations = lines[0][FirstOperation..];
        return
        [
            .. lines[1..].Select(cells => new FaultRow(
                cells[0],
                cells[1],
                TimeSpan.FromSeconds(int.Parse(cells[2], CultureInfo.InvariantCulture)),
                operations.Zip(cells[FirstOperation..]).ToDictionary(pair => pair.First, pair => pair.Second))),
        ];
    }
}
