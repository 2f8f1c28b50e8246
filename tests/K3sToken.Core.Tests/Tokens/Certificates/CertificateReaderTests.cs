using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using K3sToken.Tokens;
using K3sToken.Tokens.Certificates;
using Xunit;
using PublicKey = K3sToken.Tokens.Certificates.PublicKey;

namespace K3sToken.Tests.Tokens.Certificates;

public sealed class CertificateReaderTests
{
    [Theory]
    [InlineData("2.5.29.14", "0401", "x509: invalid subject key identifier")]
    [InlineData("2.5.29.15", "030108", "x509: invalid key usage")]
    [InlineData("2.5.29.15", "03020106ff", null)]
    [InlineData("2.5.29.15", "03020101", "x509: invalid key usage")]
    [InlineData("2.5.29.15", "0500", "x509: invalid key usage")]
    [InlineData("2.5.29.17", "0500", "x509: invalid subject alternative names")]
    [InlineData("2.5.29.17", "30028205", "x509: invalid subject alternative name")]
    [InlineData("2.5.29.17", "30048202e961", "x509: SAN dNSName is malformed")]
    [InlineData("2.5.29.17", "30048102e961", "x509: SAN rfc822Name is malformed")]
    [InlineData("2.5.29.17", "30048602e961", "x509: SAN uniformResourceIdentifier is malformed")]
    [InlineData("2.5.29.17", "30058703010203", "x509: cannot parse IP address of length 3")]
    [InlineData("2.5.29.17", "300b8609783a2f2f612e2e622f", "x509: cannot parse URI \"x://a..b/\": invalid domain")]
    [InlineData("2.5.29.19", "0500", "x509: invalid basic constraints")]
    [InlineData("2.5.29.19", "3003010101", "x509: invalid basic constraints")]
    [InlineData("2.5.29.19", "30060101ff0201ff", "x509: invalid basic constraints")]
    [InlineData("2.5.29.19", "30070101ff02020001", "x509: invalid basic constraints")]
    [InlineData("2.5.29.30", "3000", "x509: empty name constraints extension")]
    [InlineData("2.5.29.30", "0500", "x509: invalid NameConstraints extension")]
    [InlineData("2.5.29.30", "3006a00430028700", "x509: IP constraint contained value of length 0")]
    [InlineData("2.5.29.30", "300ea00c300a87080a000000ff00ff00", "x509: IP constraint contained invalid mask ff00ff00")]
    [InlineData("2.5.29.30", "3008a0063004820261e9", "x509: invalid constraint value: x509: \"a\\xe9\" cannot be encoded as an IA5String")]
    [InlineData("2.5.29.30", "3008a006300482020a2e", "x509: failed to parse dnsName constraint \"\\n.\"")]
    [InlineData("2.5.29.30", "3008a006300481026140", null)]
    [InlineData("2.5.29.30", "3008a006300481024061", "x509: failed to parse rfc822Name constraint \"@a\"")]
    [InlineData("2.5.29.30", "300ea00c300a860831302e302e302e31", "x509: failed to parse URI constraint \"10.0.0.1\": cannot be IP address")]
    [InlineData("2.5.29.31", "0500", "x509: invalid CRL distribution points")]
    [InlineData("2.5.29.31", "30020500", "x509: invalid CRL distribution point")]
    [InlineData("2.5.29.31", "30063004a0020500", "x509: invalid CRL distribution point")]
    [InlineData("2.5.29.31", "30023000", null)]
    [InlineData("2.5.29.31", "30083006a004a0028600", null)]
    [InlineData("2.5.29.32", "300a300406022a03300206", "x509: invalid certificate policies")]
    [InlineData("2.5.29.32", "300c300406022a03300406022a03", "x509: invalid certificate policies")]
    [InlineData("2.5.29.32", "3006300406022a80", "x509: invalid certificate policies")]
    [InlineData("2.5.29.32", "300730050603808001", "x509: invalid certificate policies")]
    [InlineData("2.5.29.32", "3006300406022a03", null)]
    [InlineData("2.5.29.33", "30023000", "x509: invalid policy mappings extension")]
    [InlineData("2.5.29.35", "0500", "x509: invalid authority key identifier")]
    [InlineData("2.5.29.35", "30028005", "x509: invalid authority key identifier")]
    [InlineData("2.5.29.36", "0500", "x509: invalid policy constraints extension")]
    [InlineData("2.5.29.36", "30028000", "x509: invalid policy constraints extension")]
    [InlineData("2.5.29.36", "30028100", "x509: invalid policy constraints extension")]
    [InlineData("2.5.29.37", "0500", "x509: invalid extended key usages")]
    [InlineData("2.5.29.37", "30020600", "x509: invalid extended key usages")]
    [InlineData("2.5.29.54", "0500", "x509: invalid inhibit any policy extension")]
    [InlineData("1.3.6.1.5.5.7.1.1", "0500", "x509: invalid authority info access")]
    [InlineData("1.3.6.1.5.5.7.1.1", "30023000", "x509: invalid authority info access")]
    [InlineData("1.3.6.1.5.5.7.1.1", "3008300606022a038600", null)]
    [InlineData("1.2.3.4", "ff", null)]
    public void An_extension_is_read_or_refused_in_the_words_of_Go(string oid, string value, string? message) =>
        AssertMessage(message, Read(TestCA.Extension(oid, value)));

