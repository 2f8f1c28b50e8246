using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using K3sToken.Sandboxing;
using Xunit;

namespace K3sToken.Tests.Faults;

/// <summary>Runs all operations under one fault after the other, on one sandbox.</summary>
public sealed class FaultRuns : IAsyncLifetime
{
    /// <summary>The password of the servers' token. They go on accepting it whatever they are told to rotate to.</summary>
    internal const string Password = "0123456789abcdef0123456789abcdef";

    private const int Tokens = 300;

    private readonly ConcurrentDictionary<FaultRow, Lazy<Task<IReadOnlyDictionary<string, string>>>> _runs = new();
    private Sandbox _sandbox = null!;

    public async ValueTask InitializeAsync()
    {
        _sandbox = await Sandbox.StartAsync(new SandboxOptions { Token = Password });
        _sandbox.Secrets.AddBootstrapTokens(Tokens);
    }

    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();

    /// <summary>What each operation came to. A fault that lasts is met by all at once, else each has its own.</summary>
    internal Task<IReadOnlyDictionary<string, string>> GetAsync(FaultRow row) =>
        _runs.GetOrAdd(row, new Lazy<Task<IReadOnlyDictionary<string, string>>>(() => RunAsync(row))).Value;

    private async Task<IReadOnlyDictionary<string, string>> RunAsync(FaultRow row)
    {
        Dictionary<string, Task<string>> came = [];
        foreach (string name in row.Expected.Keys)
        {
            FaultyOperation operation = await FaultyOperation.PrepareAsync(_sandbox, row, name);
            await BeginAsync(row);
            came[name] = operation.RunAsync();
            if (row.IsOnce)
            {
                await came[name];
                await EndAsync(row);
            }
        }

        await Task.WhenAll(came.Values);
        await EndAsync(row);
        return came.ToDictionary(pair => pair.Key, pair => pair.Value.Result);
    }

    private async Task BeginAsync(FaultRow row)
    {
        switch (row.Fault)
        {
            case "Down":
                await _sandbox.StopAsync();
                break;
            case "ClockAhead" or "ClockBehind":
                _sandbox.Clock.Offset = TimeSpan.FromDays(row.Fault == "ClockAhead" ? 1 : -1);
                break;
            case "UnknownHost":
                break;
            default:
                _sandbox.Servers[0].Faults.OnRequest(Enum.Parse<RequestFault>(row.Fault), row.IsOnce ? 1 : int.MaxValue, row.Scope);
                break;
        }
    }

    private async Task EndAsync(FaultRow row)
    {
        _sandbox.Servers[0].Faults.OnRequest(RequestFault.None);
        _sandbox.Clock.Offset = TimeSpan.Zero;

        // A server that restarts by itself is waited for.
        for (int tries = 0; tries < 100 && row.Fault == "Restart" && !_sandbox.Servers[0].IsRunning; tries++)
        {
            await Task.Delay(10);
        }

        if (!_sandbox.Servers[0].IsRunning)
        {
            await _sandbox.StartAgainAsync();
        }
    }
}
