using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>A Secret with its JSON, written once.</summary>
internal sealed class StoredSecret(Secret secret)
{
    public Secret Secret { get; } = secret;

    /// <summary>The object as it stands in a list, UTF-8.</summary>
    public byte[] Json { get; } = Encoding.UTF8.GetBytes(secret.ToItemJson());

    /// <summary>The moment from which the token cleaner deletes it.</summary>
    public DateTimeOffset CleanedFrom { get; } =
        secret.Namespace == SecretStore.KubeSystem && secret.Type == BootstrapToken.SecretType
            ? BootstrapToken.Expires(secret)
            : DateTimeOffset.MaxValue;
}

/// <summary>The state of a revision: Secrets by their key, in order.</summary>
internal sealed record Snapshot(long Revision, ImmutableSortedDictionary<string, StoredSecret> Secrets);

/// <summary>One change.</summary>
/// <param name="Revision">The revision that it made.</param>
/// <param name="Before">Null for a Secret that is new.</param>
/// <param name="After">Null for a Secret that is gone.</param>
internal sealed record Change(long Revision, StoredSecret? Before, StoredSecret? After);

/// <summary>
/// The Secrets of a sandbox, with their past: each change makes a revision, and earlier states can be read until they are forgotten.
/// Tests read and change it directly; what they do is seen by clients like any other change.
/// </summary>
public sealed class SecretStore
{
    internal const string KubeSystem = "kube-system";

    // A cluster has been through some revisions before anybody asks for Secrets.
    private const long FirstRevision = 304;
    private const int RememberedRevisions = 20_000;

    private readonly Lock _lock = new();
    private readonly SandboxClock _clock;
    private readonly List<Snapshot> _history = [];
    private readonly List<Change> _changes = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Snapshot _current = new(
        FirstRevision,
        ImmutableSortedDictionary.Create<string, StoredSecret>(StringComparer.Ordinal));

    private long _forgotten;
    private long _oldestChange = FirstRevision;

    internal SecretStore(SandboxClock clock)
    {
        _clock = clock;
        _history.Add(new Snapshot(0, _current.Secrets));
        _history.Add(_current);
    }

    /// <summary>The revision of the last change.</summary>
    public long Revision => Current.Revision;

    /// <summary>All Secrets, by namespace and name.</summary>
    public IReadOnlyList<Secret> All => [.. Current.Secrets.Values.Select(stored => stored.Secret)];

    internal Snapshot Current
    {
        get
        {
            lock (_lock)
            {
                return _current;
            }
        }
    }

    /// <summary>A revision from which all later changes are known.</summary>
    internal long OldestWatchable
    {
        get
        {
            lock (_lock)
            {
                return _oldestChange;
            }
        }
    }

    /// <summary>The Secret of this name, or null.</summary>
    public Secret? Get(string name, string @namespace = KubeSystem) =>
        Current.Secrets.GetValueOrDefault($"/{@namespace}/{name}")?.Secret;

    /// <summary>Creates or replaces a Secret without looking at what it says. Uid and creation time are kept, or made.</summary>
    public Secret Put(Secret secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        lock (_lock)
        {
            Secret? before = _current.Secrets.GetValueOrDefault(secret.Key)?.Secret;
            Secret after = secret with
            {
                Uid = before?.Uid ?? (secret.Uid.Length == 0 ? Guid.NewGuid().ToString() : secret.Uid),
                Created = before?.Created ?? (secret.Created == default ? _clock.Now : secret.Created),
            };
            return Commit(before, ManagedFields.Record(before, after, "sandbox", _clock.Now));
        }
    }

    /// <summary>Puts a bootstrap token there.</summary>
    /// <param name="id">Six characters.</param>
    /// <param name="secret">Sixteen characters.</param>
    /// <param name="data">More keys, or other values for the usual ones; a null value leaves the key out.</param>
    public Secret AddBootstrapToken(string id, string secret, IReadOnlyDictionary<string, string?>? data = null)
    {
        Dictionary<string, string?> all = new()
        {
            ["token-id"] = id,
            ["token-secret"] = secret,
            ["usage-bootstrap-authentication"] = "true",
            ["usage-bootstrap-signing"] = "true",
            ["auth-extra-groups"] = "system:bootstrappers:k3s:default-node-token",
        };
        foreach ((string key, string? value) in data ?? new Dictionary<string, string?>())
        {
            all[key] = value;
        }

        return Put(new Secret
        {
            Name = "bootstrap-token-" + id,
            Namespace = KubeSystem,
            Type = BootstrapToken.SecretType,
            Data = Secret.NoData.AddRange(
                all.Where(pair => pair.Value is not null)
                    .Select(pair => KeyValuePair.Create(pair.Key, Encoding.UTF8.GetBytes(pair.Value!).ToImmutableArray()))),
        });
    }

