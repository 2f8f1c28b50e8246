using System.Globalization;

namespace K3sToken.Sandboxing;

/// <summary>What the executable was told.</summary>
/// <param name="Servers">How many servers there are.</param>
/// <param name="Port">The port of the first, or 0 for any that is free.</param>
/// <param name="Cleaner">Whether expired tokens are deleted.</param>
/// <param name="Tokens">How many bootstrap tokens there are from the start.</param>
/// <param name="Delay">How long each request waits before it is looked at, in milliseconds.</param>
/// <param name="Token">What the servers are started with as <c>--token</c>; null if they make one.</param>
/// <param name="AgentToken">What the servers are started with as <c>--agent-token</c>; null for none.</param>
/// <param name="Agents">How many nodes there are besides the servers.</param>
/// <param name="WrongHostName">Whether the server's certificate is for another name.</param>
/// <param name="RsaOnly">Whether all keys are RSA; otherwise they are EC, as K3s has.</param>
/// <param name="Kubeconfig">Where the kubeconfig is written; null for a new temporary directory.</param>
/// <param name="DataDirectory">Where the servers' files are; null for a new temporary directory.</param>
internal sealed record CommandLine(
    int Servers,
    int Port,
    bool Cleaner,
    int Tokens,
    int Delay,
    string? Token,
    string? AgentToken,
    int Agents,
    bool WrongHostName,
    bool RsaOnly,
    string? Kubeconfig,
    string? DataDirectory)
{
    private const int LastPort = 65535;

    public const string Usage =
        """
        A K3s-compatible server on 127.0.0.1, to try K3sToken on. It serves until Ctrl+C.

        usage: K3sToken.Sandbox [--servers N] [--port PORT] [--cleaner on|off] [--tokens N] [--delay MS]
                                [--token TOKEN] [--agent-token TOKEN] [--agents N] [--host-name right|wrong]
                                [--keys ec|rsa] [--kubeconfig PATH] [--data-dir PATH]

          --servers N               be a cluster of N servers, one to fifteen; one unless told otherwise
          --port PORT               listen on this port and those after it instead of any that are free
          --cleaner on|off          delete expired tokens, as a cluster does; on unless told otherwise
          --tokens N                begin with N bootstrap tokens
          --delay MS                let each request wait so many milliseconds, as on a slow line
          --token TOKEN             have this server token instead of a new one
          --agent-token TOKEN       let agents join with this password, not with the server token
          --agents N                have N nodes besides the servers
          --host-name right|wrong   have a certificate for 127.0.0.1 and localhost, or for another name only
          --keys ec|rsa             have EC keys, as K3s, or RSA keys for clients that know nothing else
          --kubeconfig PATH         write the kubeconfig to PATH instead of a temporary directory
          --data-dir PATH           keep the servers' files in PATH while it serves, instead of a temporary directory
        """;

    /// <summary>Null where the arguments make no sense.</summary>
    public static CommandLine? Parse(string[] arguments)
    {
        CommandLine result = new(
            Servers: 1,
            Port: 0,
            Cleaner: true,
            Tokens: 0,
            Delay: 0,
            Token: null,
            AgentToken: null,
            Agents: 0,
            WrongHostName: false,
            RsaOnly: false,
            Kubeconfig: null,
            DataDirectory: null);
        for (int i = 0; i < arguments.Length; i += 2)
        {
            string? value = i + 1 < arguments.Length ? arguments[i + 1] : null;
            CommandLine? next = arguments[i] switch
            {
                "--servers" => Number(value, Sandbox.MostServers) is > 0 and int servers ? result with { Servers = servers } : null,
                "--port" => Number(value, LastPort) is int port ? result with { Port = port } : null,
                "--cleaner" => value is "on" or "off" ? result with { Cleaner = value == "on" } : null,
                "--tokens" => Number(value, 99999) is int tokens ? result with { Tokens = tokens } : null,
                "--delay" => Number(value, 60_000) is int delay ? result with { Delay = delay } : null,
                "--token" => value is null ? null : result with { Token = value },
                "--agent-token" => value is null ? null : result with { AgentToken = value },
                "--agents" => Number(value, 99) is int agents ? result with { Agents = agents } : null,
                "--host-name" => value is "right" or "wrong" ? result with { WrongHostName = value == "wrong" } : null,
                "--keys" => value is "ec" or "rsa" ? result with { RsaOnly = value == "rsa" } : null,
                "--kubeconfig" => value is null ? null : result with { Kubeconfig = value },
                "--data-dir" => value is null ? null : result with { DataDirectory = value },
                _ => null,
            };
            if (next is null)
            {
                return null;
            }

            result = next;
        }

        return result.Port + result.Servers - 1 <= LastPort ? result : null;
    }

    private static int? Number(string? text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= most ? number : null;
}
