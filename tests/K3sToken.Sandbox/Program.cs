using System;
using System.IO;
using System.Threading.Tasks;
using K3sToken.Sandboxing;
using K3sToken.Sandboxing.Certificates;

if (CommandLine.Parse(args) is not CommandLine command)
{
    Console.Error.WriteLine(CommandLine.Usage);
    return 2;
}

Sandbox started;
try
{
    started = await Sandbox.StartAsync(new SandboxOptions
    {
        Port = command.Port,
        TokenCleaner = command.Cleaner,
        Certificates = new CertificateOptions { WrongHostName = command.WrongHostName },
    });
}
catch (IOException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

await using Sandbox sandbox = started;
sandbox.Secrets.AddBootstrapTokens(command.Tokens);
sandbox.Intercept = async request =>
{
    await Task.Delay(command.Delay, request.RequestAborted);
    return false;
};
string? directory = command.Kubeconfig is null ? Directory.CreateTempSubdirectory("k3stoken-sandbox-").FullName : null;
try
{
    string kubeconfig = sandbox.WriteKubeconfig(Path.GetFullPath(command.Kubeconfig ?? Path.Combine(directory!, "k3s.yaml")));
    Console.WriteLine($"A sandbox of K3s listens on {sandbox.Url.GetLeftPart(UriPartial.Authority)}. Ctrl+C ends it. To use it:");
    Console.WriteLine();
    Console.WriteLine($"    $env:KUBECONFIG = '{kubeconfig.Replace("'", "''", StringComparison.Ordinal)}'");
    Console.WriteLine();
    await sandbox.WaitForShutdownAsync();
}
finally
{
    if (directory is not null)
    {
        Directory.Delete(directory, recursive: true);
    }
}

return 0;
