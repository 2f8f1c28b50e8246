using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using K3sToken.Sandboxing.Datastore;
using Xunit;

namespace K3sToken.Tests.Sandboxing;

/// <summary>The sandbox encrypts what servers share as a real server did.</summary>
public class BootstrapCipherTests
{
    public static IEnumerable<TheoryDataRow<string>> Samples =>
        Recorded.List("datastore/samples.json", "samples").Select(sample => new TheoryDataRow<string>(Text(sample, "note")));

    [Theory]
    [MemberData(nameof(Samples))]
    public void It_reads_and_writes_what_was_recorded_byte_for_byte(string note)
    {
        JsonElement sample = Recorded.List("datastore/samples.json", "samples").Single(one => Text(one, "note") == note);
        string token = Text(sample, "token");
        string value = Encoding.ASCII.GetString(Recorded.Bytes("datastore/" + Text(sample, "valueFile"))).Trim();
        byte[] plain = BootstrapCipher.Decrypt(token, value)!;
        Assert.Equal(Text(sample, "key"), BootstrapCipher.KeyOf(token));
        Assert.Equal(Text(sample, "derivedKeyHex"), Convert.ToHexStringLower(BootstrapCipher.DerivedKey(token, Text(sample, "salt"))));
        Assert.Equal(Text(sample, "plaintextSha256"), Convert.ToHexStringLower(SHA256.HashData(plain)));
        byte[] nonce = Convert.FromHexString(Text(sample, "nonceHex"));
        Assert.Equal(value, BootstrapCipher.Encrypt(token, plain, Text(sample, "salt"), nonce));
        Assert.Null(BootstrapCipher.Decrypt(token + "x", value));
    }

    [Fact]
    public void What_it_writes_has_the_shape_of_what_was_recorded()
    {
        string value = BootstrapCipher.Encrypt("a password", "plain"u8);
        Assert.Matches(@"\A[0-9a-f]{16}:[A-Za-z0-9+/]+=*\z", value);
        Assert.NotEqual(value, BootstrapCipher.Encrypt("a password", "plain"u8));
        Assert.Equal("plain"u8.ToArray(), BootstrapCipher.Decrypt("a password", value));
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
