using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace K3sToken.Supervisor;

/// <summary>Looks at the servers of a rotation, as often as it is asked to.</summary>
internal sealed class RotationWatch : IDisposable
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly RotationServer[] _servers;
    private readonly RotationTokens _tokens;
    private readonly bool _isStored;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="servers">The servers.</param>
    /// <param name="tokens">The token before and the one after; the caller disposes them.</param>
    /// <param name="access">How to reach the servers, and what to trust.</param>
    /// <param name="isStored">True if the new token is known to be stored.</param>
    public RotationWatch(IReadOnlyList<Uri> servers, RotationTokens tokens, SupervisorAccess access, bool isStored)
    {
        _servers = [.. servers.Distinct().Select(server => new RotationServer(server, access, onTrust: true))];
        _tokens = tokens;
        _isStored = isStored;
    }

    /// <summary>The pause after one of this length; null for the first.</summary>
    public static TimeSpan NextPause(TimeSpan? before) => before is not TimeSpan pause
        ? ShortestPause
        : pause.Ticks >= LongestPause.Ticks / 2 ? LongestPause : TimeSpan.FromTicks(pause.Ticks * 2);

    /// <summary>Asks every server.</summary>
    /// <returns>Where each stands, and the errors of those that cannot be trusted.</returns>
    public async Task<(TokenRotationServer[] Servers, K3sTokenException[] Untrusted)> LookAsync(CancellationToken cancellation)
    {
        RotationFinding[] findings =
            await Task.WhenAll(_servers.Select(server => server.ProbeAsync(_tokens, cancellation))).ConfigureAwait(false);
        TokenRotationServerState[] states = RotationStates.Together([.. findings.Select(finding => finding.State)], _isStored);
        return (
            [.. findings.Select((finding, i) => finding.Describe(states[i]))],
            [.. findings.Where(finding => finding.IsUntrusted).Select(finding => finding.Failure!)]);
    }

    /// <summary>The servers that were taken on trust.</summary>
    public IEnumerable<string> OnTrust => _servers.Where(server => server.IsOnTrust).Select(server => server.Name);

    /// <summary>Closes the connections.</summary>
    public void Dispose() => Array.ForEach(_servers, server => server.Dispose());
}
