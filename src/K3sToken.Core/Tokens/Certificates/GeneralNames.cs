using System;
using System.Collections.Generic;
using System.Text.RegularExpressions;

namespace K3sToken.Tokens.Certificates;

/// <summary>The names of the four kinds that Go compares with constraints. Other kinds are passed over.</summary>
internal sealed class GeneralNames
{
    private const string PathCharacter = "([a-z0-9/._~!$&'()*+,;=:@-]|%[0-9a-f]{2})";

    // What any reader of URIs takes apart in the same way.
    private static readonly Regex PlainUri = new(
        $@"^[a-z][a-z0-9+.-]*:(//(?<host>[a-z0-9._~-]*)(:[0-9]*)?(/{PathCharacter}*)?|(?!//){PathCharacter}+)"
            + $@"(\?({PathCharacter}|\?)*)?(\#({PathCharacter}|\?)*)?\z",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture);

    public List<string> EmailAddresses { get; } = [];

    public List<string> DnsNames { get; } = [];

    /// <summary>The hosts of the URIs; empty for a URI that has none.</summary>
    public List<string> UriHosts { get; } = [];

    /// <summary>4 or 16 bytes each.</summary>
    public List<byte[]> IPAddresses { get; } = [];

    public int Count => EmailAddresses.Count + DnsNames.Count + UriHosts.Count + IPAddresses.Count;

    public bool IsEmpty => Count == 0;

    public static GeneralNames ReadSubjectAlternativeNames(DerReader value)
    {
        GeneralNames names = new();
        MalformedCertificate.ThrowUnless(value.TryRead(DerReader.Sequence, out DerReader list), "x509: invalid subject alternative names");
        while (!list.IsEmpty)
        {
            MalformedCertificate.ThrowUnless(
                list.TryReadAny(out byte tag, out _, out ReadOnlySpan<byte> name), "x509: invalid subject alternative name");
            names.Add(tag, name);
        }

        return names;
    }

    private void Add(byte tag, ReadOnlySpan<byte> name)
    {
        switch (tag ^ 0x80)
        {
            case 1:
                MalformedCertificate.ThrowUnless(Ascii.IsAscii(name), "x509: SAN rfc822Name is malformed");
                EmailAddresses.Add(Ascii.Text(name));
                break;
            case 2:
                MalformedCertificate.ThrowUnless(Ascii.IsAscii(name), "x509: SAN dNSName is malformed");
                DnsNames.Add(Ascii.Text(name));
                break;
            case 6:
                MalformedCertificate.ThrowUnless(Ascii.IsAscii(name), "x509: SAN uniformResourceIdentifier is malformed");
                UriHosts.Add(HostOf(Ascii.Text(name)));
                break;
            case 7:
                MalformedCertificate.ThrowUnless(
                    name.Length is 4 or 16, FormattableString.Invariant($"x509: cannot parse IP address of length {name.Length}"));
                IPAddresses.Add(name.ToArray());
                break;
        }
    }

    private static string HostOf(string uri)
    {
        Match match = PlainUri.Match(uri);
        if (!match.Success)
        {
            throw new K3sTokenException(
                ErrorId.ServerCertificateUntrusted,
                "A CA certificate has an unusual URI as alternative name: how K3s reads it, and so the CA hash, is not certain.");
        }

        string host = match.Groups["host"].Value;
        MalformedCertificate.ThrowUnless(DomainName.IsValid(host), $"x509: cannot parse URI {Ascii.Quote(uri)}: invalid domain");
        return host;
    }
}
