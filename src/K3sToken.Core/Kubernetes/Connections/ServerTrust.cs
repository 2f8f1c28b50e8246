using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace K3sToken.Kubernetes;

/// <summary>Which of the two things that a certificate must prove it does not.</summary>
internal enum CertificateFault
{
    /// <summary>That somebody who is trusted vouches for it.</summary>
    Chain,

    /// <summary>That it is for the host that was asked for.</summary>
    HostName,
}

/// <summary>Why a server's certificate is not trusted.</summary>
/// <param name="Fault">What it does not prove. A wrong name is only looked for where the chain is right.</param>
/// <param name="Reason">The rest of a sentence about it, for a person to read.</param>
internal sealed record CertificateRefusal(CertificateFault Fault, string Reason);

/// <summary>
/// Whether a server's certificate is trusted: it must chain to one of the given certificates and no other, or to the host's CAs where
/// none are given, be valid now, be meant for servers, and be for the host name. Revocation is not asked for.
/// Any certificate of the bundle ends a chain, a root or not: K3s hands out bundles that have only an intermediate CA.
/// </summary>
internal sealed class ServerTrust
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    // What the platform holds against a certificate for what lies above it. An anchor is trusted for itself.
    private const X509ChainStatusFlags AboveTheAnchor =
        X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotSignatureValid;

    private readonly List<X509Certificate2>? _anchors;

    private ServerTrust(List<X509Certificate2>? anchors) => _anchors = anchors;

    /// <summary>Trust in the CAs that this machine trusts.</summary>
    public static ServerTrust InHost { get; } = new(null);

    /// <summary>Trust in the certificates of a PEM bundle, and in no other; null if the bundle has no certificate.</summary>
    public static ServerTrust? In(byte[] bundle) =>
        PemCertificates.Read(bundle) is { Count: > 0 } anchors ? new ServerTrust(anchors) : null;

    /// <summary>Judges the certificate that a server presented.</summary>
    /// <param name="certificate">The server's own certificate.</param>
    /// <param name="presented">What the server sent with it.</param>
    /// <param name="host">The name or address that the certificate must be for.</param>
    /// <returns>Why it is not trusted; null if it is.</returns>
    public CertificateRefusal? Refuse(X509Certificate2 certificate, X509Certificate2Collection presented, string host)
    {
        string? reason = _anchors is null ? RefuseByHost(certificate, presented) : RefuseByAnchors(certificate, presented, _anchors);
        if (reason is not null)
        {
            return new CertificateRefusal(CertificateFault.Chain, reason);
        }

        CertificateNames names = CertificateNames.Of(certificate);
        return names.Match(host)
            ? null
            : new CertificateRefusal(
                CertificateFault.HostName,
                $"it is not for the name '{ServerText.Clean(host)}'; it is for: {names}. Use one of these in the server's address (in a "
                    + "kubeconfig tls-server-name will do), or add the name to the K3s server's configuration (tls-san).");
    }

    private static string? RefuseByHost(X509Certificate2 certificate, X509Certificate2Collection presented)
    {
        using X509Chain chain = NewChain(presented);
#if !NETFRAMEWORK
        // Nobody has vouched for the certificate yet, and it would say from where.
        chain.ChainPolicy.DisableCertificateDownloads = true;
#endif
        if (chain.Build(certificate))
        {
            return null;
        }

        X509ChainStatusFlags faults = chain.ChainStatus.Aggregate(default(X509ChainStatusFlags), (all, s) => all | s.Status);
        return (faults & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) == 0
            ? Explain(chain.ChainElements.Cast<X509ChainElement>(), faults)
            : $"it is issued by {Name(certificate.IssuerName)}, which this machine does not trust, and no certificate authority is given. "
                + "Add the cluster's CA to the kubeconfig (certificate-authority-data), or to this machine's trusted roots.";
    }

    private static string? RefuseByAnchors(
        X509Certificate2 certificate, X509Certificate2Collection presented, List<X509Certificate2> anchors)
    {
        string? reason = null;
        foreach (X509Certificate2 anchor in anchors.Where(a => CanEndChain(a, certificate, presented)))
        {
            string? found = RefuseByAnchor(certificate, presented, anchor, out bool reached);
            if (reached && found is null)
            {
                return null;
            }

            reason ??= reached ? found : null;
        }

        return reason
            ?? $"it is issued by {Name(certificate.IssuerName)}, and does not chain to the CA that must have signed it "
                + $"({string.Join("; ", anchors.Take(5).Select(a => Name(a.SubjectName)))}). Either the address leads to another cluster, "
                + "or the cluster has a new CA: compare with the kubeconfig on the server, and take that one if it is right.";
    }

    private static bool CanEndChain(X509Certificate2 anchor, X509Certificate2 certificate, X509Certificate2Collection presented) =>
        Same(anchor, certificate)
        || Issued(anchor, certificate)
        || presented.Cast<X509Certificate2>().Any(p => Same(anchor, p) || Issued(anchor, p));

    private static string? RefuseByAnchor(
        X509Certificate2 certificate, X509Certificate2Collection presented, X509Certificate2 anchor, out bool reached)
    {
        string? reason = JudgeChain(certificate, presented, anchor, out reached);
        if (reached && reason is null)
        {
            return null;
        }

        // A server may send a CA of the same name as ours, renewed or cross-signed, and the platform may prefer it.
        X509Certificate2Collection others =
            new(presented.Cast<X509Certificate2>().Where(p => !SameName(p.SubjectName, anchor.SubjectName)).ToArray());
        if (others.Count < presented.Count)
        {
            string? second = JudgeChain(certificate, others, anchor, out bool reachedNow);
            reason = reachedNow ? second : reason;
            reached |= reachedNow;
        }

        return reason;
    }

    private static string? JudgeChain(
        X509Certificate2 certificate, X509Certificate2Collection presented, X509Certificate2 anchor, out bool reached)
    {
        using X509Chain chain = NewChain(presented);
        chain.ChainPolicy.ExtraStore.Add(anchor);
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
#if !NETFRAMEWORK
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(anchor);
        chain.ChainPolicy.DisableCertificateDownloads = true;
#endif
        chain.Build(certificate);

        List<X509ChainElement> elements = [.. chain.ChainElements.Cast<X509ChainElement>()];
        int top = elements.FindIndex(e => Same(e.Certificate, anchor));
        reached = top >= 0;
        if (!reached)
        {
            return null;
        }

        List<X509ChainElement> used = elements.GetRange(0, top + 1);
        X509ChainStatusFlags faults = used.Take(top).Aggregate(default(X509ChainStatusFlags), (all, e) => all | Faults(e));
        faults |= Faults(used[top]) & ~AboveTheAnchor;

        // Nothing that the platform says of the chain as a whole may get lost.
        X509ChainStatusFlags ofElements = elements.Aggregate(default(X509ChainStatusFlags), (all, e) => all | Faults(e));
        X509ChainStatusFlags ofChain = chain.ChainStatus.Aggregate(default(X509ChainStatusFlags), (all, s) => all | s.Status);
        faults |= ofChain & ~ofElements & ~AboveTheAnchor;
        return faults == X509ChainStatusFlags.NoError ? null : Explain(used, faults);
    }

    private static X509Chain NewChain(X509Certificate2Collection presented)
    {
        X509Chain chain = new();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        chain.ChainPolicy.ExtraStore.AddRange(presented);
        return chain;
    }

    private static string Explain(IEnumerable<X509ChainElement> chain, X509ChainStatusFlags faults)
    {
        if ((faults & X509ChainStatusFlags.NotSignatureValid) != 0)
        {
            return "a signature in its chain is not the CA's: it only claims to be issued by it. Either something answers in the cluster's "
                + "place, or the cluster has a new CA of the same name: compare with the kubeconfig on the server.";
        }

        if ((faults & X509ChainStatusFlags.NotTimeValid) != 0)
        {
            return ExplainTime(chain.Select(e => e.Certificate));
        }

        return (faults & X509ChainStatusFlags.NotValidForUsage) != 0
            ? "it is not a server's certificate: its extended key usage does not allow server authentication."
            : $"it breaks the rules for certificates ({faults}). Have the cluster's CA issue another.";
    }

    private static string ExplainTime(IEnumerable<X509Certificate2> chain)
    {
        DateTime now = DateTime.Now;
        foreach (X509Certificate2 certificate in chain)
        {
            if (certificate.NotAfter < now)
            {
                return $"{Name(certificate.SubjectName)} expired on {Day(certificate.NotAfter)}. K3s renews its certificates when it "
                    + "restarts, if they are near their end.";
            }

            if (certificate.NotBefore > now)
            {
                return $"{Name(certificate.SubjectName)} is not valid before {Day(certificate.NotBefore)}; this machine's clock says "
                    + $"{Day(now)}. Check the clocks of this machine and the server.";
            }
        }

        return "a certificate in its chain is not valid now.";
    }

    private static string Day(DateTime time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Name(X500DistinguishedName name) => ServerText.Clean($"'{name.Name}'");

    private static X509ChainStatusFlags Faults(X509ChainElement element) =>
        element.ChainElementStatus.Aggregate(default(X509ChainStatusFlags), (all, s) => all | s.Status);

    private static bool Same(X509Certificate2 a, X509Certificate2 b) => a.RawData.AsSpan().SequenceEqual(b.RawData);

    private static bool Issued(X509Certificate2 ca, X509Certificate2 certificate) => SameName(ca.SubjectName, certificate.IssuerName);

    private static bool SameName(X500DistinguishedName a, X500DistinguishedName b) => a.RawData.AsSpan().SequenceEqual(b.RawData);
}
