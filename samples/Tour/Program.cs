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
        await using Sandbox sandbox = await Sandbox.StartAsync();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("k3stoken-tour-");
        try
        {
            string kubeconfig = sandbox.WriteKubeconfig(Path.Combine(folder.FullName, "k3s.yaml"));
            Console.WriteLine($"A sandbox of K3s listens on {sandbox.Url.GetLeftPart(UriPartial.Authority)}.");
            if (FindPowerShell() is string powerShell)
            {
                Console.WriteLine($"What follows is typed into {powerShell}, with the module staged under out/.");
                Console.WriteLine();
                return await RunInPowerShellAsync(powerShell, kubeconfig);
            }

            Console.WriteLine("There is no PowerShell on PATH: the same steps are done through the module's core, without its cmdlets.");
            Console.WriteLine();
            await CoreTour.RunAsync(kubeconfig);
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

    private static async Task<int> RunInPowerShellAsync(string powerShell, string kubeconfig)
    {
        string module = typeof(Program).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == "StagedModule").Value!;
        ProcessStartInfo start = new(powerShell, ["-NoLogo", "-NoProfile", "-NonInteractive", "-File", Path.Combine(AppContext.BaseDirectory, "Tour.ps1"), Path.Combine(module, "K3sToken.psd1")]);
        start.Environment["KUBECONFIG"] = kubeconfig;
        using Process process = Process.Start(start)!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
