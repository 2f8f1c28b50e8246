using System;
using System.Diagnostics;
using System.Globalization;
using System.Threading.Tasks;

namespace K3sToken.Bench;

/// <summary>Measures whole processes, from their start to their end.</summary>
internal static class Processes
{
    private const string Peak = "[Console]::Out.Write([Diagnostics.Process]::GetCurrentProcess().PeakWorkingSet64)";

    /// <summary>How long a new PowerShell takes to start, run the script and end, in milliseconds.</summary>
    public static async Task<double> TimeAsync(string powerShell, string script)
    {
        Stopwatch watch = Stopwatch.StartNew();
        await RunAsync(powerShell, script);
        return watch.Elapsed.TotalMilliseconds;
    }

    /// <summary>The most memory that a new PowerShell held while it ran the script, in MiB.</summary>
    public static async Task<double> PeakAsync(string powerShell, string script)
    {
        string bytes = await RunAsync(powerShell, $"{script}; {Peak}");
        return double.Parse(bytes, CultureInfo.InvariantCulture) / (1 << 20);
    }

    private static async Task<string> RunAsync(string powerShell, string script)
    {
        string[] arguments = ["-NoLogo", "-NoProfile", "-NonInteractive", "-Command", $"$ErrorActionPreference = 'Stop'; {script}; if ($LASTEXITCODE) {{ exit $LASTEXITCODE }}"];
        ProcessStartInfo start = new(powerShell, arguments)
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"PowerShell failed to run: {script}");
    }
}