    [Theory]
    [InlineData("2.5.29.14", "040101", "x509: subject key identifier incorrectly marked critical")]
    [InlineData("2.5.29.35", "3000", "x509: authority key identifier incorrectly marked critical")]
    [InlineData("1.3.6.1.5.5.7.1.1", "3000", "x509: authority info access incorrectly marked critical")]
    public void Some_extensions_must_not_be_critical(string oid, string value, string message) =>
        AssertMessage(message, Read(TestCA.Extension(oid, value, critical: true)));

    [Fact]
    public void An_extension_stands_once()
    {
        byte[] der = Create(TestCA.Extension("1.2.3.4", "0500"), TestCA.Extension("1.2.3.5", "0500")).RawData;
        int second = der.AsSpan().IndexOf(Convert.FromHexString("06032a0305"));
        der[second + 4] = 4;
        AssertMessage("x509: certificate contains duplicate extension with OID \"1.2.3.4\"", Read(der));
    }

    [Theory]
    [InlineData("0c0161", null)]
    [InlineData("0c02c328", "invalid UTF-8 string")]
    [InlineData("0c03eda080", "invalid UTF-8 string")]
    [InlineData("13012a", null)]
    [InlineData("130140", "invalid PrintableString")]
    [InlineData("120120", null)]
    [InlineData("120161", "invalid NumericString")]
    [InlineData("1601ff", "invalid IA5String")]
    [InlineData("1401ff", null)]
    [InlineData("1e0161", "invalid BMPString")]
    [InlineData("1e020061", null)]
    [InlineData("1e02d800", "invalid BMPString")]
    [InlineData("1e02fdd0", "invalid BMPString")]
    [InlineData("1c0400000061", "unsupported string type: 28")]
    public void A_name_is_read_or_refused_in_the_words_of_Go(string value, string? problem)
    {
        byte[] attribute = [0x06, 0x03, 0x55, 0x04, 0x03, .. Convert.FromHexString(value)];
        byte[] name = [0x30, (byte)(attribute.Length + 4), 0x31, (byte)(attribute.Length + 2), 0x30, (byte)attribute.Length, .. attribute];
        AssertMessage(
            problem is null ? null : $"x509: invalid RDNSequence: invalid attribute value: {problem}",
            Record.Exception(() => DistinguishedName.Check(name)));
    }

    [Fact]
    public void A_time_has_its_form()
    {
        byte[] der = Create().RawData;
        int time = der.AsSpan().IndexOf("200101000000Z"u8);

        Assert.Null(Read(Replaced("200101000000Z"u8)));
        AssertMessage("x509: malformed UTCTime", Read(Replaced("200101000000z"u8)));
        AssertMessage("x509: malformed UTCTime", Read(Replaced("201301000000Z"u8)));
        AssertMessage("x509: malformed UTCTime", Read(Replaced("200230000000Z"u8)));
        AssertMessage("x509: malformed UTCTime", Read(Replaced("200101240000Z"u8)));
        AssertMessage("x509: malformed UTCTime", Read(Replaced("2001010000000"u8)));

        byte[] Replaced(ReadOnlySpan<byte> text)
        {
            byte[] changed = [.. der];
            text.CopyTo(changed.AsSpan(time));
            return changed;
        }
    }

    [Theory]
    [InlineData("500101000000Z", "1950-01-01T00:00:00Z")]
    [InlineData("491231235959Z", "2049-12-31T23:59:59Z")]
    [InlineData("2001010000Z", "2020-01-01T00:00:00Z")]
    [InlineData("200101000000+0130", "2019-12-31T22:30:00Z")]
    [InlineData("2001010000-0130", "2020-01-01T01:30:00Z")]
    [InlineData("200101000000+0000", null)]
    [InlineData("200101000000+0060", null)]
    [InlineData("20010100000Z", null)]
    [InlineData("200101000000Z\n", null)]
    public void A_UTCTime_may_lack_its_seconds_and_have_an_offset(string text, string? expected) => AssertTime(0x17, text, expected);

    [Theory]
    [InlineData("20500101000000Z", "2050-01-01T00:00:00Z")]
    [InlineData("20500101000000-0100", "2050-01-01T01:00:00Z")]
    [InlineData("99991231235959Z", "9999-12-31T23:59:59Z")]
    [InlineData("205001010000Z", null)]
    [InlineData("20500101000000.5Z", null)]
    [InlineData("20500101000000", null)]
    public void A_GeneralizedTime_has_all_its_digits(string text, string? expected) => AssertTime(0x18, text, expected);

