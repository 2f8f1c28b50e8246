using System;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Text;
using K3sToken.Tokens;

namespace K3sToken.Supervisor;

/// <summary>Writes what makes a node join a cluster. Every value is quoted for what reads it.</summary>
internal static class JoinCommand
{
    private const string TokenFile = "/etc/rancher/k3s/join-token";
    private const string Install = "curl -sfL https://get.k3s.io";

    /// <summary>A server's address, which must lead other machines to it.</summary>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.ClusterUnreachable"/>: it is no address, or one of this machine only.</exception>
    public static Uri AddressForNodes(string server)
    {
        Uri address = SupervisorAddress.Parse(server);
        bool isNobody = IPAddress.TryParse(address.IdnHost, out IPAddress? ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any));
        return !address.IsLoopback && !isNobody && !address.IdnHost.Equals("localhost.", StringComparison.OrdinalIgnoreCase)
            ? address
            : throw new K3sTokenException(
                ErrorId.ClusterUnreachable,
                $"{address.IdnHost} is the joining node itself, not the server. Name the address that nodes reach the server by, with -Server.");
    }

    /// <exception cref="K3sTokenException"><see cref="ErrorId.InvalidTokenFormat"/>: nothing can join in this role with such a token.</exception>
    public static void RequireRole(JoinTokenText token, NodeRole role)
    {
        TokenKind kind = JoinToken.KindOf(token);
        if (role == NodeRole.Server && kind is (TokenKind.Bootstrap or TokenKind.Agent))
        {
            throw new K3sTokenException(
                ErrorId.InvalidTokenFormat,
                $"A server cannot join with {(kind == TokenKind.Bootstrap ? "a bootstrap token" : "an agent token")}. "
                + "Get-K3sServerToken reads the server token on a server.");
        }
    }

    /// <summary>Writes it. The text holds the token.</summary>
    /// <param name="token">The token, in the form that the node is to present.</param>
    /// <param name="server">The server to join.</param>
    /// <param name="role">What to join as.</param>
    /// <param name="form">Who reads the text.</param>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.InvalidTokenFormat"/>: the token holds a control character or half of a character, or
    /// white space at an end, which would not reach K3s unchanged.</exception>
    public static string Write(Secret token, Uri server, NodeRole role, JoinCommandForm form)
    {
        string text = token.Reveal().ToString();
        if (HalfCharacter.IsIn(text.AsSpan()))
        {
            throw new K3sTokenException(
                ErrorId.InvalidTokenFormat, "The token has half of a character in it, which no encoding can write. Copy the token once more.");
        }

        if (text.Any(char.IsControl) || text != text.Trim())
        {
            throw new K3sTokenException(
                ErrorId.InvalidTokenFormat,
                "The token holds a control character, such as a line end, or begins or ends with white space: K3s would not get it unchanged. "
                + "Was it read from a file with more than one line?");
        }

        string address = server.GetLeftPart(UriPartial.Authority);
        return form switch
        {
            JoinCommandForm.Shell => Shell(text, address, role),
            JoinCommandForm.Config => Config(text, address),
            JoinCommandForm.CloudInit => CloudInit(text, address, role),
            _ => Environment(text, address),
        };
    }

    // The token goes by way of a file: on a command line every user of the node could read it. The last line is a comment, since PowerShell
    // on Windows adds a line end of its own to what it writes or pipes, and sh takes its \r for part of a command.
    private static string Shell(string token, string server, NodeRole role)
    {
        string end = Delimiter(token);
        return Lines(
            "sudo mkdir -p /etc/rancher/k3s",
            $"sudo sh -c 'umask 077 && rm -f {TokenFile} && cat > {TokenFile}' <<'{end}'",
            token,
            end,
            $"{Install} | sudo sh -s - {Name(role)} --server {ShellQuote(server)} --token-file {TokenFile}")
            + $"# systemctl status {(role == NodeRole.Server ? "k3s" : "k3s-agent")} shows whether it runs.";
    }

    private static string Config(string token, string server) => Lines($"server: {YamlQuote(server)}", $"token: {YamlQuote(token)}");

    private static string CloudInit(string token, string server, NodeRole role) => Lines(
        "#cloud-config",
        "write_files:",
        "  - path: /etc/rancher/k3s/config.yaml",
        "    permissions: '0600'",
        "    content: |",
        $"      server: {YamlQuote(server)}",
        $"      token: {YamlQuote(token)}",
        "runcmd:",
        $"  - {Install} | sh -s - {Name(role)}");

    private static string Environment(string token, string server) =>
        Lines($"K3S_URL={EnvironmentQuote(server)}", $"K3S_TOKEN={EnvironmentQuote(token)}");

    private static string Name(NodeRole role) => role == NodeRole.Server ? "server" : "agent";

    private static string Lines(params string[] lines) => string.Join("\n", lines) + "\n";

    /// <summary>A line that ends a here-document and is not the token itself.</summary>
    private static string Delimiter(string token)
    {
        string end = "K3S_TOKEN";
        while (token == end)
        {
            end += "_";
        }

        return end;
    }

    private static string ShellQuote(string text) => "'" + text.Replace("'", "'\\''") + "'";

    private static string YamlQuote(string text)
    {
        StringBuilder quoted = new("\"");
        foreach (char c in text)
        {
            // YAML refuses the two that are no characters.
            bool isInvisible = c is '\uFFFE' or '\uFFFF' || CharUnicodeInfo.GetUnicodeCategory(c)
                is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            quoted.Append(c is '"' or '\\' ? "\\" + c : isInvisible ? FormattableString.Invariant($"\\u{(int)c:X4}") : c.ToString());
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>Double quotes with what both sh and systemd read inside of them.</summary>
    private static string EnvironmentQuote(string text)
    {
        StringBuilder quoted = new("\"");
        foreach (char c in text)
        {
            if (c is '"' or '\\' or '$' or '`')
            {
                quoted.Append('\\');
            }

            quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }
}
