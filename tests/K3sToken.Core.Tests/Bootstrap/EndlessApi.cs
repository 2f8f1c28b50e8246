using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;

namespace K3sToken.Tests.Bootstrap;

/// <summary>A cluster whose list of Secrets has no end, and of which nothing is kept.</summary>
internal sealed class EndlessApi : IKubernetesApi
{
    private readonly TaskCompletionSource _secondAsked = new();
    private int _secrets;
    private int _asked;

    /// <summary>True for pages on which there is nothing.</summary>
    public bool IsBarren { get; init; }

    /// <summary>How many pages were asked for.</summary>
    public int Asked => _asked;

    /// <summary>What each page waits for, once it has said how the next one is asked for.</summary>
    public Task Rest { get; init; } = Task.CompletedTask;

    public Task SecondAsked => _secondAsked.Task;

    public ClusterContext Context { get; } = new FakeApi().Context;

    public ServerClock Clock { get; } = new();

    public async Task<SecretPage> ListSecretsAsync(
        string fieldSelector, int limit, string? continueFrom, Action<string?>? onContinue, CancellationToken cancellation)
    {
        if (++_asked == 2)
        {
            _secondAsked.SetResult();
        }

        SecretResource[] page = [.. Enumerable.Range(0, limit).Select(_ => new SecretResource { Name = NextName() })];
        onContinue?.Invoke(page[^1].Name);
        await Rest;
        await Task.Yield();
        return new SecretPage(IsBarren ? [] : page, page[^1].Name);
    }

    public Task<SecretResource?> GetSecretAsync(string name, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<SecretResource> CreateSecretAsync(string name, ReadOnlyMemory<byte> body, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<SecretResource?> PatchSecretAsync(string name, ReadOnlyMemory<byte> mergePatch, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<bool> DeleteSecretAsync(string name, string? uid, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<IReadOnlyList<NodeResource>> ListNodesAsync(CancellationToken cancellation) => throw new NotSupportedException();

    public Task<byte[]?> GetServedCAAsync(CancellationToken cancellation) => throw new NotSupportedException();

    private string NextName() => "bootstrap-token-" + _secrets++.ToString("D6", CultureInfo.InvariantCulture);
}
