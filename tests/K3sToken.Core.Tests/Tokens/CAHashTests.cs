using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text.Json;
using K3sToken.Kubernetes;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Tokens;

public sealed class CAHashTests
{
    private static readonly DateTime Recording = new(2026, 11, 21, 19, 0, 0, DateTimeKind.Utc);

    private static readonly Dictionary<string, JsonElement> Vectors =
        Recorded.List("cacerts/ca-hash.json", "vectors").ToDictionary(vector => vector.GetProperty("id").GetString()!);

    public static IEnumerable<TheoryDataRow<string>> Ids =>
        Vectors.Keys.Select(id => new TheoryDataRow<string>(id) { TestDisplayName = id });

    [Fact]
    public void All_recorded_bundles_are_here() => Assert.Equal(88, Vectors.Count);

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_bundle_has_the_hash_or_the_error_that_K3s_makes(string id)
    {
        byte[] bundle = Recorded.Bytes("cacerts/" + Vectors[id].GetProperty("file").GetString());
        if (Vectors[id].TryGetProperty("error", out JsonElement error))
        {
            K3sTokenException thrown = Assert.Throws<K3sTokenException>(() => CAHash.Compute(bundle, Recording));
            Assert.Equal(error.GetString(), thrown.Message);
            Assert.Equal(ErrorId.ServerError, thrown.Id);
        }
        else
        {
            SkipWithoutEd25519(id);
            Assert.Equal(Vectors[id].GetProperty("hash").GetString(), CAHash.Compute(bundle, Recording));
        }
    }

    [Theory]
    [InlineData("self-signed")]
    [InlineData("custom-ca")]
    [InlineData("custom-ca-no-root")]
    public void The_hash_of_what_a_server_serves_stands_in_its_token_file(string cluster)
    {
        using JoinTokenText token = JoinTokenText.Parse(System.IO.File.ReadAllText(Recorded.PathOf($"cacerts/{cluster}.token")));
        Assert.Equal(token.CAHash, CAHash.Compute(Recorded.Bytes($"cacerts/{cluster}.cacerts.pem"), Recording));
    }

    [Theory]
    [InlineData("2019-12-31T23:59:59Z")]
    [InlineData("2060-01-01T00:00:01Z")]
    public void A_chain_that_is_not_valid_at_the_time_gives_the_hash_of_the_bytes(string time)
    {
        byte[] bundle = Recorded.Bytes("cacerts/ca-hash/intermediate-root.pem");
        Assert.True(GoTime.TryParseRfc3339(time, out DateTime utcNow));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bundle)), CAHash.Compute(bundle, utcNow));
    }

    [Fact]
    public void The_certificates_of_a_bundle_are_found_in_its_order()
    {
        IReadOnlyList<byte[]> certificates = CABundle.ReadCertificates(Recorded.Bytes("cacerts/ca-hash/server-intermediate-root.pem"));
        JsonElement hashes = Vectors["server-intermediate-root"].GetProperty("sha256OfDER");

        Assert.Equal(3, certificates.Count);
        Assert.Equal(hashes.GetProperty("root").GetString(), Convert.ToHexStringLower(SHA256.HashData(certificates[2])));
    }

    private static void SkipWithoutEd25519(string id) =>
        Assert.SkipWhen(
            id == "ed25519-chain" && (!OperatingSystem.IsLinux() || HttpPlatform.Edition == "Desktop"),
            "The platform verifies no Ed25519 signatures.");
}
