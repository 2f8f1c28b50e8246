using System;
using System.Globalization;
using System.IO;

namespace K3sToken.Kubernetes;

/// <summary>The service account that Kubernetes gives a pod.</summary>
internal static class InCluster
{
    public const string ContextName = "in-cluster";

    private const string HostVariable = "KUBERNETES_SERVICE_HOST";
    private const string PortVariable = "KUBERNETES_SERVICE_PORT";

    /// <summary>True in a pod that has a service account.</summary>
    public static bool IsHere(KubeconfigPlaces places) =>
        !string.IsNullOrEmpty(places.EnvironmentVariable(HostVariable))
        && !string.IsNullOrEmpty(places.EnvironmentVariable(PortVariable))
        && File.Exists(TokenFile(places));

    /// <summary>The context of the service account.</summary>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.KubeconfigInvalid"/>: the pod's address or CA is not usable.</exception>
    public static ClusterContext Read(KubeconfigPlaces places) => new()
    {
        Name = ContextName,
        Server = Server(places),
        CABundle = CABundle(Path.Combine(places.ServiceAccount, "ca.crt")),
        User = new ClusterUser { TokenFile = TokenFile(places) },
    };

    private static string TokenFile(KubeconfigPlaces places) => Path.Combine(places.ServiceAccount, "token");

    private static Uri Server(KubeconfigPlaces places)
    {
        try
        {
            // Puts the brackets around an IPv6 address.
            return new UriBuilder(
                Uri.UriSchemeHttps,
                places.EnvironmentVariable(HostVariable),
                int.Parse(places.EnvironmentVariable(PortVariable)!, NumberStyles.None, CultureInfo.InvariantCulture)).Uri;
        }
        catch (Exception malformed) when (malformed is FormatException or OverflowException or ArgumentException)
        {
            throw Invalid($"The environment variables {HostVariable} and {PortVariable} of this pod are not a host and a port.");
        }
    }

    private static byte[] CABundle(string path)
    {
        try
        {
            return BoundedFile.Read(path) is { } bundle && PemCertificates.HasAny(bundle)
                ? bundle
                : throw Invalid($"The CA file {path} of this pod's service account holds no certificate.");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw Invalid($"The CA file {path} of this pod's service account cannot be read.");
        }
    }

    private static K3sTokenException Invalid(string what) =>
        new(ErrorId.KubeconfigInvalid, what + " Name a kubeconfig with -Kubeconfig or in KUBECONFIG instead.");
}
