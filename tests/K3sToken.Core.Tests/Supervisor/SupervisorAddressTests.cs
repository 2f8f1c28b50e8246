using System;
using K3sToken.Supervisor;
using Xunit;

namespace K3sToken.Tests.Supervisor;

public sealed class SupervisorAddressTests
{
    [Theory]
    [InlineData("server-1", "https://server-1:6443")]
    [InlineData("server-1:16550", "https://server-1:16550")]
    [InlineData("server-1.example.com", "https://server-1.example.com:6443")]
    [InlineData("server-1:443", "https://server-1")]
    [InlineData("192.168.1.7", "https://192.168.1.7:6443")]
    [InlineData("192.168.1.7:9345", "https://192.168.1.7:9345")]
    [InlineData("https://server-1:6443", "https://server-1:6443")]
    [InlineData("https://server-1:6443/", "https://server-1:6443")]
    [InlineData("https://server-1", "https://server-1")]
    [InlineData("HTTPS://Server-1:6443", "https://server-1:6443")]
    [InlineData("https://server-1:6443/k8s/clusters/c-1?x=1#y", "https://server-1:6443")]
    [InlineData("server-1:6443/cacerts", "https://server-1:6443")]
    [InlineData("  server-1  ", "https://server-1:6443")]
    [InlineData("::1", "https://[::1]:6443")]
    [InlineData("fd00::7", "https://[fd00::7]:6443")]
    [InlineData("[fd00::7]", "https://[fd00::7]:6443")]
    [InlineData("[fd00::7]:9345", "https://[fd00::7]:9345")]
    [InlineData("https://[fd00::7]:6443/x", "https://[fd00::7]:6443")]
    public void An_address_is_read_as_people_write_it(string text, string expected) =>
        Assert.Equal(expected, SupervisorAddress.Parse(text).GetLeftPart(UriPartial.Authority));

    [Theory]
    [InlineData("https://server-1:6443/k8s?x=1#y")]
    [InlineData("server-1/k8s")]
    public void The_path_is_left_out(string text) => Assert.Equal("/", SupervisorAddress.Parse(text).PathAndQuery);

    [Theory]
    [InlineData("http://server-1:6443")]
    [InlineData("HTTP://server-1:6443")]
    [InlineData("ftp://server-1")]
    [InlineData("wss://server-1")]
    [InlineData("://server-1")]
    [InlineData("file:///server-1")]
    public void Any_other_scheme_is_an_error(string text)
    {
        K3sTokenException thrown = Assert.Throws<K3sTokenException>(() => SupervisorAddress.Parse(text));
        Assert.Equal(ErrorId.ClusterUnreachable, thrown.Id);
        Assert.Contains("https", thrown.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(":6443")]
    [InlineData("server-1:")]
    [InlineData("server-1:port")]
    [InlineData("server-1:65536")]
    [InlineData("server 1")]
    [InlineData("https://")]
    [InlineData("https:///path")]
    [InlineData("https://server-1:")]
    [InlineData("https:\\\\server-1")]
    [InlineData("[::1")]
    [InlineData("fd00::7:port")]
    [InlineData("https://user@server-1")]
    [InlineData("https://@server-1")]
    public void What_is_no_address_is_an_error(string text)
    {
        K3sTokenException thrown = Assert.Throws<K3sTokenException>(() => SupervisorAddress.Parse(text));
        Assert.Equal(ErrorId.ClusterUnreachable, thrown.Id);
    }

    [Theory]
    [InlineData("K10aaaa::server:a-password")]
    [InlineData("https://server:a-password@server-1")]
    [InlineData("server:a-password@server-1")]
    [InlineData("a-password://server-1")]
    public void What_may_be_a_secret_in_the_wrong_place_is_not_repeated(string text) =>
        Assert.DoesNotContain("a-password", Assert.Throws<K3sTokenException>(() => SupervisorAddress.Parse(text)).ToString());

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("https://127.0.0.7:6443", true)]
    [InlineData("localhost", true)]
    [InlineData("::1", true)]
    [InlineData("server-1", false)]
    [InlineData("10.0.0.1", false)]
    public void Loopback_is_known(string text, bool expected) => Assert.Equal(expected, SupervisorAddress.Parse(text).IsLoopback);

    [Fact]
    public void Requests_go_to_the_paths_of_K3s_and_on_its_port_to_those_of_RKE2()
    {
        Assert.Equal("/v1-k3s/token", SupervisorAddress.TokenPath(SupervisorAddress.Parse("server-1")));
        Assert.Equal("/v1-k3s/readyz", SupervisorAddress.ReadyPath(SupervisorAddress.Parse("https://server-1")));
        Assert.Equal("/v1-rke2/token", SupervisorAddress.TokenPath(SupervisorAddress.Parse("server-1:9345")));
        Assert.Equal("/v1-rke2/readyz", SupervisorAddress.ReadyPath(SupervisorAddress.Parse("https://server-1:9345")));
    }
}
