using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;

namespace K3sToken.ModuleTests.Pester;

/// <summary>A PowerShell on this machine: <c>pwsh</c> on PATH, and on Windows <c>powershell</c>, which is 5.1.</summary>
internal sealed record PowerShellHost(string Name, string Program)
{
    private const int TailLines = 40;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    public static IReadOnlyList<PowerShellHost> Found { get; } = [.. Names().Select(Find).OfType<PowerShellHost>()];

    /// <summary>Runs a script to its end, or ends it and what it started at the time limit. Returns the last lines it wrote.</summary>
    /// <param name="module">The module's folder, for the suites; null for the staged one.</param>
    /// <param name="script">The script's file.</param>
    /// <param name="arguments">The script's arguments.</param>
    public string Run(string? module, string script, params string[] arguments)
    {
        ProcessStartInfo start = new(Program, ["-NoLogo", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", script, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (module is not null)
        {
            start.Environment["K3STOKEN_MODULE"] = module;
        }

        if (Name == "powershell")
        {
            // Inherited from pwsh, it would hide Windows PowerShell's own modules from it.
            start.Environment.Remove("PSModulePath");
        }

        Queue<string> tail = new();
        using Process process = new() { StartInfo = start };
        process.OutputDataReceived += (_, line) => Keep(tail, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(tail, line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            Keep(tail, $"(ended by force: it ran longer than {Limit.TotalMinutes} minutes)");
        }

        lock (tail)
        {
            return string.Join('\n', tail);
        }
    }

    private static void Keep(Queue<string> tail, string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (tail)
        {
            tail.Enqueue(line);
            if (tail.Count > TailLines)
            {
                tail.Dequeue();
            }
        }
    }

    private static string[] Names() => OperatingSystem.IsWindows() ? ["pwsh", "powershell"] : ["pwsh"];

    private static PowerShellHost? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name))
            .Where(File.Exists)
            .Select(path => new PowerShellHost(name, path))
            .FirstOrDefault();
}
