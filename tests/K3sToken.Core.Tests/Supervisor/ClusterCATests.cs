using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Supervisor;
using K3sToken.Tests.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Supervisor;

public sealed class ClusterCATests
{
    public static IEnumerable<TheoryDataRow<string>> Ids => Recorded.List("cacerts/ca-hash.json", "vectors")
        .Select(vector => vector.GetProperty("id").GetString()!)
        .Select(id => new TheoryDataRow<string>(id) { TestDisplayName = id });

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_recorded_bundle_is_read_or_the_problem_that_K3s_finds_is_named(string id)
    {
        JsonElement vector = Recorded.List("cacerts/ca-hash.json", "vectors").First(v => v.GetProperty("id").GetString() == id);
        byte[] bundle = Recorded.Bytes("cacerts/" + vector.GetProperty("file").GetString());
        if (vector.TryGetProperty("error", out JsonElement error))
        {
            K3sTokenException thrown = Assert.Throws<K3sTokenException>(() => ClusterCA.Of(bundle, "ca.pem"));
            Assert.Equal(ErrorId.ServerError, thrown.Id);
            Assert.StartsWith("ca.pem", thrown.Message);
            Assert.Contains(error.GetString()!, thrown.Message);
            return;
        }

        Assert.SkipWhen(id == "ed25519-chain" && !OperatingSystem.IsLinux(), "The platform verifies no Ed25519 signatures.");
        ClusterCA ca = ClusterCA.Of(bundle, "ca.pem");
        Assert.Equal(vector.GetProperty("hash").GetString(), ca.Hash);
        Assert.NotEmpty(ca.Certificates);
        Assert.Null(ca.Server);
    }

    [Fact]
    public async Task A_server_hands_out_its_CA()
    {
        using SupervisorFixture fixture = new();

        ClusterCA ca = await ClusterCAServer.AskAsync(fixture.Server.Address, fixture.Access, "", Ending);

        Assert.Equal((fixture.Hash, ClusterCAKind.SelfSigned, "CN=k3s-server-ca", false), (ca.Hash, ca.Kind, ca.Subject, ca.TrustedByHost));
        Assert.Equal(fixture.Server.Address.ToString().TrimEnd('/'), ca.Server);
    }

    [Fact]
    public async Task A_server_that_cannot_be_verified_hands_out_none()
    {
        using SupervisorFixture fixture = new() { BundleOverride = TestCA.Root("another").Pem };

        K3sTokenException thrown = await Assert.ThrowsAsync<K3sTokenException>(
            () => ClusterCAServer.AskAsync(fixture.Server.Address, fixture.Access, "", Ending));

        Assert.Equal(ErrorId.ServerCertificateUntrusted, thrown.Id);
    }

    [Fact]
    public void A_CA_that_another_signed_is_a_custom_one()
    {
        TestCA root = TestCA.Root("root");

        Assert.Equal(ClusterCAKind.Custom, ClusterCA.Of(root.Intermediate("k3s").Pem, "ca.pem").Kind);
        Assert.Equal(ClusterCAKind.SelfSigned, ClusterCA.Of(root.Pem, "ca.pem").Kind);
    }

    [Fact]
    public void A_file_of_CAs_that_cannot_be_used_is_an_error_that_names_it()
    {
        string empty = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.pem");
        File.WriteAllText(empty, "nothing");
        try
        {
            foreach (string path in new[] { empty, empty + ".missing", Path.GetTempPath(), "a\0b" })
            {
                K3sTokenException thrown = Assert.Throws<K3sTokenException>(() => CAFile.Read(path));
                Assert.Equal(ErrorId.ServerCertificateUntrusted, thrown.Id);
                Assert.Contains(path.Replace('\0', '\uFFFD'), thrown.Message);
            }
        }
        finally
        {
            File.Delete(empty);
        }
    }
}
