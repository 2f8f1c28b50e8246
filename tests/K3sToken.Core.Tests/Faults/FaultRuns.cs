using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using K3sToken.Sandboxing;
using Xunit;

namespace K3sToken.Tests.Faults;

/// <summary>Runs all operations under one fault after the other, on one sandbox.</summary>
public class FaultRuns : IAsyncLifetime
{
    /// <summary>The password of the servers' token. They go on accepting it whatever they are told to rotate to.</summary>
    internal const string Password = "0123456789abcdef0123456789abcdef";

    private const int Tokens = 300;

    private readonly ConcurrentDictionary<FaultRow, Lazy<Task<IReadOnlyDictionary<string, string>>>> _runs = new();
    private Sandbox _sandbox = null!;

    /// <summary>Whether they run over HTTP/1.1.</summary>
    protected virtual bool WithoutHttp2 => false;

    public async ValueTask InitializeAsync()
    {
        _sandbox = await Sandbox.StartAsync(new SandboxOptions { Token = Password, Servers = 9, WithoutHttp2 = WithoutHttp2 });
        _sandbox.Secrets.AddBootstrapTokens(Tokens);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _sandbox.DisposeAsync();
    }

    /// <summary>What each operation came to. They run at once: a fault that lasts is met by all at one server; else each has its own,
    /// and a server for it.</summary>
    internal Task<IReadOnlyDictionary<string, string>> GetAsync(FaultRow row) =>
        _runs.GetOrAdd(row, new Lazy<Task<IReadOnlyDictionary<string, string>>>(() => RunAsync(row))).Value;

    private async Task<IReadOnlyDictionary<string, string>> RunAsync(FaultRow row)
    {
        int visits = _sandbox.Elsewhere.Visits;
        string[] names = [.. row.Expected.Keys];

        // A token is rotated at one and the same server: the others would not know of it.
        int first = Array.IndexOf(names, "Rotate");
        string[] came = await Task.WhenAll(names.Select((name, i) =>
            RunAsync(row, name, _sandbox.Servers[row.IsOnce ? (i - first + names.Length) % names.Length : 0])));
        await EndAsync(row);
        string strayed = _sandbox.Elsewhere.Visits == visits ? "" : ", and somebody went elsewhere";
        return names.Zip(came).ToDictionary(pair => pair.First, pair => pair.Second + strayed);
    }

    private async Task<string> RunAsync(FaultRow row, string name, SandboxServer server)
    {
        FaultyOperation operation = await FaultyOperation.PrepareAsync(_sandbox, server, row, name);
        await BeginAsync(row, server);
        return await operation.RunAsync();
    }

    private async Task BeginAsync(FaultRow row, SandboxServer server)
    {
        switch (row.Fault)
        {
            case "Down":
                await server.StopAsync();
                break;
            case "ClockAhead" or "ClockBehind":
                _sandbox.Clock.Offset = TimeSpan.FromDays(row.Fault == "ClockAhead" ? 1 : -1);
                break;
            case "UnknownHost":
                break;
            default:
                server.Faults.OnRequest(Enum.Parse<RequestFault>(row.Fault), row.IsOnce ? 1 : int.MaxValue, row.Scope);
                break;
        }
    }

    private async Task EndAsync(FaultRow row)
    {
        _sandbox.Clock.Offset = TimeSpan.Zero;
        foreach (SandboxServer server in _sandbox.Servers)
        {
            server.Faults.OnRequest(RequestFault.None);

            // A server that restarts by itself is waited for.
            if (row.Fault is "Down" or "Restart")
            {
                await server.ReconnectAsync();
            }
        }
    }
}

/// <summary>The same over HTTP/1.1.</summary>
public sealed class FaultRunsWithoutHttp2 : FaultRuns
{
    protected override bool WithoutHttp2 => true;
}
