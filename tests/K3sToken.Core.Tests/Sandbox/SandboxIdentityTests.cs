using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Tasks;
using K3sToken.Sandboxing;
using K3sToken.Sandboxing.Certificates;
using Xunit;

namespace K3sToken.Tests.Sandboxing;

public class SandboxIdentityTests
{
    [Theory]
    [InlineData(Identity.Admin, 200)]
    [InlineData(Identity.Nobody, 403)]
    [InlineData(Identity.Expired, 401)]
    public async Task Each_kubeconfig_lets_its_identity_do_what_it_may(Identity identity, int status)
    {
        await using Sandbox sandbox = await Sandbox.StartAsync();
        string path = Path.Combine(Directory.CreateTempSubdirectory().FullName, "k3s.yaml");
        string yaml = await File.ReadAllTextAsync(sandbox.WriteKubeconfig(path, identity), TestContext.Current.CancellationToken);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        Assert.Equal(status, await SandboxClient.StatusAsync(yaml));
    }

    [Fact]
    public async Task A_kubeconfig_is_for_its_owner_only()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        await using Sandbox sandbox = await Sandbox.StartAsync();
        string directory = Directory.CreateTempSubdirectory().FullName;
        string path = sandbox.WriteKubeconfig(Path.Combine(directory, "k3s.yaml"));
#pragma warning disable CA1416 // Skipped above.
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
#pragma warning restore CA1416
        Directory.Delete(directory, recursive: true);
    }

    [Theory]
    [InlineData(AuthorityKind.SelfSigned, false, 2)]
    [InlineData(AuthorityKind.SelfSigned, true, 2)]
    [InlineData(AuthorityKind.Custom, false, 4)]
    [InlineData(AuthorityKind.CustomWithoutRoot, false, 3)]
    public async Task The_server_sends_its_whole_chain_as_K3s_does(AuthorityKind kind, bool rsaOnly, int sent)
    {
        CertificateOptions certificates = new() { Authority = kind, RsaOnly = rsaOnly };
        await using Sandbox sandbox = await Sandbox.StartAsync(new SandboxOptions { Certificates = certificates });
        List<X509Certificate2> chain = await ChainAsync(sandbox);
        Assert.Equal(sent, chain.Count);
        Assert.Equal(rsaOnly, chain.TrueForAll(certificate => certificate.GetRSAPublicKey() is not null));
        Assert.Equal(
            Encoding.ASCII.GetString([.. sandbox.CABundle]),
            string.Concat(chain.Skip(1).Select(certificate => certificate.ExportCertificatePem() + "\n")));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_client_that_looks_refuses_a_wrong_or_expired_server_certificate(bool wrongName, bool expired)
    {
        CertificateOptions certificates = new() { WrongHostName = wrongName, ServerCertificateExpired = expired };
        await using Sandbox sandbox = await Sandbox.StartAsync(new SandboxOptions { Certificates = certificates });
        HttpRequestException exception =
            await Assert.ThrowsAsync<HttpRequestException>(() => SandboxClient.StatusAsync(sandbox.KubeconfigYaml));
        Assert.IsType<AuthenticationException>(exception.InnerException);
    }

    [Fact]
    public async Task Somebody_elses_client_certificate_proves_nothing()
    {
        await using Sandbox sandbox = await Sandbox.StartAsync();
        await using Sandbox other = await Sandbox.StartAsync();
        string mixed = SandboxClient.WithClientOf(sandbox.KubeconfigYaml, other.KubeconfigYaml);
        Assert.Equal(401, await SandboxClient.StatusAsync(mixed));
    }

    private static async Task<List<X509Certificate2>> ChainAsync(Sandbox sandbox)
    {
        List<X509Certificate2> sent = [];
        using TcpClient tcp = new();
        await tcp.ConnectAsync(sandbox.Url.Host, sandbox.Url.Port);
        using SslStream tls = new(tcp.GetStream(), leaveInnerStreamOpen: false, (_, certificate, chain, _) =>
        {
            sent.Add(X509CertificateLoader.LoadCertificate(certificate!.GetRawCertData()));
            sent.AddRange(chain!.ChainPolicy.ExtraStore.Select(extra => X509CertificateLoader.LoadCertificate(extra.RawData)));
            return true;
        });
        await tls.AuthenticateAsClientAsync(sandbox.Url.Host);
        return [.. sent.DistinctBy(certificate => certificate.Thumbprint)];
    }
}
