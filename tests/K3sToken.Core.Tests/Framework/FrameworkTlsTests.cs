using System;
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
public sealed partial class FrameworkTlsTests
{
    public const string ClassName = "K3sToken.Tests.Tls.ConnectionTests";

    private static readonly StaticToken Token = new("a-bearer-token", "somebody", "system:masters");

    [Fact]
    public Task Only_the_right_server_gets_credentials() => OnlyTheRightServerGetsCredentials(FrameworkRuntime.Native);

    [Fact]
    public Task Only_the_right_server_gets_credentials_on_NET() => OnlyTheRightServerGetsCredentials(FrameworkRuntime.DotNet);

    private static async Task OnlyTheRightServerGetsCredentials(FrameworkRuntime? runtime)
    {
        Assert.SkipWhen(runtime is null, FrameworkRuntime.NoNative);
        await using Sandbox right = await StartAsync(new CertificateOptions { RsaOnly = true });
        await using Sandbox another = await StartAsync(new CertificateOptions { RsaOnly = true });
        await using Sandbox elsewhere = await StartAsync(new CertificateOptions { RsaOnly = true, WrongHostName = true });
        DirectoryInfo folder = Directory.CreateTempSubdirectory("k3stoken-tls-");
        try
        {
            Write(folder, "right", right.KubeconfigYaml);
            Write(folder, "another-ca", WithAuthorityOf(right, another.KubeconfigYaml));
            Write(folder, "another-name", elsewhere.KubeconfigYaml);

            IReadOnlyList<FrameworkResult> results = await runtime.RunAsync(["-class", ClassName], ("K3STOKEN_TLS_KUBECONFIGS", folder.FullName));

            Assert.Equal(3, results.Count);
            Assert.All(results, result => Assert.True(result.Outcome == "Pass", $"{result.Name}: {result.Outcome} {result.Text}"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        Assert.Equal($"Bearer {Token.Token}", Assert.Single(right.Requests).Headers["Authorization"]);
        Assert.All([another, elsewhere], server => Assert.Empty(server.Requests));
        Assert.All([another, elsewhere], server => Assert.Empty(server.Servers[0].ReceivedBytes));
    }

    private static Task<Sandbox> StartAsync(CertificateOptions certificates) =>
        Sandbox.StartAsync(new SandboxOptions { Certificates = certificates, Tokens = [Token] });

    private static string WithAuthorityOf(Sandbox sandbox, string kubeconfig) =>
        Authority().Replace(kubeconfig, Authority().Match(sandbox.KubeconfigYaml).Value);

    private static void Write(DirectoryInfo folder, string name, string kubeconfig) =>
        File.WriteAllText(Path.Combine(folder.FullName, name), Client().Replace(kubeconfig, $"    token: {Token.Token}\n"));

    [GeneratedRegex("certificate-authority-data: .*")]
    private static partial Regex Authority();

    [GeneratedRegex("(    client-.*-data: .*\n)+")]
    private static partial Regex Client();
}
