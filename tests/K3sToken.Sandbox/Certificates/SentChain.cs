using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using System.Net.Security;
using System.Reflection;
using System.Security.Cryptography.X509Certificates;

namespace K3sToken.Sandboxing.Certificates;

/// <summary>
/// What the server sends in the handshake. K3s sends its self-signed CA too; .NET leaves a root out, and has no setting for it. That it is
/// sent matters: a client that trusts what it was sent would not be found out otherwise.
/// </summary>
internal static class SentChain
{
    public static SslStreamCertificateContext Context(X509Certificate2 server, IReadOnlyList<X509Certificate2> above)
    {
        ConstructorInfo constructor = typeof(SslStreamCertificateContext)
            .GetConstructors(BindingFlags.Instance | BindingFlags.NonPublic)
            .Single(candidate => candidate.GetParameters().Length == 3);
        return (SslStreamCertificateContext)constructor.Invoke([server, new ReadOnlyCollection<X509Certificate2>([.. above]), null]);
    }
}
