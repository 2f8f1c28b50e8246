using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;

namespace K3sToken.Tests.Bootstrap;

/// <summary>A cluster in memory: what the store asks of one, with a script for what goes wrong.</summary>
internal sealed class FakeApi : IKubernetesApi
{
    private int _version;

    public SortedDictionary<string, SecretResource> Secrets { get; } = new(StringComparer.Ordinal);

    public List<string> Requests { get; } = [];

    /// <summary>Everything that was handed out: its receiver zeroes it. What the cluster keeps is never handed out.</summary>
    public List<SecretResource> HandedOut { get; } = [];

    /// <summary>The very bytes of the bodies that were sent.</summary>
    public List<ReadOnlyMemory<byte>> Bodies { get; } = [];

    /// <summary>Called with each request before it is carried out; what it throws is the answer.</summary>
    public Action<string> BeforeRequest { get; set; } = static _ => { };

    /// <summary>Called with each request after it was carried out; what it throws is the answer.</summary>
    public Action<string> AfterRequest { get; set; } = static _ => { };

    /// <summary>What the first try of the next page said of the one after it, before it broke off.</summary>
    public string? StaleContinue { get; set; }

    /// <summary>True for a cluster that stores other secrets than it is sent.</summary>
    public bool ChangeSecretsOnCreation { get; set; }

    public ClusterContext Context { get; set; } = new()
    {
        Name = "fake",
        Kubeconfig = "/home/admin/.kube/config",
        Server = new Uri("https://cluster.example:6443"),
        User = new ClusterUser(),
    };

    public ServerClock Clock { get; } = new();

    public byte[]? ServedCA { get; set; }

    public static K3sTokenException Lost() => new(ErrorId.ClusterUnreachable, "The answer was lost.") { AnswerLost = true };

    public void Add(string name, params (string Key, string Value)[] data) => Secrets[name] = new SecretResource
    {
        Name = name,
        Uid = Guid.NewGuid().ToString(),
        ResourceVersion = NextVersion(),
        Type = "bootstrap.kubernetes.io/token",
        Created = DateTime.UtcNow,
        Data = [.. data.Select(entry => new KeyValuePair<string, byte[]>(entry.Key, System.Text.Encoding.UTF8.GetBytes(entry.Value)))],
    };

    public void AddToken(string id, string secret = "0123456789abcdef", params (string Key, string Value)[] more) => Add(
        $"bootstrap-token-{id}",
        [("token-id", id), ("token-secret", secret), ("usage-bootstrap-authentication", "true"), .. more]);

    public Task<SecretPage> ListSecretsAsync(
        string fieldSelector, int limit, string? continueFrom, Action<string?>? onContinue, CancellationToken cancellation) => Answer(
        $"list {continueFrom}".TrimEnd(),
        () =>
        {
            if (StaleContinue is { } stale)
            {
                StaleContinue = null;
                onContinue?.Invoke(stale);
            }

            SecretResource[] rest = [.. Secrets.Values.Where(secret => string.CompareOrdinal(secret.Name, continueFrom) > 0)];
            SecretResource[] page = [.. rest.Take(limit)];
            return new SecretPage([.. page.Select(HandOut)], rest.Length > page.Length ? page[^1].Name : null);
        });

    public Task<SecretResource?> GetSecretAsync(string name, CancellationToken cancellation) =>
        Answer($"get {name}", () => Secrets.GetValueOrDefault(name) is { } found ? HandOut(found) : null);

    public Task<SecretResource> CreateSecretAsync(string name, ReadOnlyMemory<byte> body, CancellationToken cancellation) => Answer(
        $"create {name}",
        () =>
        {
            Bodies.Add(body);
            if (Secrets.ContainsKey(name))
            {
                throw new K3sTokenException(ErrorId.TokenAlreadyExists, "The name is taken.");
            }

            using JsonDocument json = JsonDocument.Parse(body);
            Add(name);
            Secrets[name] = With(Secrets[name], Data(json.RootElement.GetProperty("data")));
            if (ChangeSecretsOnCreation)
            {
                Secrets[name]["token-secret"]!.AsSpan().Fill((byte)'x');
            }

            return HandOut(Secrets[name]);
        });

    public Task<SecretResource?> PatchSecretAsync(string name, ReadOnlyMemory<byte> mergePatch, CancellationToken cancellation) => Answer(
        $"patch {name}",
        () =>
        {
            Bodies.Add(mergePatch);
            if (!Secrets.TryGetValue(name, out SecretResource? current))
            {
                return null;
            }

            using JsonDocument json = JsonDocument.Parse(mergePatch);
            if (json.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString() != current.ResourceVersion)
            {
                throw new K3sTokenException(ErrorId.ConflictingChange, "The Secret has changed.");
            }

            JsonElement changes = json.RootElement.GetProperty("data");
            IEnumerable<KeyValuePair<string, byte[]>> kept = current.Data.Where(entry => !changes.TryGetProperty(entry.Key, out _));
            return HandOut(Secrets[name] = With(current, [.. kept, .. Data(changes)]));
        });

    public Task<bool> DeleteSecretAsync(string name, string? uid, CancellationToken cancellation) => Answer(
        $"delete {name}",
        () => uid is null || Secrets.GetValueOrDefault(name)?.Uid == uid
            ? Secrets.Remove(name)
            : throw new K3sTokenException(ErrorId.ConflictingChange, "Another Secret has this name."));

    public Task<IReadOnlyList<NodeResource>> ListNodesAsync(CancellationToken cancellation) =>
        Answer<IReadOnlyList<NodeResource>>("nodes", () => []);

    public Task<byte[]?> GetServedCAAsync(CancellationToken cancellation) => Answer("cacerts", () => ServedCA);

    private static List<KeyValuePair<string, byte[]>> Data(JsonElement data) =>
        [.. data.EnumerateObject()
            .Where(entry => entry.Value.ValueKind == JsonValueKind.String)
            .Select(entry => new KeyValuePair<string, byte[]>(entry.Name, entry.Value.GetBytesFromBase64()))];

    private SecretResource HandOut(SecretResource secret)
    {
        SecretResource copy = new()
        {
            Name = secret.Name,
            Uid = secret.Uid,
            ResourceVersion = secret.ResourceVersion,
            Type = secret.Type,
            Created = secret.Created,
            BeingDeleted = secret.BeingDeleted,
            Data = [.. secret.Data.Select(entry => new KeyValuePair<string, byte[]>(entry.Key, [.. entry.Value]))],
        };
        HandedOut.Add(copy);
        return copy;
    }

    private SecretResource With(SecretResource secret, List<KeyValuePair<string, byte[]>> data) => new()
    {
        Name = secret.Name,
        Uid = secret.Uid,
        ResourceVersion = NextVersion(),
        Type = secret.Type,
        Created = secret.Created,
        Data = data,
    };

    private string NextVersion() => (++_version).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private Task<T> Answer<T>(string request, Func<T> carryOut)
    {
        Requests.Add(request);
        try
        {
            BeforeRequest(request);
            T answer = carryOut();
            AfterRequest(request);
            return Task.FromResult(answer);
        }
        catch (Exception e)
        {
            return Task.FromException<T>(e);
        }
    }
}