    [Fact]
    public void A_key_that_is_no_point_of_its_curve_is_refused()
    {
        X509Certificate2 certificate = Create();
        byte[] der = certificate.RawData;
        int key = der.AsSpan().IndexOf(certificate.PublicKey.EncodedKeyValue.RawData);
        der[key + 40] ^= 1;
        AssertMessage("x509: failed to unmarshal elliptic curve point", Read(der));
    }

    [Fact]
    public void A_curve_that_Go_does_not_know_is_refused()
    {
        TestCA certificate = TestCA.Make("CN=root", null, ECDsa.Create(ECCurve.NamedCurves.brainpoolP256r1));
        AssertMessage("x509: unsupported elliptic curve", Read(certificate.Certificate.RawData));
    }

    [Theory]
    [InlineData("1.2.840.113549.1.1.1", "", "3006020103020103", "x509: RSA key missing NULL parameters")]
    [InlineData("1.2.840.113549.1.1.1", "0500", "0500", "x509: invalid RSA public key")]
    [InlineData("1.2.840.113549.1.1.1", "0500", "30020500", "x509: invalid RSA modulus")]
    [InlineData("1.2.840.113549.1.1.1", "0500", "3003020103", "x509: invalid RSA public exponent")]
    [InlineData("1.2.840.113549.1.1.1", "0500", "30060201ff020103", "x509: RSA modulus is not a positive number")]
    [InlineData("1.2.840.113549.1.1.1", "0500", "3006020103020100", "x509: RSA public exponent is not a positive number")]
    [InlineData("1.2.840.113549.1.1.1", "0500", "3006020103020103", null)]
    [InlineData("1.2.840.10045.2.1", "0500", "", "x509: invalid ECDSA parameters")]
    [InlineData("1.3.101.112", "0500", "", "x509: Ed25519 key encoded with illegal parameters")]
    [InlineData("1.3.101.112", "", "00", "x509: wrong Ed25519 public key size")]
    [InlineData("1.3.101.110", "0500", "", "x509: X25519 key encoded with illegal parameters")]
    [InlineData("1.3.101.110", "", "00", "crypto/ecdh: invalid public key")]
    [InlineData("1.3.101.110", "", "0000000000000000000000000000000000000000000000000000000000000000", null)]
    [InlineData("1.2.840.10040.4.1", "", "0500", "x509: invalid DSA public key")]
    [InlineData("1.2.840.10040.4.1", "0500", "020101", "x509: invalid DSA parameters")]
    [InlineData("1.2.840.10040.4.1", "3009020101020100020101", "020101", "x509: zero or negative DSA parameter")]
    [InlineData("1.2.840.10040.4.1", "3009020101020101020101", "020101", null)]
    [InlineData("1.2.3", "ff", "ff", null)]
    public void A_public_key_is_read_or_refused_in_the_words_of_Go(string algorithm, string parameters, string key, string? message) =>
        AssertMessage(message, Record.Exception(() =>
            PublicKey.Read(algorithm, Convert.FromHexString(parameters), Convert.FromHexString(key))));

    [Fact]
    public void Whatever_bytes_are_changed_a_certificate_is_read_or_refused_and_nothing_else_happens()
    {
        Random random = new(1);
        byte[] original = Create(TestCA.Extension("2.5.29.30", "3008a006300482026162")).RawData;
        HashSet<string> messages = [];
        for (int i = 0; i < 3000; i++)
        {
            byte[] der = [.. original];
            der[random.Next(der.Length)] = (byte)random.Next(256);
            if (Read(der) is { } exception)
            {
                messages.Add(Assert.IsType<K3sTokenException>(exception).Message);
            }
        }

        Assert.True(messages.Count > 15);
    }

    private static X509Certificate2 Create(params IEnumerable<X509Extension> extensions)
    {
        List<X509Extension> all = [.. extensions];
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=test", key, HashAlgorithmName.SHA256);
        all.ForEach(request.CertificateExtensions.Add);
        DateTimeOffset notBefore = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return request.Create(request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), notBefore, notBefore.AddYears(20), [1]);
    }

    private static Exception? Read(X509Extension extension) => Read(Create(extension).RawData);

    private static Exception? Read(byte[] der) => Record.Exception(() => CertificateReader.Read(der));

    private static void AssertMessage(string? expected, Exception? exception)
    {
        Assert.Equal(expected, exception?.Message);
        Assert.True(exception is null or K3sTokenException { Id: ErrorId.ServerError });
    }

    private static void AssertTime(byte tag, string text, string? expected)
    {
        byte[] der = [tag, (byte)text.Length, .. System.Text.Encoding.ASCII.GetBytes(text)];
        DateTime? time = null;
        Exception? exception = Record.Exception(() =>
        {
            DerReader reader = new(der);
            time = CertificateTime.Read(ref reader);
        });

        if (expected is null)
        {
            Assert.Equal($"x509: malformed {(tag == 0x17 ? "UTCTime" : "GeneralizedTime")}", exception?.Message);
        }
        else
        {
            Assert.True(GoTime.TryParseRfc3339(expected, out DateTime expectedTime));
            Assert.Equal(expectedTime, time);
        }
    }
}
