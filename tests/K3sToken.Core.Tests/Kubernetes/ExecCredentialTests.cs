using System;
using System.Text;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class ExecCredentialTests
{
    private const string V1 = "client.authentication.k8s.io/v1";

    private static ExecCredential Parse(string json) => ExecCredential.Parse(Encoding.UTF8.GetBytes(json), V1);

    private static ExecCredential Status(string status) =>
        Parse($$"""{"kind":"ExecCredential","apiVersion":"{{V1}}","status":{{status}}}""");

    [Fact]
    public void A_token_with_its_expiry_is_read()
    {
        ExecCredential credential = Status("""{"token":"a\u0062c","expirationTimestamp":"2030-01-02T03:04:05+01:00","other":{"x":[1]}}""");
        Assert.Equal("abc", credential.Token!.Reveal().ToString());
        Assert.Equal(new DateTimeOffset(2030, 1, 2, 2, 4, 5, TimeSpan.Zero), credential.Expires);
        Assert.Null(credential.ClientCertificate);
        Assert.Null(credential.ClientKey);
    }

    [Fact]
    public void A_certificate_with_its_key_is_read()
    {
        ExecCredential credential = Status(
            """{"clientCertificateData":"c\nd","clientKeyData":"k","token":null,"expirationTimestamp":null}""");
        Assert.Equal("c\nd"u8.ToArray(), credential.ClientCertificate);
        Assert.Equal("k"u8.ToArray(), credential.ClientKey);
        Assert.Null(credential.Token);
        Assert.Null(credential.Expires);
    }

    [Fact]
    public void Order_unknown_keys_and_a_byte_order_mark_do_not_matter()
    {
        string json = $$"""{"status":{"token":"abc"},"spec":{"interactive":true},"apiVersion":"{{V1}}","kind":"ExecCredential"}""" + "\r\n";
        Assert.Equal("abc", Parse("\uFEFF" + json).Token!.Reveal().ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("hunter2")]
    [InlineData("[]")]
    [InlineData("\"hunter2\"")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"kind\":\"ExecCredential\"")]
    [InlineData("{\"kind\":\"Status\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"hunter2\"}}")]
    [InlineData("{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"status\":{\"token\":\"hunter2\"}}")]
    [InlineData("{\"kind\":\"ExecCredential\",\"apiVersion\":1,\"status\":{\"token\":\"hunter2\"}}")]
    [InlineData("{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\"}")]
    [InlineData("{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"x\"}} hunter2")]
    public void What_is_no_ExecCredential_of_the_version_is_refused(string json)
    {
        FormatException refused = Assert.Throws<FormatException>(() => Parse(json));
        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null", "neither")]
    [InlineData("{}", "neither")]
    [InlineData("\"hunter2\"", "not an ExecCredential")]
    [InlineData("[\"hunter2\"]", "not an ExecCredential")]
    [InlineData("{\"token\":\"\"}", "neither")]
    [InlineData("{\"token\":5}", "not an ExecCredential")]
    [InlineData("{\"token\":[\"hunter2\"]}", "not an ExecCredential")]
    [InlineData("{\"token\":\"hunter2\\n\"}", "no token has")]
    [InlineData("{\"token\":\"hunter2 é\"}", "no token has")]
    [InlineData("{\"clientCertificateData\":\"hunter2\"}", "only one")]
    [InlineData("{\"clientKeyData\":\"hunter2\",\"token\":\"x\"}", "only one")]
    [InlineData("{\"token\":\"hunter2\",\"expirationTimestamp\":\"tomorrow\"}", "expirationTimestamp")]
    public void A_status_that_cannot_be_used_is_refused(string status, string problem)
    {
        FormatException refused = Assert.Throws<FormatException>(() => Status(status));
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
    }
}
