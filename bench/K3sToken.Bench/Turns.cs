using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

namespace K3sToken.Bench;

/// <summary>One thing to measure.</summary>
/// <param name="Name">What it is, for the table.</param>
/// <param name="MeasureAsync">Does it once and says how much it took.</param>
internal sealed record Case(string Name, Func<Task<double>> MeasureAsync);

/// <summary>What several rounds gave, round by round: the figure in the middle, and the quarter marks.</summary>
internal sealed class Figures
{
    public Figures(IReadOnlyList<double> rounds)
    {
        Rounds = rounds;
        double[] sorted = [.. rounds.Order()];
        Median = At(sorted, 0.5);
        Low = At(sorted, 0.25);
        High = At(sorted, 0.75);
    }

    public IReadOnlyList<double> Rounds { get; }

    public double Median { get; }

    public double Low { get; }

    public double High { get; }

    /// <summary>Each round of these with the same round of others, which was measured beside it.</summary>
    public Figures With(Figures others, Func<double, double, double> compare) => new([.. Rounds.Zip(others.Rounds, compare)]);

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
    public static Task<Figures[]> MeasureAsync(int rounds, params IReadOnlyList<Case> cases) => MeasureAsync(rounds, 1, cases);

    /// <summary>The same for cases of which several follow on each other.</summary>
    /// <param name="rounds">How often each is measured.</param>
    /// <param name="together">How many cases in a row belong together.</param>
    /// <param name="cases">What is measured.</param>
    public static async Task<Figures[]> MeasureAsync(int rounds, int together, IReadOnlyList<Case> cases)
    {
        List<double>[] values = [.. cases.Select(_ => new List<double>())];
        for (int round = 0; round <= rounds; round++)
        {
            for (int turn = 0; turn < cases.Count; turn++)
            {
                // Nobody always comes after the same neighbour.
                int i = (turn + (round * together)) % cases.Count;
                double value = await cases[i].MeasureAsync();
                if (round > 0)
                {
                    values[i].Add(value);
                }
            }
        }

        return [.. values.Select(rounds => new Figures(rounds))];
    }
}
