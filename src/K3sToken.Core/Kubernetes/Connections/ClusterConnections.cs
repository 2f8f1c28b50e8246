using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using K3sToken.Tokens;

namespace K3sToken.Kubernetes;

/// <summary>
/// The connections to clusters, kept from command to command. They belong to the content of a context, so that a changed kubeconfig gets
/// new ones; of many, those used last are kept.
/// </summary>
public sealed class ClusterConnections : IDisposable
{
    /// <summary>More than a person has contexts: whoever goes through all of them again and again must not leave all connections behind.</summary>
    private const int MostClusters = 128;

    private readonly object _lock = new();
    private readonly List<KeyValuePair<string, ClusterConnection>> _kept = [];

    /// <summary>Those of this session. <see cref="Dispose"/> closes them; it can be used again.</summary>
    public static ClusterConnections Session { get; } = new();

    /// <summary>The API of a cluster, for one command. Connects when it is first asked for something.</summary>
    /// <param name="context">The cluster and who to be there. The credentials in it are this session's from now on: they are zeroed when it
    /// needs them no more, and at once where a connection with the same ones is kept already.</param>
    /// <param name="notices">Where warnings go.</param>
    /// <param name="timeout">How long a request may take, tries after the first included.</param>
    /// <exception cref="K3sTokenException">The context cannot be used.</exception>
    public IKubernetesApi Open(ClusterContext context, INotices notices, TimeSpan timeout)
    {
        if (context.SkipTlsVerify)
        {
            notices.Warn(
                $"The certificate of {ApiErrors.Text(context.Server)} is not checked (insecure-skip-tls-verify in context "
                    + $"'{context.Name}'): anybody in between can read and change what is sent. Put the cluster's CA into the "
                    + "kubeconfig in its place.");
        }

        foreach (string warning in context.User.Warnings)
        {
            notices.Warn(warning);
        }

        if (context.User.Exec is { } plugin)
        {
            notices.Verbose($"Context '{context.Name}' takes its credentials from the exec plugin '{plugin.Command}'.");
        }

        Uri? proxy = context.ProxyInUse;
        return new KubernetesApi(Get(context, proxy), context, notices, timeout);
    }

    /// <summary>Ends all requests and closes all connections.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _kept.ForEach(entry => entry.Value.Dispose());
            _kept.Clear();
        }
    }

    private ClusterConnection Get(ClusterContext context, Uri? proxy)
    {
        string key = KeyOf(context, proxy);
        lock (_lock)
        {
            int at = _kept.FindIndex(entry => entry.Key == key);
            KeyValuePair<string, ClusterConnection> entry = at >= 0 ? _kept[at] : new(key, new ClusterConnection(context, proxy));
            if (at >= 0)
            {
                _kept.RemoveAt(at);
                entry.Value.Discard(context.User);
            }
            else if (_kept.Count == MostClusters)
            {
                // Not disposed: requests may be under way in it. Its connections close when they are idle.
                _kept.RemoveAt(0);
            }

            _kept.Add(entry);
            return entry.Value;
        }
    }

    // Only a hash stays in memory: the content holds secrets.
    private static string KeyOf(ClusterContext context, Uri? proxy)
    {
        ClusterUser user = context.User;
        using SecretBuffer content = new();
        Text(context.Name);
        Text(context.Kubeconfig);
        Text(context.Server.AbsoluteUri);
        Bytes(context.CABundle);
        Number(context.SkipTlsVerify ? 1 : 0);
        Text(context.TlsServerName);
        Text(proxy?.OriginalString);
        Text(user.Name);
        Bytes(user.ClientCertificate);
        Bytes(user.ClientKey);
        Hidden(user.Token);
        Text(user.TokenFile);
        Text(user.BasicUserName);
        Hidden(user.BasicPassword);
        if (user.Exec is { } exec)
        {
            Text(exec.ApiVersion);
            Text(exec.Command);
            Number(exec.Arguments.Count);
            exec.Arguments.ToList().ForEach(Text);
            Number(exec.Environment.Count);
            exec.Environment.ToList().ForEach(variable => Text(variable.Key + "=" + variable.Value));
            Number(exec.ProvideClusterInfo ? 1 : 0);
            Text(exec.ClusterConfig);
            Number((int)exec.InteractiveMode);
        }

        using SHA256 sha256 = SHA256.Create();
        _ = MemoryMarshal.TryGetArray(content.Written, out ArraySegment<byte> bytes);
        return Hex.Lower(sha256.ComputeHash(bytes.Array!, bytes.Offset, bytes.Count));

        // Each value goes after its length, so that no two contexts look the same; -1 for none.
        void Number(int number) => content.Write(number.ToString("x8", CultureInfo.InvariantCulture).AsSpan());
        void Text(string? text) => Characters(text is null ? -1 : text.Length, text.AsSpan());
        void Hidden(Secret? secret) => Characters(secret?.Reveal().Length ?? -1, secret is null ? default : secret.Reveal());
        void Characters(int length, ReadOnlySpan<char> text)
        {
            Number(length);
            content.Write(text);
        }

        void Bytes(byte[]? bytes)
        {
            Number(bytes?.Length ?? -1);
            bytes.AsSpan().CopyTo(content.GetSpan(bytes?.Length ?? 0));
            content.Advance(bytes?.Length ?? 0);
        }
    }
}
