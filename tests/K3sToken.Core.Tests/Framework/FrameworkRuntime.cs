using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Threading.Tasks;
using System.Xml.Linq;

namespace K3sToken.Tests.Framework;

/// <summary>Something on this machine that runs what was built for .NET Framework.</summary>
/// <param name="Name">What the names of its results begin with.</param>
/// <param name="Command">The program to start, and what it needs before the file to run.</param>
internal sealed record FrameworkRuntime(string Name, params IReadOnlyList<string> Command)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static readonly string Tests = Path.GetFullPath(typeof(FrameworkRuntime).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "FrameworkTests").Value!);

    /// <summary>.NET, which can run most of it; elsewhere than on Windows.</summary>
    public static FrameworkRuntime DotNet { get; } = new(
        "net472 on .NET",
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
        "exec",
        "--runtimeconfig",
        Path.ChangeExtension(typeof(FrameworkRuntime).Assembly.Location, "runtimeconfig.json"));

    /// <summary>Windows' own .NET Framework, or else Mono; null where there is neither.</summary>
    public static FrameworkRuntime? Native { get; } =
        OperatingSystem.IsWindows() ? new("net472 on .NET Framework")
        : Find("mono") is { } mono ? new("net472 on Mono", mono)
        : null;

    /// <summary>Why <see cref="Native"/> may be null.</summary>
    public const string NoNative =
        "No Mono: with it on PATH (Debian's package mono-devel has all that is needed), what was built for .NET Framework runs here.";

    /// <summary>Runs tests to their end. Each test's result; or one result of another name that says why there are none.</summary>
    /// <param name="filter">Options of the test program that choose among its tests.</param>
    /// <param name="environment">Variables for the process.</param>
    public async Task<IReadOnlyList<FrameworkResult>> RunAsync(string[] filter, params (string Name, string Value)[] environment)
    {
        string report = Path.GetTempFileName();
        try
        {
            string output = await StartAsync([.. Command, Tests, "-noColor", "-noLogo", "-xml", report, .. filter], environment);
            return new FileInfo(report).Length == 0
                ? [new FrameworkResult("the test program", "Fail", $"It made no report. Its output:\n{output}")]
                : [.. XDocument.Load(report).Descendants("test").Select(FrameworkResult.Of)];
        }
        finally
        {
            File.Delete(report);
        }
    }

    private static async Task<string> StartAsync(string[] command, (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
        }

        return await output + await error;
    }

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);
}
