using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;

namespace K3sToken.Tokens.Certificates;

/// <summary>Which names a CA allows in the certificates below it.</summary>
internal sealed class NameConstraints
{
    // Each name is compared with each constraint above it: without a bound a bundle could be made to take hours.
    private const long MostComparisons = 1_000_000;

    private const string Invalid = "x509: invalid NameConstraints extension";

    private readonly Subtrees _permitted = new();
    private readonly Subtrees _excluded = new();

    /// <summary>Reads the extension.</summary>
    /// <param name="value">The extension's value.</param>
    /// <param name="isComplete">False where there are constraints of a kind that Go does not know.</param>
    public static NameConstraints Read(DerReader value, out bool isComplete)
    {
        NameConstraints constraints = new();
        byte permittedTag = DerReader.ContextSpecificConstructed(0);
        byte excludedTag = DerReader.ContextSpecificConstructed(1);
        DerReader permitted = default;
        DerReader excluded = default;
        MalformedCertificate.ThrowUnless(
            value.TryRead(DerReader.Sequence, out DerReader fields) && value.IsEmpty
                && (!fields.HasTag(permittedTag) || fields.TryRead(permittedTag, out permitted))
                && (!fields.HasTag(excludedTag) || fields.TryRead(excludedTag, out excluded))
                && fields.IsEmpty,
            Invalid);
        MalformedCertificate.ThrowUnless(!permitted.IsEmpty || !excluded.IsEmpty, "x509: empty name constraints extension");
        bool allPermittedKnown = constraints._permitted.TryRead(permitted);
        isComplete = constraints._excluded.TryRead(excluded) && allPermittedKnown;
        return constraints;
    }

