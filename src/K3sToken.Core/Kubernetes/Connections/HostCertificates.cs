using System.IO;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Tasks;

namespace K3sToken.Kubernetes;

/// <summary>
/// The certificates of this machine. Except on Windows, .NET reads them all before it builds its first chain, whatever that chain is to
/// end in, and there is one in every TLS connection. It takes long enough to be begun before anything else is known.
/// </summary>
internal static class HostCertificates
{
    private static readonly Task Loading = Path.DirectorySeparatorChar == '/' ? Task.Run(Load) : Task.CompletedTask;

    /// <summary>Begins to read them in the background, unless that has been done.</summary>
    public static void BeginLoading() => _ = Loading;

    private static void Load()
    {
        try
        {
            using X509Store store = new(StoreName.Root, StoreLocation.LocalMachine);
            store.Open(OpenFlags.ReadOnly);
            foreach (X509Certificate2 certificate in store.Certificates)
            {
                certificate.Dispose();
            }
        }
        catch (CryptographicException)
        {
            // Whoever needs them says so.
        }
    }
}
