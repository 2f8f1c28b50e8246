using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace K3sToken.Sandboxing.Datastore;

/// <summary>One change of a key of the datastore, as kine records it.</summary>
/// <param name="Revision">The revision that it made.</param>
/// <param name="Key">For example <c>/bootstrap/0123456789ab</c>.</param>
/// <param name="Value">The value from then on; empty for a key that is locked until it gets one, or was deleted.</param>
/// <param name="Created">Whether it made the key.</param>
/// <param name="Deleted">Whether it deleted the key.</param>
/// <param name="CreateRevision">For another value: the revision that had made the key; otherwise 0.</param>
/// <param name="PreviousRevision">The change of the same key before this one; 0 for the first.</param>
public sealed record DatastoreRow(
    long Revision,
    string Key,
    string Value,
    bool Created,
    bool Deleted,
    long CreateRevision,
    long PreviousRevision);

/// <summary>What the servers of a cluster share beside the Kubernetes API: their CAs and passwords, encrypted with their token.</summary>
public sealed class BootstrapDatastore
{
    // As on a new server, where two other keys come first.
    private const long RevisionBefore = 2;

    // What kine's client sends at most, and what stands around a value in a message.
    private const int LargestMessage = 2 * 1024 * 1024;
    private const int Envelope = 48;

    private readonly Lock _lock = new();
    private readonly List<DatastoreRow> _rows = [];

    /// <summary>All changes, in order.</summary>
    public IReadOnlyList<DatastoreRow> Rows
    {
        get
        {
            lock (_lock)
            {
                return [.. _rows];
            }
        }
    }

    /// <summary>The keys that are there now, each as its last change left it.</summary>
    public IReadOnlyList<DatastoreRow> Keys =>
        [.. Rows.GroupBy(row => row.Key).Select(changes => changes.Last()).Where(row => !row.Deleted)];

    /// <summary>Whether a server with this password would find the data and be able to read it.</summary>
    public bool Opens(string password) => Find(password) is { } row && BootstrapCipher.Decrypt(password, row.Value) is not null;

    /// <summary>Held by whoever makes several changes that belong together.</summary>
    internal Lock Gate { get; } = new();

    internal DatastoreRow? Find(string password) => Keys.FirstOrDefault(row => row.Key == BootstrapCipher.KeyOf(password));

    /// <summary>Creates a key, unless it is there.</summary>
    /// <exception cref="DatastoreException">The value is too long.</exception>
    internal void Create(string key, string value) => Add(key, value, created: true, deleted: false);

    /// <exception cref="DatastoreException">The value is too long.</exception>
    internal void Update(string key, string value) => Add(key, value, created: false, deleted: false);

    internal void Delete(string key) => Add(key, "", created: false, deleted: true);

    private void Add(string key, string value, bool created, bool deleted)
    {
        int length = key.Length + value.Length + Envelope;
        if (length > LargestMessage)
        {
            throw new DatastoreException(
                $"rpc error: code = ResourceExhausted desc = trying to send message larger than max ({length} vs. {LargestMessage})");
        }

        lock (_lock)
        {
            DatastoreRow? before = _rows.FindLast(row => row.Key == key);
            bool exists = before is { Deleted: false };
            if (exists && created)
            {
                return;
            }

            long createRevision = created || deleted ? 0 : _rows.FindLast(row => row.Key == key && row.Created)!.Revision;
            long revision = RevisionBefore + _rows.Count + 1;
            _rows.Add(new DatastoreRow(revision, key, value, created, deleted, createRevision, before?.Revision ?? 0));
        }
    }
}

/// <summary>The datastore has refused a change.</summary>
#pragma warning disable CA1032, CA1064 // Thrown and caught inside the sandbox.
internal sealed class DatastoreException(string message) : Exception(message);
#pragma warning restore CA1032, CA1064
