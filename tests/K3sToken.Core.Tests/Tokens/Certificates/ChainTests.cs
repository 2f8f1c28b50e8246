using System;
using System.Collections.Generic;
using System.Formats.Asn1;
using System.Linq;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Xunit;

namespace K3sToken.Tests.Tokens.Certificates;

public sealed class ChainTests
{
    [Theory]
    [InlineData("nistP224")]
    [InlineData("nistP256")]
    [InlineData("nistP384")]
    [InlineData("nistP521")]
    public void Every_curve_that_Go_knows_is_verified(string curve)
    {
        TestCA root = TestCA.Make("CN=root", null, ECDsa.Create(ECCurve.CreateFromFriendlyName(curve)), HashAlgorithmName.SHA512);
        TestCA intermediate = TestCA.Make("CN=i", root, hash: HashAlgorithmName.SHA384);
        Assert.Equal(root.DerHash, TestCA.Hash(intermediate, root));
    }

    [Theory]
    [InlineData("SHA256")]
    [InlineData("SHA384")]
    [InlineData("SHA512")]
    public void RSA_is_verified_with_both_paddings(string hash)
    {
        TestCA root = TestCA.Make("CN=root", null, RSA.Create(2048));
        HashAlgorithmName algorithm = new(hash);
        foreach (RSASignaturePadding padding in new[] { RSASignaturePadding.Pkcs1, RSASignaturePadding.Pss })
        {
            TestCA intermediate = TestCA.Make("CN=i", root, RSA.Create(2048), algorithm, padding);
            Assert.Equal(root.DerHash, TestCA.Hash(intermediate, root));
        }
    }

    [Fact]
    public void RSA_keys_below_1024_bits_verify_nothing()
    {
        TestCA root = TestCA.Make("CN=root", null, RSA.Create(1016));
        Assert.Equal("bytes", TestCA.Hash(TestCA.Make("CN=i", root, RSA.Create(2048)), root));
    }

    [Fact]
    public void A_signature_of_another_kind_of_key_is_none()
    {
        TestCA ecdsa = TestCA.Make("CN=root", null);
        TestCA rsa = TestCA.Make("CN=root", null, RSA.Create(2048));
        Assert.Equal("bytes", TestCA.Hash(TestCA.Make("CN=i", ecdsa), rsa));
        Assert.Equal("bytes", TestCA.Hash(TestCA.Make("CN=i", rsa, RSA.Create(2048)), ecdsa));
    }

    [Theory]
    [InlineData(98, true)]
    [InlineData(99, true)]
    [InlineData(100, false)]
    public void No_more_than_a_hundred_signatures_are_tried(int wrongOnes, bool isFound)
    {
        TestCA root = TestCA.Root();
        IEnumerable<TestCA> others = Enumerable.Range(0, wrongOnes)
            .Select(_ => TestCA.Make("CN=root", null, subjectKey: root.SubjectKey));
        Assert.Equal(isFound ? root.DerHash : "bytes", TestCA.Hash([root.Issue(), .. others, root]));
    }

    [Fact]
    public void Roots_of_the_same_key_are_tried_in_the_order_of_how_well_their_key_id_fits()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        TestCA fits = TestCA.Make("CN=root", null, key);
        TestCA lacksOne = TestCA.Make("CN=root", null, key, hasSubjectKey: false);
        TestCA hasAnother = TestCA.Make("CN=root", null, key, subjectKey: TestCA.Root().SubjectKey);
        TestCA intermediate = fits.Issue();

