using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography;

namespace K3sToken.Kubernetes;

/// <summary>
/// The connections to clusters, kept from command to command. They belong to the content of a context, so that a changed kubeconfig gets
/// new ones; of many, those used last are kept.
/// </summary>
public sealed class ClusterConnections : IDisposable
{
    private const int MostClusters = 32;

    private readonly object _lock = new();
    private readonly List<KeyValuePair<string, ClusterConnection>> _kept = [];

    /// <summary>Those of this session. <see cref="Dispose"/> closes them; it can be used again.</summary>
    public static ClusterConnections Session { get; } = new();

    /// <summary>The API of a cluster, for one command. Connects when it is first asked for something.</summary>
    /// <param name="context">The cluster and who to be there.</param>
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

        Uri? proxy = context.Proxy ?? EnvironmentProxy.For(context.Server);
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
        using MemoryStream content = new();
        using (BinaryWriter writer = new(content))
        {
            void Text(string? text) => writer.Write(text is null ? "-" : "+" + text);
            void Bytes(byte[]? bytes)
            {
                writer.Write(bytes?.Length ?? -1);
                writer.Write(bytes ?? []);
            }

            Text(context.Name);
            Text(context.Kubeconfig);
            Text(context.Server.AbsoluteUri);
            Bytes(context.CABundle);
            writer.Write(context.SkipTlsVerify);
            Text(context.TlsServerName);
            Text(proxy?.OriginalString);
            Text(user.Name);
            Bytes(user.ClientCertificate);
            Bytes(user.ClientKey);
            Text(user.Token?.Reveal().ToString());
            Text(user.TokenFile);
            Text(user.BasicUserName);
            Text(user.BasicPassword?.Reveal().ToString());
            if (user.Exec is { } exec)
            {
                Text(exec.ApiVersion);
                Text(exec.Command);
                writer.Write(exec.Arguments.Count);
                exec.Arguments.ToList().ForEach(Text);
                writer.Write(exec.Environment.Count);
                exec.Environment.ToList().ForEach(variable => Text(variable.Key + "=" + variable.Value));
                writer.Write(exec.ProvideClusterInfo);
                Text(exec.ClusterConfig);
                writer.Write((int)exec.InteractiveMode);
            }
        }

        byte[] bytes = content.ToArray();
        using SHA256 sha256 = SHA256.Create();
        string key = string.Concat(sha256.ComputeHash(bytes).Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
        Array.Clear(bytes, 0, bytes.Length);
        return key;
    }
}
