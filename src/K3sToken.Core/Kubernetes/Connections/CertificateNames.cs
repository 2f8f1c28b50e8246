using System;
using System.Collections.Generic;
using System.Formats.Asn1;
using System.Linq;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace K3sToken.Kubernetes;

/// <summary>
/// The names that a server's certificate is for: its subject alternative names and nothing else. A wildcard stands for exactly the
/// left-most label; an address is compared as an address; the subject's common name does not count (RFC 6125, as Go does it).
/// </summary>
internal sealed class CertificateNames
{
    private const string SubjectAlternativeName = "2.5.29.17";
    private static readonly Asn1Tag DnsName = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag IpAddressName = new(TagClass.ContextSpecific, 7);

    private readonly List<string> _dnsNames = [];
    private readonly List<IPAddress> _addresses = [];

    private CertificateNames()
    {
    }

    /// <summary>Reads the names; a certificate whose names cannot be read has none.</summary>
    public static CertificateNames Of(X509Certificate2 certificate)
    {
        CertificateNames names = new();
        X509Extension? extension = certificate.Extensions[SubjectAlternativeName];
        if (extension is null)
        {
            return names;
        }

        try
        {
            names.Read(extension.RawData);
            return names;
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            return new CertificateNames();
        }
    }

    /// <summary>True if the certificate is for this host.</summary>
    /// <param name="host">A DNS name (in its ASCII form) or an address, with or without brackets.</param>
    public bool Match(string host)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address))
        {
            return _addresses.Any(known => Same(known, address));
        }

        string[] labels = host.TrimEnd('.').Split('.');
        return _dnsNames.Any(name => Match(name.Split('.'), labels));
    }

    /// <summary>The names for a message, the first few of them.</summary>
    public override string ToString()
    {
        string[] all = [.. _dnsNames, .. _addresses.Select(a => a.ToString())];
        return all.Length == 0 ? "no name at all" : ServerText.Clean(string.Join(", ", all.Take(20)) + (all.Length > 20 ? ", …" : ""));
    }

    private void Read(byte[] extension)
    {
        AsnReader names = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            Asn1Tag tag = names.PeekTag();
            if (tag.HasSameClassAndValue(DnsName))
            {
                _dnsNames.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, DnsName));
            }
            else if (tag.HasSameClassAndValue(IpAddressName))
            {
                byte[] bytes = names.ReadOctetString(IpAddressName);
                if (bytes.Length is 4 or 16)
                {
                    _addresses.Add(new IPAddress(bytes));
                }
            }
            else
            {
                names.ReadEncodedValue();
            }
        }
    }

    private static bool Match(string[] pattern, string[] host)
    {
        if (pattern.Length != host.Length || host.Any(label => label.Length == 0))
        {
            return false;
        }

        bool wildcard = pattern.Length > 1 && pattern[0] == "*";
        return pattern.Zip(host, (p, h) => p.Equals(h, StringComparison.OrdinalIgnoreCase)).Skip(wildcard ? 1 : 0).All(same => same);
    }

    private static bool Same(IPAddress a, IPAddress b) => a.MapToIPv6().Equals(b.MapToIPv6());
}