    /// <summary>Puts that many bootstrap tokens there, <c>s00000</c> and so on, which expire in a day.</summary>
    public void AddBootstrapTokens(int count)
    {
        const string Letters = "abcdefghijklmnopqrstuvwxyz0123456789";
        Dictionary<string, string?> data = new()
        {
            ["expiration"] = Secret.Timestamp(_clock.Now.AddDays(1)),
        };
        for (int i = 0; i < count; i++)
        {
            data["description"] = string.Create(CultureInfo.InvariantCulture, $"seeded token {i}");
            AddBootstrapToken(
                string.Create(CultureInfo.InvariantCulture, $"s{i:d5}"),
                RandomNumberGenerator.GetString(Letters, 16),
                data);
        }
    }

    /// <summary>Removes the Secret of this name; false where there is none.</summary>
    public bool Remove(string name, string @namespace = KubeSystem)
    {
        lock (_lock)
        {
            if (!_current.Secrets.TryGetValue($"/{@namespace}/{name}", out StoredSecret? stored))
            {
                return false;
            }

            Erase(stored.Secret);
            return true;
        }
    }

    /// <summary>
    /// Forgets all earlier states, as a real server does after some minutes: a listing that goes on where it stopped is answered with 410,
    /// and so is a watch from an earlier revision.
    /// </summary>
    public void ForgetThePast()
    {
        lock (_lock)
        {
            // Something else in the cluster changed meanwhile, so that no listing of before reads the present state.
            _current = _current with { Revision = _current.Revision + 1 };
            _history.Clear();
            _history.Add(_current);
            _changes.Clear();
            _forgotten = _current.Revision;
            _oldestChange = _current.Revision;
        }
    }

    /// <summary>The state of a revision, or null where it is forgotten.</summary>
    internal Snapshot? At(long revision)
    {
        lock (_lock)
        {
            if (revision < _forgotten)
            {
                return null;
            }

            int index = _history.FindLastIndex(snapshot => snapshot.Revision <= revision);
            return _history[Math.Max(index, 0)] with { Revision = revision };
        }
    }

    /// <summary>Changes one Secret, or leaves it, in one step.</summary>
    /// <param name="key">The Secret's key.</param>
    /// <param name="change">Makes the new state of the old one; null, or the same, for no change. May throw.</param>
    internal Secret Change(string key, Func<Secret?, Secret> change)
    {
        lock (_lock)
        {
            Secret? before = _current.Secrets.GetValueOrDefault(key)?.Secret;
            Secret after = change(before);
            return ReferenceEquals(before, after) ? after : Commit(before, after);
        }
    }

    /// <summary>Removes one Secret in one step, if the condition does not throw.</summary>
    internal void Delete(string key, Action<Secret?> condition)
    {
        lock (_lock)
        {
            Secret? before = _current.Secrets.GetValueOrDefault(key)?.Secret;
            condition(before);
            if (before is not null)
            {
                Erase(before);
            }
        }
    }

    /// <summary>Removes a Secret if it is still the one that the caller saw.</summary>
    internal void DeleteUnchanged(Secret seen)
    {
        lock (_lock)
        {
            if (_current.Secrets.TryGetValue(seen.Key, out StoredSecret? stored) && ReferenceEquals(stored.Secret, seen))
            {
                Erase(seen);
            }
        }
    }

    /// <summary>The changes after a revision.</summary>
    internal IReadOnlyList<Change> ChangesAfter(long revision)
    {
        lock (_lock)
        {
            int first = _changes.FindIndex(change => change.Revision > revision);
            return first < 0 ? [] : _changes[first..];
        }
    }

    /// <summary>Returns once there is a change after a revision.</summary>
    internal Task WaitForChangeAsync(long revision, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return _changes.Count > 0 && _changes[^1].Revision > revision ? Task.CompletedTask : _changed.Task.WaitAsync(cancellation);
        }
    }

    private Secret Commit(Secret? before, Secret after)
    {
        long revision = _current.Revision + 1;
        StoredSecret stored = new(after with { ResourceVersion = revision });
        StoredSecret? old = before is null ? null : _current.Secrets[before.Key];
        Advance(_current.Secrets.SetItem(after.Key, stored), new Change(revision, old, stored));
        return stored.Secret;
    }

    private void Erase(Secret before)
    {
        Change change = new(_current.Revision + 1, _current.Secrets[before.Key], null);
        Advance(_current.Secrets.Remove(before.Key), change);
    }

    private void Advance(ImmutableSortedDictionary<string, StoredSecret> secrets, Change change)
    {
        _current = new Snapshot(change.Revision, secrets);
        _history.Add(_current);
        _changes.Add(change);
        if (_history.Count > RememberedRevisions)
        {
            _history.RemoveRange(0, RememberedRevisions / 2);
            _forgotten = _history[0].Revision;
            _changes.RemoveAll(old => old.Revision <= _forgotten);
            _oldestChange = _forgotten;
        }

        TaskCompletionSource signal = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        signal.SetResult();
    }
}
