using System;
using System.Collections.Generic;

namespace K3sToken.Kubernetes;

/// <summary>A Secret as the API answers it: what is needed of its metadata, and its data, decoded. Whoever has got it disposes it.</summary>
public sealed class SecretResource : IDisposable
{
    /// <summary>metadata.name.</summary>
    public required string Name { get; init; }

    /// <summary>metadata.uid; empty where the server sent none.</summary>
    public string Uid { get; init; } = "";

    /// <summary>metadata.resourceVersion; empty where the server sent none.</summary>
    public string ResourceVersion { get; init; } = "";

    /// <summary>type, for example <c>bootstrap.kubernetes.io/token</c>.</summary>
    public string Type { get; init; } = "";

    /// <summary>metadata.creationTimestamp, UTC.</summary>
    public DateTime Created { get; init; }

    /// <summary>True once metadata.deletionTimestamp is set: the Secret waits for its finalizers.</summary>
    public bool BeingDeleted { get; init; }

    /// <summary>The keys of data with their decoded bytes, in the order they came.</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]>> Data { get; init; } = [];

    /// <summary>The bytes of one key, or null where the Secret does not have it.</summary>
    public byte[]? this[string key]
    {
        get
        {
            for (int i = 0; i < Data.Count; i++)
            {
                if (Data[i].Key == key)
                {
                    return Data[i].Value;
                }
            }

            return null;
        }
    }

    /// <summary>Zeroes the data.</summary>
    public void Dispose()
    {
        for (int i = 0; i < Data.Count; i++)
        {
            Array.Clear(Data[i].Value, 0, Data[i].Value.Length);
        }
    }
}

/// <summary>One page of a list of Secrets.</summary>
/// <param name="Items">The Secrets, in the order of their names.</param>
/// <param name="ContinueFrom">What asks for the next page; null on the last.</param>
public sealed record SecretPage(IReadOnlyList<SecretResource> Items, string? ContinueFrom);
