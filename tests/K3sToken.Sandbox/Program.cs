using System;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
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
        Servers = command.Servers,
        Port = command.Port,
        DataDirectory = command.DataDirectory,
        TokenCleaner = command.Cleaner,
        Token = command.Token,
        AgentToken = command.AgentToken,
        Agents = command.Agents,
        Certificates = new CertificateOptions { WrongHostName = command.WrongHostName, RsaOnly = command.RsaOnly },
    });
}
catch (IOException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
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
    string[] urls = [.. sandbox.Servers.Select(server => server.Url.GetLeftPart(UriPartial.Authority))];
    Console.WriteLine($"A sandbox of K3s listens on {string.Join(", ", urls)}. Ctrl+C ends it. To use it:");
    Console.WriteLine();
    Console.WriteLine($"    $env:K3S_URL = {Quoted(urls[0])}");
    Console.WriteLine($"    $env:K3S_TOKEN = {Quoted(sandbox.Token)}");
    Console.WriteLine($"    $servers = {string.Join(", ", urls.Select(Quoted))}");
    Console.WriteLine($"    $env:KUBECONFIG = {Quoted(kubeconfig)}");
    Console.WriteLine();
    Console.WriteLine(Prompt.Help);
    Prompt prompt = new(sandbox, command.AgentToken, Console.In, Console.Out);
    await await Task.WhenAny(ended.Task, prompt.ServeAsync(endsWithInput: !Console.IsInputRedirected));
}
finally
{
    if (directory is not null)
    {
        Directory.Delete(directory, recursive: true);
    }
}

return 0;

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    ended.TrySetResult();
}

static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
