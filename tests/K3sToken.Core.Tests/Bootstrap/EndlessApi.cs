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
    private int _secrets;

    public ClusterContext Context { get; } = new FakeApi().Context;

    public ServerClock Clock { get; } = new();

    public async Task<SecretPage> ListSecretsAsync(string fieldSelector, int limit, string? continueFrom, CancellationToken cancellation)
    {
        await Task.Yield();
        SecretResource[] page = [.. Enumerable.Range(0, limit).Select(_ => new SecretResource { Name = NextName() })];
        return new SecretPage(page, page[^1].Name);
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
