using System;
using System.Net.Http.Headers;

namespace K3sToken.Kubernetes;

/// <summary>What a connection shows of its user: an Authorization header, a client certificate, both or neither.</summary>
internal sealed class Login
{
    /// <summary>The header to send with each request; null for none.</summary>
    public AuthenticationHeaderValue? Authorization { get; init; }

    /// <summary>The client certificate; null for none.</summary>
    public ClientCertificate? Certificate { get; init; }

    /// <summary>When to ask for new credentials, UTC; null where they stay as they are.</summary>
    public DateTime? RenewAt { get; init; }

    /// <summary>The plugin's answer that this was made of; null where there is no plugin.</summary>
    public ExecCredential? Plugin { get; init; }
}
