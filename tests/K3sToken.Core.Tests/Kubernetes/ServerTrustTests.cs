using System;
using System.Collections.Generic;
using System.Security.Cryptography.X509Certificates;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class ServerTrustTests
{
    [Theory]
    [InlineData("self-signed")]
    [InlineData("custom-ca")]
    [InlineData("custom-ca-no-root")]
    public void A_recorded_server_is_trusted_through_what_it_serves_at_cacerts(string name)
    {
        (X509Certificate2 leaf, X509Certificate2Collection rest) = Presented($"cacerts/{name}.server-chain.pem");
        Assert.SkipUnless(
            leaf.NotBefore < DateTime.Now && DateTime.Now < leaf.NotAfter, "The recorded server certificate is not valid today.");

        ServerTrust trust = ServerTrust.In(Recorded.Bytes($"cacerts/{name}.cacerts.pem"))!;

        Assert.Null(trust.Refuse(leaf, rest, "localhost"));
        Assert.Null(trust.Refuse(leaf, rest, "127.0.0.1"));
        Assert.Null(trust.Refuse(leaf, [], "server-1"));
        Assert.Contains("not for the name 'elsewhere'", trust.Refuse(leaf, rest, "elsewhere")!.Reason);
    }

    [Theory]
    [InlineData("self-signed", "custom-ca")]
    [InlineData("custom-ca", "custom-ca-no-root")]
    [InlineData("custom-ca-no-root", "self-signed")]
    public void A_recorded_server_is_not_trusted_through_the_bundle_of_another(string server, string bundle)
    {
        (X509Certificate2 leaf, X509Certificate2Collection rest) = Presented($"cacerts/{server}.server-chain.pem");

        Assert.Contains("does not chain", ServerTrust.In(Recorded.Bytes($"cacerts/{bundle}.cacerts.pem"))!.Refuse(leaf, rest, "localhost")!.Reason);
    }

    [Fact]
    public void Any_certificate_of_the_bundle_ends_a_chain()
    {
        TestCA root = TestCA.Root("root");
        TestCA intermediate = root.Intermediate("intermediate");
        TestCA issuer = intermediate.Intermediate("issuer");
        using X509Certificate2 leaf = issuer.Server("localhost");
        X509Certificate2Collection sent = [issuer.Certificate, intermediate.Certificate];

        Assert.Null(Refuse(root, leaf, sent));
        Assert.Null(Refuse(intermediate, leaf, sent));
        Assert.Null(Refuse(issuer, leaf, sent));
        Assert.Null(Refuse(issuer, leaf, []));
        Assert.Null(Refuse(issuer, leaf, [issuer.Certificate, intermediate.Certificate, root.Certificate]));
        Assert.Null(ServerTrust.In(TestCA.PemOf(leaf))!.Refuse(leaf, sent, "localhost"));
        Assert.Contains("does not chain", Refuse(root, leaf, []));
        Assert.Contains("does not chain", Refuse(intermediate, leaf, []));
        Assert.Contains("does not chain", Refuse(TestCA.Root("unrelated"), leaf, sent));
    }

    [Fact]
    public void A_CA_that_only_has_the_same_name_is_not_trusted()
    {
        TestCA real = TestCA.Root("same");
        TestCA impostor = TestCA.Root("same");
        using X509Certificate2 leaf = impostor.Server("localhost");

        Assert.NotNull(Refuse(real, leaf, []));
        Assert.NotNull(Refuse(real, leaf, [impostor.Certificate]));
        Assert.NotNull(Refuse(real.Intermediate("same"), leaf, [impostor.Certificate]));
    }

    [Fact]
    public void Of_two_CAs_with_one_name_the_right_one_is_found()
    {
        TestCA old = TestCA.Root("same");
        TestCA renewed = TestCA.Root("same");
        using X509Certificate2 leaf = renewed.Server("localhost");
        using X509Certificate2 oldLeaf = old.Server("localhost");
        ServerTrust trust = ServerTrust.In(TestCA.PemOf(old.Certificate, renewed.Certificate))!;

        Assert.Null(trust.Refuse(leaf, [renewed.Certificate], "localhost"));
        Assert.Null(trust.Refuse(oldLeaf, [renewed.Certificate], "localhost"));
    }

    [Fact]
    public void An_intermediate_that_is_no_CA_issues_nothing()
    {
        TestCA root = TestCA.Root();
        using X509Certificate2 noCA = root.Issue("CN=no-ca", TestCA.ServerAuthentication, names: "localhost");
        TestCA asIfCA = TestCA.Of(noCA);
        using X509Certificate2 leaf = asIfCA.Server("localhost");

        Assert.Contains("rules for certificates", Refuse(root, leaf, [noCA]));
    }

    [Fact]
    public void A_certificate_that_is_no_servers_is_refused()
    {
        TestCA root = TestCA.Root();
        using X509Certificate2 client = root.Issue("CN=x", TestCA.ClientAuthentication, names: "localhost");
        using X509Certificate2 anyUse = root.Issue("CN=x", usage: null, names: "localhost");

        Assert.Contains("extended key usage", Refuse(root, client, []));
        Assert.Null(Refuse(root, anyUse, []));
    }

    [Fact]
    public void A_certificate_out_of_its_time_is_refused_with_its_dates()
    {
        TestCA root = TestCA.Root();
        using X509Certificate2 expired = root.Issue("CN=old", TestCA.ServerAuthentication, -10, -2, "localhost");
        using X509Certificate2 early = root.Issue("CN=new", TestCA.ServerAuthentication, 2, 10, "localhost");

        Assert.Contains($"'CN=old' expired on {DateTime.UtcNow.AddDays(-2):yyyy-MM-dd}", Refuse(root, expired, []));
        Assert.Contains($"'CN=new' is not valid before {DateTime.UtcNow.AddDays(2):yyyy-MM-dd}", Refuse(root, early, []));
    }

    [Fact]
    public void A_server_that_this_machine_does_not_trust_needs_a_bundle()
    {
        TestCA root = TestCA.Root();
        using X509Certificate2 leaf = root.Server("localhost");

        Assert.Contains("no certificate authority is given", ServerTrust.InHost.Refuse(leaf, [root.Certificate], "localhost")!.Reason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n")]
    public void A_bundle_without_a_certificate_is_nothing_to_trust_in(string pem) =>
        Assert.Null(ServerTrust.In(System.Text.Encoding.ASCII.GetBytes(pem)));

    [Fact]
    public void A_reason_holds_no_control_characters_of_a_certificate()
    {
        TestCA root = TestCA.Root("root");
        using X509Certificate2 leaf = TestCA.Root("evil\u001b[2Jname").Server("localhost");

        string reason = Refuse(root, leaf, [])!;

        Assert.Contains("evil", reason);
        Assert.DoesNotContain(reason, char.IsControl);
    }

    private static string? Refuse(TestCA anchor, X509Certificate2 leaf, X509Certificate2Collection sent) =>
        ServerTrust.In(anchor.Pem)!.Refuse(leaf, sent, "localhost")?.Reason;

    private static (X509Certificate2 Leaf, X509Certificate2Collection Sent) Presented(string name)
    {
        List<X509Certificate2> all = PemCertificates.Read(Recorded.Bytes(name));
        return (all[0], [.. all.GetRange(1, all.Count - 1)]);
    }
}
