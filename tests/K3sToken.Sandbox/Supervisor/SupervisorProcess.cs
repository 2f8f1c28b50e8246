using System;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using K3sToken.Sandboxing.Certificates;
using K3sToken.Sandboxing.Datastore;

namespace K3sToken.Sandboxing.Supervisor;

/// <summary>A server from one start to the next: the passwords that it accepts are those of its start.</summary>
/// <param name="Directory">The server's files.</param>
/// <param name="Datastore">What it shares with the other servers.</param>
/// <param name="Authorities">The CAs that the first server of a cluster makes.</param>
/// <param name="AgentToken">What its option <c>--agent-token</c> says; null without one.</param>
internal sealed record SupervisorProcess(
    DataDirectory Directory,
    BootstrapDatastore Datastore,
    ClusterCertificates Authorities,
    string? AgentToken)
{
    public const string OtherToken = "bootstrap data already found and encrypted with different token";

    private const string CannotPrepare = "Error: preparing server: failed to bootstrap cluster data: ";

    /// <summary>The passwords as they were at the start.</summary>
    public PasswordFile Passwords { get; init; } = PasswordFile.Read(Directory.PasswordFile);

    /// <summary>Starts as K3s does.</summary>
    /// <param name="directory">The server's files.</param>
    /// <param name="datastore">What it shares with the other servers.</param>
    /// <param name="authorities">The CAs, for the first server.</param>
    /// <param name="token">What the option <c>--token</c> says; null or empty without one.</param>
    /// <param name="agentToken">The same of <c>--agent-token</c>.</param>
    /// <exception cref="SupervisorException">It cannot start.</exception>
    public static SupervisorProcess Start(
        DataDirectory directory,
        BootstrapDatastore datastore,
        ClusterCertificates authorities,
        string? token,
        string? agentToken)
    {
        lock (datastore.Gate)
        {
            bool isFirst = FindData(directory, datastore, string.IsNullOrEmpty(token) ? directory.Token : token);
            WriteAuthorities(directory, authorities, replace: false);
            WritePasswords(directory.PasswordFile, token, agentToken);
            SupervisorProcess process = new(directory, datastore, authorities, string.IsNullOrEmpty(agentToken) ? null : agentToken);
            if (isFirst)
            {
                process.Save(string.IsNullOrEmpty(token) ? process.Passwords.PasswordOf(PasswordFile.Server)! : token);
            }

            process.WriteTokens();
            return process;
        }
    }

    /// <summary>Puts other CAs in the place of the server's, and in the datastore.</summary>
    public SupervisorProcess WithAuthorities(ClusterCertificates authorities)
    {
        lock (Datastore.Gate)
        {
            WriteAuthorities(Directory, authorities, replace: true);
            Save(Directory.Token);
            SupervisorProcess changed = this with { Authorities = authorities };
            changed.WriteTokens();
            return changed;
        }
    }

    /// <summary>Writes the token file, which is also that of the agents if they have no token of their own.</summary>
    public void WriteServerToken(string password)
    {
        Directory.WriteToken(ServerToken.Format(Authorities.AuthorityHash, PasswordFile.Server, password));
        if (AgentToken is null)
        {
            Directory.LinkAgentToken();
        }
    }

    /// <summary>Writes the server's files to the datastore, encrypted with a token.</summary>
    /// <exception cref="SupervisorException">What is there is encrypted with another.</exception>
    /// <exception cref="DatastoreException">It is too much.</exception>
    public void Save(string token)
    {
        string password = Normal(token);
        if (Datastore.Keys.Count > 0 && Datastore.Find(password) is null)
        {
            throw new SupervisorException(OtherToken);
        }

        string key = BootstrapCipher.KeyOf(password);
        string value = BootstrapCipher.Encrypt(password, BootstrapData.Read(Directory));
        if (Datastore.Keys.Count == 0)
        {
            Datastore.Create(key, value);
        }
        else
        {
            Datastore.Update(key, value);
        }
    }

    /// <exception cref="SupervisorException">It is no server token.</exception>
    public static string Normal(string token) => ServerToken.Password(token) ?? throw new SupervisorException(ServerToken.NotNormal);

    /// <summary>Makes the server's files those of the datastore. True where it has none yet; then locks the key if it is known.</summary>
    private static bool FindData(DataDirectory directory, BootstrapDatastore datastore, string token)
    {
        if (token.Length == 0)
        {
            return true;
        }

        string password = ServerToken.Password(token) ?? throw new SupervisorException(CannotPrepare + ServerToken.NotNormal);
        if (datastore.Keys.Count == 0)
        {
            datastore.Create(BootstrapCipher.KeyOf(password), "");
            return true;
        }

        byte[] data = datastore.Find(password) is { } row && BootstrapCipher.Decrypt(password, row.Value) is { } plain
            ? plain
            : throw new SupervisorException(CannotPrepare + OtherToken);
        return BootstrapData.Reconcile(directory, data) is string fatal ? throw new SupervisorException(fatal) : false;
    }

    private static void WriteAuthorities(DataDirectory directory, ClusterCertificates authorities, bool replace)
    {
        Write("ServerCA", [.. authorities.Bundle]);
        Write("ServerCAKey", Encoding.ASCII.GetBytes(authorities.ServerAuthorityKeyPem));
        Write("ClientCA", Encoding.ASCII.GetBytes(authorities.ClientAuthorityPem));
        Write("ClientCAKey", Encoding.ASCII.GetBytes(authorities.ClientAuthorityKeyPem));
        if (!File.Exists(directory.Shared["IPSECKey"]))
        {
            PrivateFile.Write(directory.Shared["IPSECKey"], RandomNumberGenerator.GetHexString(96, lowercase: true) + "\n");
        }

        void Write(string name, byte[] content)
        {
            if (replace || !File.Exists(directory.Shared[name]))
            {
                PrivateFile.Write(directory.Shared[name], content);
            }
        }
    }

    private static void WritePasswords(string path, string? token, string? agentToken)
    {
        PasswordFile passwords = PasswordFile.Read(path);
        string server = NotEmpty(token) ?? passwords.PasswordOf(PasswordFile.Server) ?? ServerToken.Random();
        passwords.Set(PasswordFile.Node, NotEmpty(agentToken) ?? ServerToken.Password(server) ?? server);
        passwords.Set(PasswordFile.Server, server);
        passwords.Write(path);

        static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
    }

    private void WriteTokens()
    {
        WriteServerToken(Passwords.PasswordOf(PasswordFile.Server)!);
        if (AgentToken is not null)
        {
            string password = Passwords.PasswordOf(PasswordFile.Node)!;
            Directory.WriteAgentToken(ServerToken.Format(Authorities.AuthorityHash, PasswordFile.Node, password));
        }
    }
}

/// <summary>A server cannot do what it was told, and says why.</summary>
#pragma warning disable CA1032, CA1064 // Thrown and caught inside the sandbox.
internal sealed class SupervisorException(string message) : Exception(message);
#pragma warning restore CA1032, CA1064
