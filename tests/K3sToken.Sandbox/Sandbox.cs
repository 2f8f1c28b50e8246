using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Threading.Tasks;
using K3sToken.Sandboxing.Authentication;
using K3sToken.Sandboxing.Certificates;
using K3sToken.Sandboxing.Http;
using K3sToken.Sandboxing.Nodes;
using K3sToken.Sandboxing.Secrets;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing;

/// <summary>
/// A K3s-compatible server on 127.0.0.1, with TLS: <c>/cacerts</c> and the Kubernetes API of Secrets, which agree with what a real server
/// answered. It shares no code with the module that is tried on it.
/// </summary>
public sealed class Sandbox : IAsyncDisposable
{
    private readonly RequestPipeline _pipeline;
    private readonly RequestLog _log = new();
    private Listener? _listener;
    private TokenCleaner? _cleaner;
    private int _port;

    private Sandbox(SandboxOptions options)
    {
        _port = options.Port;
        Certificates = ClusterCertificates.Create(options.Certificates);
        Secrets = new SecretStore(Clock);
        KubernetesApi api = new(
            new Authenticator(Secrets, Clock, options.Tokens, options.CacheBootstrapTokens),
            new SecretsApi(Secrets, Clock),
            new NodesApi(options.Nodes, Secrets, Clock),
            Clock);
        _pipeline = new RequestPipeline(this, api, _log);
        _cleaner = options.TokenCleaner ? new TokenCleaner(Secrets, Clock) : null;
    }

    /// <summary>The URL of the server.</summary>
    public Uri Url => new(string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{_port}"));

    /// <summary>The certificates of the cluster.</summary>
    public ClusterCertificates Certificates { get; private set; }

    /// <summary>The CA certificates that <c>/cacerts</c> serves, as PEM, byte for byte.</summary>
    public IReadOnlyList<byte> CABundle => Certificates.Bundle;

    /// <summary>The admin's kubeconfig, as K3s writes it.</summary>
    public string KubeconfigYaml => Kubeconfig.Yaml(ServerText, Certificates, Identity.Admin);

    /// <summary>The admin's client certificate and the CA that signed it.</summary>
    public string AdminCertificatePem => Certificates.ClientCertificatePem(Identity.Admin);

    /// <summary>The key of the admin's client certificate.</summary>
    public string AdminKeyPem => Certificates.ClientKeyPem(Identity.Admin);

    /// <summary>The server's clock.</summary>
    public SandboxClock Clock { get; } = new();

    /// <summary>The Secrets of the cluster.</summary>
    public SecretStore Secrets { get; }

    /// <summary>The requests received so far, in order.</summary>
    public IReadOnlyList<LoggedRequest> Requests => _log.All;

    /// <summary>
    /// Called with each request before it is looked at. Gives true if it has dealt with it: answered (see <see cref="Scripted"/>),
    /// or broken the connection by <see cref="HttpContext.Abort"/>. It may also just wait.
    /// </summary>
    public Func<HttpContext, Task<bool>>? Intercept { get; set; }

    /// <summary>The same, after the request has been carried out and before anything of the answer is sent.</summary>
    public Func<HttpContext, Task<bool>>? InterceptAnswer { get; set; }

    private string ServerText => Url.GetLeftPart(UriPartial.Authority);

    /// <summary>Starts a sandbox; it listens when this returns.</summary>
    public static async Task<Sandbox> StartAsync(SandboxOptions? options = null)
    {
        Sandbox sandbox = new(options ?? new SandboxOptions());
        await sandbox.StartAgainAsync();
        return sandbox;
    }

    /// <summary>Stops listening and breaks all connections. What is stored stays.</summary>
    public async Task StopAsync()
    {
        if (_listener is not null)
        {
            await _listener.DisposeAsync();
            _listener = null;
        }
    }

    /// <summary>Listens again, on the same port, with the same certificates or others.</summary>
    public async Task StartAgainAsync(ClusterCertificates? certificates = null)
    {
        await StopAsync();
        Certificates = certificates ?? Certificates;
        _listener = await Listener.StartAsync(_port, Certificates, _pipeline.HandleAsync);
        _port = _listener.Port;
    }

    /// <summary>Returns once the process is asked to end, by Ctrl+C or SIGTERM.</summary>
    public Task WaitForShutdownAsync() => _listener?.WaitForShutdownAsync() ?? Task.CompletedTask;

    /// <summary>Forgets the requests received so far.</summary>
    public void ForgetRequests() => _log.Clear();

    /// <summary>Writes the kubeconfig of an identity to a file that only its owner may read, and gives the path back.</summary>
    public string WriteKubeconfig(string path, Identity identity = Identity.Admin)
    {
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using StreamWriter writer = new(path, options);
        writer.Write(Kubeconfig.Yaml(ServerText, Certificates, identity));
        return path;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_cleaner is not null)
        {
            await _cleaner.DisposeAsync();
            _cleaner = null;
        }
    }
}
