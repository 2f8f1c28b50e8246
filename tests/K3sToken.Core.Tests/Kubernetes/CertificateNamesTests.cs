using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class CertificateNamesTests
{
    [Theory]
    [InlineData("host.example", "host.example", true)]
    [InlineData("host.example", "HOST.Example", true)]
    [InlineData("host.example", "host.example.", true)]
    [InlineData("host.example", "other.example", false)]
    [InlineData("host.example", "sub.host.example", false)]
    [InlineData("*.example.com", "a.example.com", true)]
    [InlineData("*.example.com", "a.b.example.com", false)]
    [InlineData("*.example.com", "example.com", false)]
    [InlineData("*.example.com", ".example.com", false)]
    [InlineData("a*.example.com", "ab.example.com", false)]
    [InlineData("a.*.com", "a.b.com", false)]
    [InlineData("*", "localhost", false)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "127.0.0.2", false)]
    [InlineData("127.0.0.1", "::ffff:127.0.0.1", true)]
    [InlineData("::1", "[::1]", true)]
    [InlineData("::1", "0:0:0:0:0:0:0:1", true)]
    [InlineData("fe80::1", "fe80::2", false)]
    public void A_name_matches_as_in_RFC_6125(string name, string host, bool matches)
    {
        using X509Certificate2 certificate = TestCA.Root().Server(name);

        Assert.Equal(matches, CertificateNames.Of(certificate).Match(host));
    }

    [Fact]
    public void An_address_written_as_a_DNS_name_is_no_address()
    {
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("127.0.0.1");
        using X509Certificate2 certificate = WithExtension(names.Build());

        Assert.False(CertificateNames.Of(certificate).Match("127.0.0.1"));
    }

    [Fact]
    public void The_common_name_does_not_count()
    {
        using X509Certificate2 certificate = TestCA.Root().Issue("CN=localhost", TestCA.ServerAuthentication);

        Assert.False(CertificateNames.Of(certificate).Match("localhost"));
    }

    [Fact]
    public void Names_of_other_kinds_are_passed_over()
    {
        SubjectAlternativeNameBuilder names = new();
        names.AddEmailAddress("a@b.example");
        names.AddUri(new System.Uri("spiffe://x"));
        names.AddUserPrincipalName("u@x");
        names.AddDnsName("good.example");
        using X509Certificate2 certificate = WithExtension(names.Build());

        Assert.True(CertificateNames.Of(certificate).Match("good.example"));
    }

    [Theory]
    [InlineData(new byte[] { 0x30, 0x05, 0x82, 0x09 })]
    [InlineData(new byte[] { 0x04, 0x01, 0x00 })]
    public void Names_that_cannot_be_read_match_nothing(byte[] content)
    {
        using X509Certificate2 certificate = WithExtension(new X509Extension("2.5.29.17", content, critical: false));

        CertificateNames names = CertificateNames.Of(certificate);

        Assert.False(names.Match("localhost"));
        Assert.Equal("no name at all", names.ToString());
    }

    private static X509Certificate2 WithExtension(X509Extension extension)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=x", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(extension);
        return request.CreateSelfSigned(System.DateTimeOffset.UtcNow.AddDays(-1), System.DateTimeOffset.UtcNow.AddDays(1));
    }
}