    /// <summary>Whether each certificate of a chain, the leaf first, has only names that all CAs above it allow.</summary>
    public static bool AreKept(IReadOnlyList<Certificate> chain)
    {
        for (int i = 0; i < chain.Count; i++)
        {
            List<NameConstraints> above =
                [.. chain.Skip(i + 1).Select(certificate => certificate.NameConstraints).OfType<NameConstraints>()];
            if (above.Count > 0 && chain[i].RawSubjectAlternativeNames is not null && !Allow(above, chain[i].SubjectAlternativeNames))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A URI without a host name and an address that is none cannot be compared, and are not allowed.</summary>
    private static bool Allow(List<NameConstraints> above, GeneralNames names)
    {
        if (above.Sum(constraints => (long)constraints._permitted.Count + constraints._excluded.Count) * names.Count > MostComparisons)
        {
            throw new K3sTokenException(
                ErrorId.ServerCertificateUntrusted,
                "A CA certificate has so many names and name constraints that they are not compared here; so the CA hash is not certain.");
        }

        List<Mailbox?> mailboxes = [.. names.EmailAddresses.Select(Mailbox.Read)];
        return names.UriHosts.All(host => host.Length > 0 && !IsIPAddress(host))
            && mailboxes.TrueForAll(mailbox => mailbox is not null)
            && names.DnsNames.TrueForAll(DomainName.IsValid)
            && above.TrueForAll(constraints => constraints.Allow(names, mailboxes!));
    }

    private static bool IsIPAddress(string host) =>
        host.Split('.').Length == 4
        && IPAddress.TryParse(host, out IPAddress? address)
        && address.AddressFamily == AddressFamily.InterNetwork;

    private bool Allow(GeneralNames names, List<Mailbox> mailboxes) =>
        names.IPAddresses.TrueForAll(address => Allow(_permitted.IPRanges, _excluded.IPRanges, range => range.Contains(address)))
        && names.DnsNames.TrueForAll(name => Allow(_permitted.DnsNames, _excluded.DnsNames, domain => DomainName.IsWithin(name, domain))
            && !_excluded.DnsNames.Exists(domain => DomainName.WildcardTouches(name, domain)))
        && names.UriHosts.TrueForAll(host => Allow(_permitted.UriHosts, _excluded.UriHosts, domain => DomainName.IsWithin(host, domain))
            && !_excluded.UriHosts.Exists(domain => DomainName.WildcardTouches(host, domain)))
        && mailboxes.TrueForAll(mailbox => Allow(_permitted.EmailAddresses, _excluded.EmailAddresses, address => IsWithin(mailbox, address))
            && !_excluded.EmailAddresses.Exists(address => DomainName.WildcardTouches(mailbox.Domain, address)));

    private static bool Allow<T>(List<T> permitted, List<T> excluded, Predicate<T> isWithin) =>
        (permitted.Count == 0 || permitted.Exists(isWithin)) && !excluded.Exists(isWithin);

    private static bool IsWithin(Mailbox mailbox, string constraint) => constraint.AsSpan().IndexOf('@') < 0
        ? DomainName.IsWithin(mailbox.Domain, constraint)
        : Mailbox.Read(constraint) is { } allowed
            && allowed.Local == mailbox.Local
            && allowed.Domain.Equals(mailbox.Domain, StringComparison.OrdinalIgnoreCase);

    /// <summary>The names on one side of the constraints.</summary>
    private sealed class Subtrees
    {
        public List<string> EmailAddresses { get; } = [];

        public List<string> DnsNames { get; } = [];

        public List<string> UriHosts { get; } = [];

        public List<IPRange> IPRanges { get; } = [];

        public int Count => EmailAddresses.Count + DnsNames.Count + UriHosts.Count + IPRanges.Count;

        /// <summary>False where a name is of a kind that Go does not know.</summary>
        public bool TryRead(DerReader list)
        {
            bool allKnown = true;
            while (!list.IsEmpty)
            {
                byte tag = 0;
                ReadOnlySpan<byte> name = default;
                MalformedCertificate.ThrowUnless(
                    list.TryRead(DerReader.Sequence, out DerReader subtree) && subtree.TryReadAny(out tag, out _, out name), Invalid);
                allKnown &= TryAdd(tag ^ 0x80, name);
            }

            return allKnown;
        }

        private bool TryAdd(int kind, ReadOnlySpan<byte> name)
        {
            switch (kind)
            {
                case 1:
                    EmailAddresses.Add(ReadText("rfc822Name", name, IsEmailConstraint));
                    return true;
                case 2:
                    DnsNames.Add(ReadText("dnsName", name, DomainName.IsValidConstraint));
                    return true;
                case 6:
                    UriHosts.Add(ReadText("URI", name, DomainName.IsValidConstraint));
                    MalformedCertificate.ThrowUnless(
                        !IsIPAddress(Ascii.Text(name)),
                        $"x509: failed to parse URI constraint {Ascii.Quote(Ascii.Text(name))}: cannot be IP address");
                    return true;
                case 7:
                    IPRanges.Add(IPRange.Read(name));
                    return true;
                default:
                    return false;
            }
        }

        private static string ReadText(string kind, ReadOnlySpan<byte> name, Func<string, bool> isValid)
        {
            string text = Ascii.Text(name);
            MalformedCertificate.ThrowUnless(
                Ascii.IsAscii(name), $"x509: invalid constraint value: x509: {Ascii.Quote(text)} cannot be encoded as an IA5String");
            MalformedCertificate.ThrowUnless(isValid(text), $"x509: failed to parse {kind} constraint {Ascii.Quote(text)}");
            return text;
        }

        private static bool IsEmailConstraint(string constraint) =>
            constraint.AsSpan().IndexOf('@') >= 0 ? Mailbox.Read(constraint) is not null : DomainName.IsValidConstraint(constraint);
    }

    /// <summary>A network address with its mask.</summary>
    private sealed record IPRange(byte[] Address, byte[] Mask)
    {
        public static IPRange Read(ReadOnlySpan<byte> value)
        {
            MalformedCertificate.ThrowUnless(
                value.Length is 8 or 32, FormattableString.Invariant($"x509: IP constraint contained value of length {value.Length}"));
            int size = value.Length / 2;
            ReadOnlySpan<byte> mask = value.Slice(size);
            MalformedCertificate.ThrowUnless(IsMask(mask), $"x509: IP constraint contained invalid mask {Hex.Lower(mask)}");
            return new IPRange(value.Slice(0, size).ToArray(), mask.ToArray());
        }

        public bool Contains(byte[] address)
        {
            if (address.Length != Address.Length)
            {
                return false;
            }

            for (int i = 0; i < address.Length; i++)
            {
                if ((address[i] & Mask[i]) != (Address[i] & Mask[i]))
                {
                    return false;
                }
            }

            return true;
        }

        /// <summary>Ones, then zeroes.</summary>
        private static bool IsMask(ReadOnlySpan<byte> mask)
        {
            int before = 0xff;
            foreach (byte b in mask)
            {
                bool isAllowed = before == 0xff ? b is 0 or 0x80 or 0xc0 or 0xe0 or 0xf0 or 0xf8 or 0xfc or 0xfe or 0xff : b == 0;
                if (!isAllowed)
                {
                    return false;
                }

                before = b;
            }

            return true;
        }
    }
}
