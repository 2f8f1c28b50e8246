using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Threading.Tasks;
using K3sToken.Sandboxing.Certificates;
using K3sToken.Sandboxing.Datastore;
using K3sToken.Sandboxing.Http;
using K3sToken.Sandboxing.Supervisor;
using Microsoft.AspNetCore.Connections;

namespace K3sToken.Sandboxing;

/// <summary>One of the servers of a sandbox.</summary>
public sealed class SandboxServer
{
    private readonly Sandbox _sandbox;
    private readonly DataDirectory _directory;
    private readonly RequestLog _requests = new();
    private readonly ByteLog _received = new();
    private readonly List<string> _log = [];
    private Task _reconnecting = Task.CompletedTask;
    private Listener? _listener;
    private ClusterCertificates? _expired;
    private SupervisorProcess? _process;
    private int _port;

    internal SandboxServer(Sandbox sandbox, string name, string dataDirectory, int port)
    {
        _sandbox = sandbox;
        _directory = new DataDirectory(dataDirectory);
        _port = port;
        Name = name;
    }

    /// <summary>The name of its node, for example <c>server-1</c>.</summary>
    public string Name { get; }

    /// <summary>Its URL; the same after a restart.</summary>
    public Uri Url => new(string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{_port}"));

    /// <summary>Its data directory: what <c>/var/lib/rancher/k3s</c> is to a real server. <c>server/token</c> stands below it.</summary>
    public string DataDirectory => _directory.Root;

    /// <summary>What its token file says: the server token in its secure form.</summary>
    public string Token => _directory.Token;

    /// <summary>What is wrong with it.</summary>
    public SandboxFaults Faults { get; } = new();

    /// <summary>Whether it listens.</summary>
    public bool IsRunning => _listener is not null;

    /// <summary>Why its last start failed; null after one that did not.</summary>
    public string? FatalError { get; private set; }

    /// <summary>What it has logged, errors only, as K3s writes it.</summary>
    public IReadOnlyList<string> LogLines
    {
        get
        {
            lock (_log)
            {
                return [.. _log];
            }
        }
    }

    /// <summary>The requests that it has received so far, in order.</summary>
    public IReadOnlyList<LoggedRequest> Requests => _requests.All;

    /// <summary>All that it has received so far over TLS, decrypted, one connection after the other. HTTP/2 compresses headers.</summary>
    public IReadOnlyList<byte> ReceivedBytes => _received.All;

    /// <summary>Forgets what it has received so far.</summary>
    public void ForgetRequests()
    {
        _requests.Clear();
        _received.Clear();
    }

    /// <summary>Ends its process and starts another one, as with <c>k3s server</c> and these options.</summary>
    /// <param name="token">What <c>--token</c> says, in any form; null for a start without it: then the token file counts.</param>
    /// <param name="agentToken">The same of <c>--agent-token</c>; null for none.</param>
    /// <returns>Whether it has started; if not, nobody listens, and <see cref="FatalError"/> says why.</returns>
    /// <exception cref="IOException">Somebody else has taken its port.</exception>
    public async Task<bool> RestartAsync(string? token = null, string? agentToken = null)
    {
        await StopAsync();
        if (!StartProcess(token, agentToken))
        {
            return false;
        }

        await ListenAsync();
        return true;
    }

    /// <summary>Stops listening and breaks all connections.</summary>
    public async Task StopAsync()
    {
        if (_listener is not null)
        {
            await _listener.DisposeAsync();
            _listener = null;
        }
    }

    /// <summary>Breaks all connections and listens again; the process goes on.</summary>
    /// <param name="pause">How long nobody listens.</param>
    public Task ReconnectAsync(TimeSpan pause = default)
    {
        lock (_log)
        {
            return _reconnecting = ReconnectAsync(_reconnecting, pause);
        }
    }

    /// <summary>Listens, with the process that is there.</summary>
    internal async Task ListenAsync()
    {
        SupervisorApi supervisor = new(this, _sandbox.Secrets, new Logins(_process!.Passwords, _sandbox.NewAuthenticator()), _process);
        RequestPipeline pipeline = new(_sandbox, this, supervisor, _sandbox.NewApi());
        _listener = await Listener.StartAsync(
            _port, _sandbox.Protocols, Faults.NextConnectionFault, CertificatesOf, _received, pipeline.HandleAsync);
        _port = _listener.Port;
    }

    internal bool StartProcess(string? token, string? agentToken)
    {
        try
        {
            SupervisorProcess started = SupervisorProcess.Start(
                _directory,
                _sandbox.Datastore,
                _sandbox.Certificates,
                token,
                agentToken);
            _process = Faults.Stale && _process is not null ? started with { Passwords = _process.Passwords } : started;
            FatalError = null;
            return true;
        }
        catch (Exception exception) when (exception is SupervisorException or DatastoreException or InvalidDataException)
        {
            FatalError = exception.Message;
            Log("fatal", exception.Message);
            return false;
        }
    }

    internal void Received(LoggedRequest request) => _requests.Add(request);

    internal void Log(string level, string message)
    {
        lock (_log)
        {
            string time = _sandbox.Clock.Now.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            _log.Add($"time=\"{time}\" level={level} msg={GoText.Quote(message)}");
        }
    }

    /// <summary>The CAs of the cluster are others now.</summary>
    internal void TakeAuthorities() => _process = _process!.WithAuthorities(_sandbox.Certificates);

    private async Task ReconnectAsync(Task before, TimeSpan pause)
    {
        await before;
        await StopAsync();
        await Task.Delay(pause);
        await ListenAsync();
    }

    private ClusterCertificates CertificatesOf(ConnectionContext connection)
    {
        if (connection.Items.ContainsKey(RequestFault.ExpiredCertificate))
        {
            return _expired ??= _sandbox.Certificates.Reissue(new CertificateOptions { ServerCertificateExpired = true });
        }

        Impostor? impostor = Faults.NextConnection();
        connection.Items[typeof(Impostor)] = impostor;
        return impostor?.Certificates ?? _sandbox.Certificates;
    }
}
