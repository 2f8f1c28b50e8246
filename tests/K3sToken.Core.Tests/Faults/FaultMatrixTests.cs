using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace K3sToken.Tests.Faults;

/// <summary>Every operation that connects, under every fault: what it says, and what the server holds then.</summary>
public sealed class FaultMatrixTests(FaultRuns runs) : IClassFixture<FaultRuns>
{
    public static TheoryData<string, string, string> Cells => CellsOf(FaultTable.Rows);

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Nothing_is_said_that_is_not_so_and_nothing_hangs(string fault, string when, string operation)
    {
        FaultRow row = FaultTable.Rows.Single(row => row.Fault == fault && row.When == when);

        Assert.Equal(row.Expected[operation], (await runs.GetAsync(row))[operation]);
    }

    internal static TheoryData<string, string, string> CellsOf(IEnumerable<FaultRow> rows)
    {
        TheoryData<string, string, string> cells = [];
        foreach (FaultRow row in rows)
        {
            foreach (string operation in row.Expected.Keys)
            {
                cells.Add(row.Fault, row.When, operation);
            }
        }

        return cells;
    }
}

/// <summary>What goes wrong with connections and answers on them goes wrong otherwise over HTTP/1.1, and comes to the same.</summary>
public sealed class FaultMatrixWithoutHttp2Tests(FaultRunsWithoutHttp2 runs) : IClassFixture<FaultRunsWithoutHttp2>
{
    public static TheoryData<string, string, string> Cells => FaultMatrixTests.CellsOf(FaultTable.Rows.Where(row =>
        row.Fault.StartsWith("Reset", StringComparison.Ordinal) || row.Fault.StartsWith("Half", StringComparison.Ordinal)
            || row.Fault.StartsWith("GoAway", StringComparison.Ordinal) || (row.Fault == "SlowHeader" && !row.IsOnce)));

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Nothing_is_said_that_is_not_so_and_nothing_hangs(string fault, string when, string operation)
    {
        FaultRow row = FaultTable.Rows.Single(row => row.Fault == fault && row.When == when);

        Assert.Equal(row.Expected[operation], (await runs.GetAsync(row))[operation]);
    }
}