        Assert.Equal(fits.DerHash, TestCA.Hash(intermediate, hasAnother, lacksOne, fits));
        Assert.Equal(lacksOne.DerHash, TestCA.Hash(intermediate, hasAnother, lacksOne));
        Assert.Equal(hasAnother.DerHash, TestCA.Hash(intermediate, hasAnother));
    }

    [Fact]
    public void A_key_usage_without_certificate_signing_forbids_it()
    {
        TestCA root = TestCA.Root(new X509KeyUsageExtension(X509KeyUsageFlags.CrlSign, true));
        Assert.Equal("bytes", TestCA.Hash(root.Issue(), root));

        root = TestCA.Root(new X509KeyUsageExtension(X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.KeyCertSign, true));
        Assert.Equal(root.DerHash, TestCA.Hash(root.Issue(), root));

        root = TestCA.Root(new X509KeyUsageExtension(X509KeyUsageFlags.None, true));
        Assert.Equal(root.DerHash, TestCA.Hash(root.Issue(), root));

        root = TestCA.Root(new X509KeyUsageExtension(X509KeyUsageFlags.DecipherOnly, true));
        Assert.Equal("bytes", TestCA.Hash(root.Issue(), root));
    }

    [Theory]
    [InlineData("permitted", "dns:example.com", "dns:example.com", true)]
    [InlineData("permitted", "dns:example.com", "dns:a.EXAMPLE.com", true)]
    [InlineData("permitted", "dns:example.com", "dns:badexample.com", false)]
    [InlineData("permitted", "dns:example.com", "dns:example.org", false)]
    [InlineData("permitted", "dns:.example.com", "dns:a.example.com", true)]
    [InlineData("permitted", "dns:.example.com", "dns:example.com", false)]
    [InlineData("permitted", "dns:", "dns:anything", true)]
    [InlineData("permitted", "dns:example.com", "ip:10.0.0.1", true)]
    [InlineData("permitted", "dns:example.com", "dns:a..example.com", false)]
    [InlineData("excluded", "dns:example.com", "dns:a.example.com", false)]
    [InlineData("excluded", "dns:example.com", "dns:example.org", true)]
    [InlineData("excluded", "dns:", "dns:anything", false)]
    [InlineData("excluded", "dns:a.example.com", "dns:*.example.com", false)]
    [InlineData("excluded", "dns:a.example.com", "dns:*.example.org", true)]
    [InlineData("excluded", "dns:com", "dns:*.org", true)]
    [InlineData("permitted", "ip:10.0.0.0/255.0.0.0", "ip:10.1.2.3", true)]
    [InlineData("permitted", "ip:10.0.0.0/255.0.0.0", "ip:11.1.2.3", false)]
    [InlineData("permitted", "ip:10.0.0.0/255.0.0.0", "ip:::1", false)]
    [InlineData("excluded", "ip:fd00::/ff00::", "ip:fd12::1", false)]
    [InlineData("excluded", "ip:fd00::/ff00::", "ip:fe80::1", true)]
    [InlineData("permitted", "email:example.com", "email:u@example.com", true)]
    [InlineData("permitted", "email:example.com", "email:u@a.example.com", true)]
    [InlineData("permitted", "email:.example.com", "email:u@example.com", false)]
    [InlineData("permitted", "email:u@example.com", "email:u@EXAMPLE.com", true)]
    [InlineData("permitted", "email:u@example.com", "email:U@example.com", false)]
    [InlineData("excluded", "email:u@example.com", "email:v@example.com", true)]
    [InlineData("permitted", "email:example.com", "email:no-address", false)]
    [InlineData("permitted", "dns:example.com", "email:no-address", false)]
    [InlineData("permitted", "uri:example.com", "uri:https://a.example.com:8443/path?x=y", true)]
    [InlineData("permitted", "uri:example.com", "uri:spiffe://example.org/ns", false)]
    [InlineData("excluded", "uri:example.com", "uri:https://example.com", false)]
    [InlineData("permitted", "dns:example.com", "uri:urn:a:b", false)]
    [InlineData("permitted", "dns:example.com", "uri:https://10.0.0.1/", false)]
    public void Name_constraints_are_kept(string side, string constraint, string name, bool isKept)
    {
        TestCA root = TestCA.Root(Constraints(side == "permitted" ? 0 : 1, constraint));
        TestCA intermediate = root.Issue(AlternativeNames(name));
        Assert.Equal(isKept ? root.DerHash : "bytes", TestCA.Hash(intermediate, root));
    }

    [Fact]
    public void Constraints_bind_the_certificates_below_and_not_the_one_that_has_them()
    {
        TestCA root = TestCA.Root(Constraints(0, "dns:example.com"), AlternativeNames("dns:example.org"));
        Assert.Equal(root.DerHash, TestCA.Hash(root.Issue(), root));

        root = TestCA.Root(Constraints(0, "dns:example.com"));
        TestCA intermediate = root.Issue(AlternativeNames("dns:example.org"));
        TestCA leaf = TestCA.Make("CN=leaf", intermediate);
        Assert.Equal("bytes", TestCA.Hash(leaf, intermediate, root));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_kind_of_constraint_that_Go_does_not_know_matters_only_if_critical(bool isCritical)
    {
        // permitted: directoryName with an empty name
        TestCA root = TestCA.Root(TestCA.Extension("2.5.29.30", "3008a0063004a4023000", isCritical));
        Assert.Equal(isCritical ? "bytes" : root.DerHash, TestCA.Hash(root.Issue(), root));
    }

    [Theory]
    [InlineData("2.5.29.36", "3003800100")]
    [InlineData("2.5.29.33", "300a300806022a0306022a04")]
    public void Where_policies_would_have_to_be_evaluated_there_is_an_error_and_no_hash(string oid, string value)
    {
        TestCA root = TestCA.Root();
        TestCA intermediate = root.Issue(TestCA.Extension(oid, value));
        K3sTokenException thrown = Assert.Throws<K3sTokenException>(() => TestCA.Hash(intermediate, root));
        Assert.Equal(ErrorId.ServerCertificateUntrusted, thrown.Id);
        Assert.Contains("policies", thrown.Message, StringComparison.Ordinal);

        TestCA demandingRoot = TestCA.Root(TestCA.Extension(oid, value));
        Assert.Equal(demandingRoot.DerHash, TestCA.Hash(demandingRoot.Issue(), demandingRoot));
    }

    [Fact]
    public void A_URI_that_readers_read_differently_is_an_error_and_no_hash()
    {
        TestCA root = TestCA.Root(AlternativeNames("uri:https://a b/"));
        K3sTokenException thrown = Assert.Throws<K3sTokenException>(() => TestCA.Hash(root));
        Assert.Equal(ErrorId.ServerCertificateUntrusted, thrown.Id);
    }

    [Fact]
    public void Certificates_that_sign_each_other_end_the_search()
    {
        using ECDsa keyA = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa keyB = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        TestCA selfA = TestCA.Make("CN=a", null, keyA);
        TestCA selfB = TestCA.Make("CN=b", null, keyB);
        TestCA bSignedByA = TestCA.Make("CN=b", selfA, keyB);
        TestCA aSignedByB = TestCA.Make("CN=a", selfB, keyA);
        TestCA leaf = TestCA.Make("CN=leaf", selfA);

        Assert.Equal("bytes", TestCA.Hash(leaf, aSignedByB, bSignedByA));
        Assert.Equal(selfB.DerHash, TestCA.Hash(leaf, aSignedByB, bSignedByA, selfB));
    }

    private static X509Extension AlternativeNames(string name)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            WriteName(writer, name);
        }

        return new X509Extension("2.5.29.17", writer.Encode(), critical: false);
    }

    private static X509Extension Constraints(int side, string constraint)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, side)))
        using (writer.PushSequence())
        {
            WriteName(writer, constraint);
        }

        return new X509Extension("2.5.29.30", writer.Encode(), critical: true);
    }

    private static void WriteName(AsnWriter writer, string name)
    {
        string[] parts = name.Split(':', 2);
        (int tag, byte[] value) = parts[0] switch
        {
            "email" => (1, Encoding.ASCII.GetBytes(parts[1])),
            "dns" => (2, Encoding.ASCII.GetBytes(parts[1])),
            "uri" => (6, Encoding.ASCII.GetBytes(parts[1])),
            _ => (7, parts[1].Split('/').SelectMany(address => IPAddress.Parse(address).GetAddressBytes()).ToArray()),
        };
        writer.WriteOctetString(value, new Asn1Tag(TagClass.ContextSpecific, tag));
    }
}
