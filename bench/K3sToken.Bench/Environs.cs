using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading.Tasks;

namespace K3sToken.Bench;

/// <summary>What a run was made on and with: figures of another machine or version are other figures.</summary>
internal static class Environs
{
    public static async Task WriteAsync(Options options, TextWriter to)
    {
        to.WriteLine($"{Environment.ProcessorCount} processors ({Processor()}), {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription},");
        to.WriteLine($"PowerShell {await VersionAsync(options.PowerShell, "-Version")}, kubectl {await VersionAsync(options.Kubectl, "version", "--client")},");
        to.WriteLine($"module built as {BuildTime.Value("Configuration")} of {(await FirstLineAsync("git", "rev-parse", "--short", "HEAD"))}.");
    }

    private static string Processor()
    {
        const string Info = "/proc/cpuinfo";
        string? line = File.Exists(Info) ? File.ReadLines(Info).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 2)..] ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static async Task<string> VersionAsync(string? program, params string[] arguments) =>
        program is null ? "none" : (await FirstLineAsync(program, arguments)).Split(' ')[^1];

    private static async Task<string> FirstLineAsync(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
            string output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return output.Split('\n')[0].Trim();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }
}
