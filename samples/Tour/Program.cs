using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Threading.Tasks;
using K3sToken.Sandboxing;

namespace K3sToken.Tour;

internal static class Program
{
    private static async Task<int> Main()
    {
        await using Sandbox sandbox = await Sandbox.StartAsync(new SandboxOptions { Servers = 3 });
        _ = RestartAfterRotationAsync(sandbox);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("k3stoken-tour-");
        try
        {
            string kubeconfig = sandbox.WriteKubeconfig(Path.Combine(folder.FullName, "k3s.yaml"));
            Console.WriteLine($"A sandbox of K3s, with three servers, listens on {string.Join(", ", UrlsOf(sandbox))}.");
            if (FindPowerShell() is string powerShell)
            {
                Console.WriteLine($"What follows is typed into {powerShell}, with the module staged under out/.");
                Console.WriteLine();
                return await RunInPowerShellAsync(powerShell, kubeconfig, sandbox);
            }

            Console.WriteLine("There is no PowerShell on PATH: the same steps are done through the module's core, without its cmdlets.");
            Console.WriteLine();
            await CoreTour.RunAsync(kubeconfig);
            await RotationTour.RunAsync([.. sandbox.Servers.Select(server => server.Url)], sandbox.Token);
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string? FindPowerShell()
    {
        string[] names = OperatingSystem.IsWindows() ? ["pwsh.exe", "powershell.exe"] : ["pwsh"];
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
    }

    private static async Task<int> RunInPowerShellAsync(string powerShell, string kubeconfig, Sandbox sandbox)
    {
        string module = typeof(Program).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == "StagedModule").Value!;
        string tour = Path.Combine(AppContext.BaseDirectory, "Tour.ps1");
        string servers = string.Join(", ", UrlsOf(sandbox).Select(Quoted));
        string command = $"& {Quoted(tour)} {Quoted(Path.Combine(module, "K3sToken.psd1"))} {servers}";
        ProcessStartInfo start = new(powerShell, ["-NoLogo", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-Command", command]);
        start.Environment["KUBECONFIG"] = kubeconfig;
        start.Environment["K3S_TOKEN"] = sandbox.Token;
        using Process process = Process.Start(start)!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>The part of the person who restarts the servers, once the token was rotated.</summary>
    private static async Task RestartAfterRotationAsync(Sandbox sandbox)
    {
        while (!sandbox.Servers[0].Requests.Any(request => request is { Method: "PUT", Status: 200 }))
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
        }

        string token = sandbox.Servers[0].Token;
        foreach (SandboxServer server in sandbox.Servers)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            await server.RestartAsync(token);
        }
    }

    private static string[] UrlsOf(Sandbox sandbox) => [.. sandbox.Servers.Select(server => server.Url.GetLeftPart(UriPartial.Authority))];

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
