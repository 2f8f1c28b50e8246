using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using K3sToken.Sandboxing.Authentication;
using K3sToken.Sandboxing.Certificates;
using K3sToken.Sandboxing.Datastore;
using K3sToken.Sandboxing.Http;
using K3sToken.Sandboxing.Nodes;
using K3sToken.Sandboxing.Secrets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace K3sToken.Sandboxing;

/// <summary>
/// A cluster of one to fifteen K3s-compatible servers on 127.0.0.1, with TLS: the supervisor with its tokens, and the Kubernetes API of
/// Secrets, which agree with what a real server answered. It shares no code with the module that is tried on it.
/// </summary>
public sealed class Sandbox : IAsyncDisposable
{
    /// <summary>How many servers there may be.</summary>
    internal const int MostServers = 15;

    private readonly SandboxOptions _options;
    private readonly NodesApi _nodes;
    private readonly RequestLog _log = new();
    private readonly DirectoryInfo _directory;
    private readonly List<SandboxServer> _servers = [];
    private TokenCleaner? _cleaner;

    private Sandbox(SandboxOptions options)
    {
        _options = options;
        _directory = NewDirectory(options.DataDirectory);
        Certificates = ClusterCertificates.Create(options.Certificates);
        Secrets = new SecretStore(Clock);
        for (int i = 1; i <= options.Servers; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"server-{i}");
            int port = options.Port == 0 ? 0 : options.Port + i - 1;
            _servers.Add(new SandboxServer(this, name, Path.Combine(_directory.FullName, name), port));
        }

