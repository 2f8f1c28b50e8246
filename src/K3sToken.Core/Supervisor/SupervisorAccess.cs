using System;
using K3sToken.Kubernetes;

namespace K3sToken.Supervisor;

/// <summary>How supervisors are reached by one command.</summary>
/// <param name="Timeout">How long a request may take, tries after the first included.</param>
/// <param name="Notices">Where is said what is no error.</param>
internal sealed record SupervisorAccess(TimeSpan Timeout, INotices Notices)
{
    /// <summary>What a person trusts in place of this machine's CAs and of what the server says; null for nothing.</summary>
    public CAFile? CACertificate { get; init; }

    /// <summary>What this machine trusts.</summary>
    public ServerTrust HostTrust { get; init; } = ServerTrust.InHost;
}
