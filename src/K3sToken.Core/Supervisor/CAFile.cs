using System;
using System.IO;
using K3sToken.Kubernetes;

namespace K3sToken.Supervisor;

/// <summary>A PEM file of CAs that a person trusts in place of what the server says.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Trust">Trust in its certificates.</param>
internal sealed record CAFile(string Path, ServerTrust Trust)
{
    /// <summary>Reads it.</summary>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.ServerCertificateUntrusted"/>: it cannot be read, or has no certificate.</exception>
    public static CAFile Read(string path) => ServerTrust.In(ReadBytes(path)) is { } trust
        ? new CAFile(path, trust)
        : throw Unusable(path, "holds no certificate in PEM form", null);

    /// <summary>The bytes of a file of CAs.</summary>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.ServerCertificateUntrusted"/>: it cannot be read, or is too large.</exception>
    public static byte[] ReadBytes(string path)
    {
        try
        {
            return BoundedFile.Read(path) ?? throw Unusable(path, $"is larger than {BoundedFile.MostBytes >> 20} MiB", null);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw Unusable(path, "cannot be read", unreadable);
        }
    }

    private static K3sTokenException Unusable(string path, string why, Exception? cause) => new(
        ErrorId.ServerCertificateUntrusted,
        $"The CA file {path} {why}. On a K3s server it is /var/lib/rancher/k3s/server/tls/server-ca.crt: check the path, and that you "
            + "may read it.",
        cause);
}