        var servers = _servers.Select(server => new SandboxNode(server.Name, ControlPlane: true));
        var agents = Enumerable.Range(1, options.Agents)
            .Select(i => new SandboxNode(string.Create(CultureInfo.InvariantCulture, $"agent-{i}"), ControlPlane: false));
        _nodes = new NodesApi(options.Nodes ?? [.. servers, .. agents], Secrets, Clock);
        _cleaner = options.TokenCleaner ? new TokenCleaner(Secrets, Clock) : null;
    }

    /// <summary>The servers of the cluster; each has its own files and passwords, all share the datastore.</summary>
    public IReadOnlyList<SandboxServer> Servers => _servers;

    /// <summary>The URL of the first server.</summary>
    public Uri Url => Servers[0].Url;

    /// <summary>What the first server's token file says: the server token in its secure form.</summary>
    public string Token => Servers[0].Token;

    /// <summary>The servers' common data, encrypted with their token.</summary>
    public BootstrapDatastore Datastore { get; } = new();

    /// <summary>The certificates of the cluster.</summary>
    public ClusterCertificates Certificates { get; private set; }

    /// <summary>The CA certificates that <c>/cacerts</c> serves, as PEM, byte for byte.</summary>
    public IReadOnlyList<byte> CABundle => Certificates.Bundle;

    /// <summary>The admin's kubeconfig, as K3s writes it.</summary>
    public string KubeconfigYaml => Kubeconfig.Yaml(ServerText, Certificates, Certificates.LoginOf(Identity.Admin));

    /// <summary>The admin's client certificate and the CA that signed it.</summary>
    public string AdminCertificatePem => Certificates.LoginOf(Identity.Admin).CertificatePem;

    /// <summary>The key of the admin's client certificate.</summary>
    public string AdminKeyPem => Certificates.LoginOf(Identity.Admin).KeyPem;

    /// <summary>The server's clock.</summary>
    public SandboxClock Clock { get; } = new();

    /// <summary>Where redirects lead.</summary>
    public Elsewhere Elsewhere { get; } = new();

    /// <summary>The Secrets of the cluster.</summary>
    public SecretStore Secrets { get; }

    /// <summary>The requests that all servers have received so far, in order.</summary>
    public IReadOnlyList<LoggedRequest> Requests => _log.All;

    /// <summary>
    /// Called with each request before it is looked at. Gives true if it has dealt with it: answered (see <see cref="Scripted"/>),
    /// or broken the connection by <see cref="HttpContext.Abort"/>. It may also just wait.
    /// </summary>
    public Func<HttpContext, Task<bool>>? Intercept { get; set; }

    /// <summary>The same, after the request has been carried out and before anything of the answer is sent.</summary>
    public Func<HttpContext, Task<bool>>? InterceptAnswer { get; set; }

    private string ServerText => Url.GetLeftPart(UriPartial.Authority);

    /// <summary>Starts a sandbox; all its servers listen when this returns.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It cannot have so many servers.</exception>
    /// <exception cref="InvalidOperationException">A server refuses to start, in its words.</exception>
    /// <exception cref="IOException">A port is taken, or there are files in the data directory.</exception>
    public static async Task<Sandbox> StartAsync(SandboxOptions? options = null)
    {
        options ??= new SandboxOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Servers, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Servers, MostServers, nameof(options));
        Sandbox sandbox = new(options);
        try
        {
            await sandbox.StartServersAsync();
            return sandbox;
        }
        catch
        {
            await sandbox.DisposeAsync();
            throw;
        }
    }

    /// <summary>All servers stop listening, and break all connections. What is stored stays.</summary>
    public async Task StopAsync()
    {
        foreach (SandboxServer server in Servers)
        {
            await server.StopAsync();
        }
    }

    /// <summary>
    /// All servers listen again, on their ports, with the same certificates or others. Their processes go on: unlike after
    /// <see cref="SandboxServer.RestartAsync"/>, they accept the passwords that they accepted before.
    /// </summary>
    public async Task StartAgainAsync(ClusterCertificates? certificates = null)
    {
        await StopAsync();
        bool otherAuthorities = certificates is not null && certificates.AuthorityHash != Certificates.AuthorityHash;
        Certificates = certificates ?? Certificates;
        foreach (SandboxServer server in Servers.Where(server => server.FatalError is null))
        {
            if (otherAuthorities)
            {
                server.TakeAuthorities();
            }

            await server.ListenAsync();
        }
    }

    /// <summary>Forgets the requests received so far.</summary>
    public void ForgetRequests()
    {
        _log.Clear();
        _servers.ForEach(server => server.ForgetRequests());
    }

    /// <summary>Writes the kubeconfig of an identity to a file that only its owner may read, and gives the path back.</summary>
    public string WriteKubeconfig(string path, Identity identity = Identity.Admin) => WriteKubeconfig(path, Certificates.LoginOf(identity));

    /// <summary>The same with what somebody logs in with.</summary>
    public string WriteKubeconfig(string path, ClientLogin login)
    {
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using StreamWriter writer = new(path, options);
        writer.Write(Kubeconfig.Yaml(ServerText, Certificates, login));
        return path;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Elsewhere.Dispose();
        if (_cleaner is not null)
        {
            await _cleaner.DisposeAsync();
            _cleaner = null;
        }

        if (Directory.Exists(_directory.FullName))
        {
            _directory.Delete(recursive: true);
        }
    }

    internal HttpProtocols Protocols => _options.WithoutHttp2 ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;

    internal void Received(LoggedRequest request) => _log.Add(request);

    internal Authenticator NewAuthenticator() => new(Secrets, Clock, _options.Tokens, _options.CacheBootstrapTokens);

    internal KubernetesApi NewApi() => new(NewAuthenticator(), new SecretsApi(Secrets, Clock), _nodes, Clock);

    private static DirectoryInfo NewDirectory(string? path)
    {
        if (path is null)
        {
            return Directory.CreateTempSubdirectory("k3stoken-sandbox-");
        }

        DirectoryInfo directory = Directory.CreateDirectory(path);
        return directory.EnumerateFileSystemInfos().Any() ? throw new IOException($"There are files in {directory.FullName}.") : directory;
    }

    private async Task StartServersAsync()
    {
        foreach (SandboxServer server in Servers)
        {
            // The others join the first one with its token, as they would have to.
            string? token = _options.Token ?? (server == Servers[0] ? null : Servers[0].Token);
            if (!await server.RestartAsync(token, _options.AgentToken))
            {
                throw new InvalidOperationException(server.FatalError);
            }
        }
    }
}
