using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using K3sToken.Sandboxing;
using K3sToken.Sandboxing.Authentication;
using K3sToken.Sandboxing.Certificates;
using Xunit;

namespace K3sToken.Tests.Framework;

/// <summary>
/// The .NET Framework build connects from a process of its own to servers with RSA certificates, which Mono can verify. What it makes of
/// them stands in ConnectionTests; what they received from it, here.
/// </summary>
public sealed partial class FrameworkTlsTests : IAsyncLifetime
{
    public const string ClassName = "K3sToken.Tests.Tls.ConnectionTests";

    private static readonly StaticToken Token = new("a-bearer-token", "somebody", "system:masters");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("k3stoken-tls-");
    private readonly List<Sandbox> _sandboxes = [];

    private SandboxServer Right => _sandboxes[0].Servers[0];

    private IEnumerable<SandboxServer> Others => _sandboxes.Skip(1).Select(sandbox => sandbox.Servers[0]);

    public async ValueTask InitializeAsync()
    {
        Sandbox right = await StartAsync(new CertificateOptions { RsaOnly = true });
        Sandbox another = await StartAsync(new CertificateOptions { RsaOnly = true });
        Sandbox elsewhere = await StartAsync(new CertificateOptions { RsaOnly = true, WrongHostName = true });
        Write("right", right.KubeconfigYaml);
        Write("another-ca", Authority().Replace(another.KubeconfigYaml, Authority().Match(right.KubeconfigYaml).Value));
        Write("another-name", elsewhere.KubeconfigYaml);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Sandbox sandbox in _sandboxes)
        {
            await sandbox.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Only_the_right_server_gets_credentials()
    {
        await OnlyTheRightServerGetsCredentials(FrameworkRuntime.DotNet);
        Assert.SkipWhen(FrameworkRuntime.Native is null, FrameworkRuntime.NoNative);
        await OnlyTheRightServerGetsCredentials(FrameworkRuntime.Native);
    }

    private async Task OnlyTheRightServerGetsCredentials(FrameworkRuntime runtime)
    {
        Right.ForgetRequests();

        IReadOnlyList<FrameworkResult> results = await runtime.RunAsync(["-class", ClassName], ("K3STOKEN_TLS_KUBECONFIGS", _folder.FullName));

        Assert.Equal(3, results.Count);
        Assert.All(results, result => Assert.True(result.Outcome == "Pass", $"{runtime.Name}, {result.Name}: {result.Outcome} {result.Text}"));
        Assert.Equal($"Bearer {Token.Token}", Assert.Single(Right.Requests).Headers["Authorization"]);
        Assert.All(Others, server => Assert.Empty(server.Requests));
        Assert.All(Others, server => Assert.Empty(server.ReceivedBytes));
    }

    private async Task<Sandbox> StartAsync(CertificateOptions certificates)
    {
        _sandboxes.Add(await Sandbox.StartAsync(new SandboxOptions { Certificates = certificates, Tokens = [Token] }));
        return _sandboxes[^1];
    }

    private void Write(string name, string kubeconfig) =>
        File.WriteAllText(Path.Combine(_folder.FullName, name), Client().Replace(kubeconfig, $"    token: {Token.Token}\n"));

    [GeneratedRegex("certificate-authority-data: .*")]
    private static partial Regex Authority();

    [GeneratedRegex("(    client-.*-data: .*\n)+")]
    private static partial Regex Client();
}
