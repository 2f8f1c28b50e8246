using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Sandboxing.Http;

namespace K3sToken.Sandboxing;

/// <summary>What can be told to the executable while it serves.</summary>
internal sealed class Prompt(Sandbox sandbox, string? agentToken, TextReader input, TextWriter output)
{
    private static readonly string FaultNames = string.Join(
        "\n" + new string(' ', 24), Enum.GetNames<RequestFault>()[1..].Chunk(6).Select(names => string.Join(", ", names)));

    public static readonly string Help =
        $"""
        Type here what is to happen to a server:

            restart N           restart server N without --token: it takes the one in its token file
            restart N TOKEN     restart server N with --token TOKEN, as after a rotation that was done on another server
            stop N              end server N; restart N starts it again
            fail N FAULT TIMES  let the next rotations that server N is asked for go wrong: lostBeforeChange, lostAfterChange,
                                errorBeforeChange, errorAfterFiles, errorWithOtherKey, errorAfterDatastore
            break N FAULT TIMES SCOPE AFTER
                                let requests to server N go wrong, TIMES of them after AFTER that go well; SCOPE is all, private (all
                                but /cacerts) or changes. FAULT is one of
                                {FaultNames}
            mend N              let no more requests to server N go wrong; it breaks its connections, and listens
            clock SECONDS       move the servers' clock so far ahead of this machine's, or behind it
            elsewhere           show how often somebody came where redirects lead
            kubeconfig SECONDS PATH
                                write the kubeconfig anew, with a client certificate that is good for so long
            requests            show what each server was asked so far, and what it answered
            forget              show none of that any more
            status              show the servers, and where their files are
            help                show this
        """;

    /// <summary>Does what it is told until there is no more input. Then it ends, or where input may just be missing, never.</summary>
    public async Task ServeAsync(bool endsWithInput)
    {
        // A console's reader blocks, also where it says that it does not.
        while (await Task.Run(input.ReadLine) is string line)
        {
            await DoAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }

        await Task.Delay(endsWithInput ? 0 : Timeout.Infinite);
    }

    private async Task DoAsync(string[] words)
    {
        switch (words)
        {
            case []:
                break;
            case ["status"]:
                WriteStatus();
                break;
            case ["restart", string number] when Find(number) is SandboxServer server:
                await RestartAsync(server, token: null);
                break;
            case ["restart", string number, string token] when Find(number) is SandboxServer server:
                await RestartAsync(server, token);
                break;
            case ["stop", string number] when Find(number) is SandboxServer server:
                await server.StopAsync();
                output.WriteLine($"{server.Name} is down.");
                break;
            case ["fail", string number, string name, string count]
                when Find(number) is SandboxServer server
                    && Enum.TryParse(name, ignoreCase: true, out RotationFault fault)
                    && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int times):
                server.Faults.OnRotation(fault, times);
                output.WriteLine($"{server.Name} is going to fail.");
                break;
            case ["break", string number, string name, string count, string scope, string before]
                when Find(number) is SandboxServer server
                    && Enum.TryParse(name, ignoreCase: true, out RequestFault fault)
                    && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int times)
                    && Enum.TryParse(scope, ignoreCase: true, out FaultScope which)
                    && int.TryParse(before, NumberStyles.None, CultureInfo.InvariantCulture, out int after):
                server.Faults.OnRequest(fault, times, which, after);
                if (SandboxFaults.IsOfConnections(fault))
                {
                    await server.ReconnectAsync();
                }

                output.WriteLine($"{server.Name} is going to fail.");
                break;
            case ["mend", string number] when Find(number) is SandboxServer server:
                server.Faults.OnRequest(RequestFault.None);
                await server.ReconnectAsync();
                output.WriteLine($"{server.Name} is well.");
                break;
            case ["clock", string text] when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int seconds):
                sandbox.Clock.Offset = TimeSpan.FromSeconds(seconds);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"server-1 and the others have {sandbox.Clock.Now:u}."));
                break;
            case ["kubeconfig", string text, string path] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int life):
                sandbox.WriteKubeconfig(path, sandbox.Certificates.IssueAdmin(TimeSpan.FromSeconds(life)));
                output.WriteLine($"{sandbox.Servers[0].Name} has written {path}.");
                break;
            case ["elsewhere"]:
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Elsewhere was visited {sandbox.Elsewhere.Visits} times."));
                break;
            case ["requests"]:
                WriteRequests();
                break;
            case ["forget"]:
                sandbox.ForgetRequests();
                output.WriteLine("They are forgotten.");
                break;
            case ["restart" or "stop" or "break" or "mend", string number, ..] when Find(number) is null:
                output.WriteLine($"There is no server {number}: say a number from 1 to {sandbox.Servers.Count}.");
                break;
            default:
                output.WriteLine(Help);
                break;
        }
    }

    private async Task RestartAsync(SandboxServer server, string? token)
    {
        try
        {
            bool started = await server.RestartAsync(token, agentToken);
            output.WriteLine(started ? $"{server.Name} has started." : $"{server.Name} has not started: {server.FatalError}");
        }
        catch (IOException exception)
        {
            output.WriteLine($"{server.Name} has not started: {exception.Message}");
        }
    }

    private void WriteRequests()
    {
        foreach (SandboxServer server in sandbox.Servers)
        {
            foreach (LoggedRequest request in server.Requests)
            {
                string user = request.Headers.ContainsKey("Authorization") ? "with credentials" : "without credentials";
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{server.Name}  {request.Method} {request.Target}  {user}  {request.Status}"));
            }
        }

        output.WriteLine("These are all requests.");
    }

    private void WriteStatus()
    {
        foreach (SandboxServer server in sandbox.Servers)
        {
            string state = server.IsRunning ? "running" : $"down: {server.FatalError ?? "it was stopped"}";
            output.WriteLine($"{server.Name}  {server.Url.GetLeftPart(UriPartial.Authority)}  {server.DataDirectory}  {state}");
        }
    }

    private SandboxServer? Find(string number) =>
        int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? sandbox.Servers.ElementAtOrDefault(n - 1) : null;
}
