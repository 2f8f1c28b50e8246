using System;
using System.Collections.Generic;
using System.IO;

namespace K3sToken.Sandboxing.Supervisor;

/// <summary>Where a server keeps what it keeps, below its data directory.</summary>
internal sealed class DataDirectory(string root)
{
    public string Root { get; } = root;

    public string TokenFile => Below("token");

    public string PasswordFile => Below("cred", "passwd");

    /// <summary>The files that all servers of a cluster have in common, by the names under which they stand in the datastore.</summary>
    public IReadOnlyDictionary<string, string> Shared => new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["ClientCA"] = Below("tls", "client-ca.crt"),
        ["ClientCAKey"] = Below("tls", "client-ca.key"),
        ["IPSECKey"] = Below("cred", "ipsec.psk"),
        ["PasswdFile"] = PasswordFile,
        ["ServerCA"] = Below("tls", "server-ca.crt"),
        ["ServerCAKey"] = Below("tls", "server-ca.key"),
    };

    /// <summary>What the token file says, without the white space around it; empty if there is none.</summary>
    public string Token => File.Exists(TokenFile) ? File.ReadAllText(TokenFile).Trim() : "";

    private string AgentTokenFile => Below("agent-token");

    /// <summary>Writes the token file, and what older versions called it.</summary>
    public void WriteToken(string token)
    {
        PrivateFile.Write(TokenFile, token + "\n");
        PrivateFile.Link(Below("node-token"), TokenFile);
    }

    /// <summary>Makes the file of the agents' token a link to that of the servers.</summary>
    public void LinkAgentToken() => PrivateFile.Link(AgentTokenFile, TokenFile);

    /// <summary>Writes the file of the agents' own token.</summary>
    public void WriteAgentToken(string token)
    {
        if (new FileInfo(AgentTokenFile).LinkTarget is not null)
        {
            File.Delete(AgentTokenFile);
        }

        PrivateFile.Write(AgentTokenFile, token + "\n");
    }

    private string Below(params string[] names) => Path.Combine([Root, "server", .. names]);
}
