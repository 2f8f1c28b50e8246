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
        _sandbox = await Sandbox.StartAsync(new SandboxOptions { Token = Password, Servers = 5, WithoutHttp2 = WithoutHttp2 });
        _sandbox.Secrets.AddBootstrapTokens(Tokens);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _sandbox.DisposeAsync();
    }

    /// <summary>What each operation came to. A fault that lasts is met by all at once, at one server; else each has its own, and
    /// a server for it.</summary>
    internal Task<IReadOnlyDictionary<string, string>> GetAsync(FaultRow row) =>
        _runs.GetOrAdd(row, new Lazy<Task<IReadOnlyDictionary<string, string>>>(() => RunAsync(row))).Value;

    private async Task<IReadOnlyDictionary<string, string>> RunAsync(FaultRow row)
    {
        Dictionary<string, string> came = [];
        foreach (string[] names in row.Expected.Keys.Chunk(row.IsOnce ? _sandbox.Servers.Count : row.Expected.Count))
        {
            // A token is rotated at one and the same server: the others would not know of it.
            int first = Math.Max(0, Array.IndexOf(names, "Rotate"));
            Task<string>[] runs = [.. names.Select((name, i) => RunAsync(row, name, Lane(row, i - first)))];
            await Task.WhenAll(runs);
            foreach ((string name, Task<string> run) in names.Zip(runs))
            {
                came.Add(name, await run);
            }

            await EndAsync(row);
        }

        return came;
    }

    private SandboxServer Lane(FaultRow row, int number) =>
        _sandbox.Servers[row.IsOnce ? (number + _sandbox.Servers.Count) % _sandbox.Servers.Count : 0];

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
