using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

namespace K3sToken.Bench;

/// <summary>One thing to measure.</summary>
/// <param name="Name">What it is, for the table.</param>
/// <param name="MeasureAsync">Does it once and says how much it took.</param>
internal sealed record Case(string Name, Func<Task<double>> MeasureAsync);

/// <summary>What several rounds gave: the figure in the middle, and the quarter marks.</summary>
internal sealed record Figures(double Median, double Low, double High)
{
    public static Figures Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new Figures(At(sorted, 0.5), At(sorted, 0.25), At(sorted, 0.75));
    }

    private static double At(double[] sorted, double share)
    {
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }
}

/// <summary>Measures things that are compared with each other: in turns, so that what else the machine does meets all of them.</summary>
internal static class Turns
{
    /// <summary>The figures of each case, in the cases' order. The first round only warms up and does not count.</summary>
    public static async Task<Figures[]> MeasureAsync(int rounds, params IReadOnlyList<Case> cases)
    {
        List<double>[] values = [.. cases.Select(_ => new List<double>())];
        for (int round = 0; round <= rounds; round++)
        {
            for (int i = 0; i < cases.Count; i++)
            {
                double value = await cases[i].MeasureAsync();
                if (round > 0)
                {
                    values[i].Add(value);
                }
            }
        }

        return [.. values.Select(Figures.Of)];
    }
}
