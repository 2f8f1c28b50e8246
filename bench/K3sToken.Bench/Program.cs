using System;
using System.Threading.Tasks;

namespace K3sToken.Bench;

/// <summary>One command: starts what it needs, measures, prints the table.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        if (Options.Parse(arguments) is not { } options)
        {
            Console.Error.WriteLine(Options.Usage);
            return 2;
        }

        Table table = new();
        await using Cluster cluster = await Cluster.StartAsync(options.Sandbox);
        Environment.SetEnvironmentVariable("KUBECONFIG", cluster.Kubeconfig);
        using Floor floor = new(cluster.Kubeconfig);
        if (options.PowerShell is null)
        {
            table.Skip("everything in PowerShell", "there is no pwsh on PATH, or --pwsh says so");
        }
        else
        {
            using Comparisons comparisons = new(options, options.PowerShell, cluster, floor, table);
            await comparisons.RunAsync();
        }

        if (options.Wants("micro"))
        {
            Micro.Run(table);
        }

        Console.WriteLine();
        Console.WriteLine($"Against {cluster.Description}, with {Environment.ProcessorCount} processors, {options.Rounds} rounds in turns:");
        Console.WriteLine();
        table.Write(Console.Out);
        return 0;
    }
}
