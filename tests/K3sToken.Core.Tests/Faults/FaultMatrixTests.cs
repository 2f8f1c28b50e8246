using System;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace K3sToken.Tests.Faults;

/// <summary>Every operation that connects, under every fault: what it says, and what the server holds then.</summary>
public sealed class FaultMatrixTests(FaultRuns runs) : IClassFixture<FaultRuns>
{
    public static TheoryData<string, string, string> Cells
    {
        get
        {
            TheoryData<string, string, string> cells = [];
            foreach (FaultRow row in FaultTable.Rows)
            {
                foreach (string operation in row.Expected.Keys)
                {
                    cells.Add(row.Fault, row.When, operation);
                }
            }

            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Nothing_is_said_that_is_not_so_and_nothing_hangs(string fault, string when, string operation)
    {
        FaultRow row = FaultTable.Rows.Single(row => row.Fault == fault && row.When == when);

        Assert.Equal(row.Expected[operation], (await runs.GetAsync(row))[operation]);
    }
}
