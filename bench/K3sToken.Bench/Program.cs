using System;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace K3sToken.Bench;

/// <summary>One command: starts what it needs, measures, prints the table.</summary>
internal static class Program
{
    private static volatile bool _isEnding;

    private static async Task<int> Main(string[] arguments)
    {
        if (Array.Exists(arguments, Options.AsksForHelp))
        {
            Console.WriteLine(Options.Usage);
            return 0;
        }

        try
        {
            await RunAsync(Options.Parse(arguments));
            return 0;
        }
        catch (FormatException e)
        {
            Console.Error.WriteLine($"{e.Message} --help says what there is.");
            return 2;
        }
        catch (InvalidOperationException) when (_isEnding)
        {
            // What was measured has ended as well. The signal's handler ends this process when the server is gone.
            await Task.Delay(Timeout.Infinite);
            throw;
        }
        catch (InvalidOperationException e)
        {
            Console.Error.WriteLine($"What is to be measured failed: {e.Message}");
            return 1;
        }
    }

    private static async Task RunAsync(Options options)
    {
        Table table = new();
        string server = "no server";
        if (options.NeedsServer)
        {
            await using Cluster cluster = await Cluster.StartAsync(options.Sandbox);
            using PosixSignalRegistration interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, cluster));
            using PosixSignalRegistration ended = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, cluster));
            server = cluster.Description;
            await CompareAsync(options, cluster, table);
        }

        if (options.Wants("micro"))
        {
            Micro.Run(table);
        }

        Console.WriteLine();
        Console.WriteLine($"Against {server}; {options.Rounds} rounds in turns (a short list 4 times as many, bulk 5, memory 3).");
        await Environs.WriteAsync(options, Console.Out);
        Console.WriteLine();
        table.Write(Console.Out);
    }

    private static async Task CompareAsync(Options options, Cluster cluster, Table table)
    {
        if (options.PowerShell is null)
        {
            table.Skip("import, cold, warm, first, memory, contexts, relay, bulk", "there is no pwsh on PATH, or --pwsh says so");
            return;
        }

        Environment.SetEnvironmentVariable("KUBECONFIG", cluster.Kubeconfig);
        using Floor floor = new(cluster.Kubeconfig);
        using Comparisons comparisons = new(options, options.PowerShell, cluster, floor, table);
        await comparisons.RunAsync();
    }

    // The servers are in a group of their own, which no signal of the console reaches.
    private static void Stop(PosixSignalContext signal, Cluster cluster)
    {
        signal.Cancel = true;
        _isEnding = true;
        cluster.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Environment.Exit(130);
    }
}
