using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Tokens;

public sealed class RandomTextTests
{
    [Fact]
    public void Values_have_their_form_and_do_not_repeat()
    {
        HashSet<string> seen = [];
        for (int i = 0; i < 200; i++)
        {
            string id = RandomText.BootstrapId();
            string secret = RandomText.BootstrapSecret().Reveal().ToString();
            string password = RandomText.ServerPassword().Reveal().ToString();

            Assert.True(BootstrapTokenText.IsId(id));
            Assert.True(BootstrapTokenText.IsSecret(secret));
            Assert.Matches(@"\A[0-9a-f]{32}\z", password);
            Assert.True(seen.Add(secret) && seen.Add(password));
        }
    }

    [Fact]
    public void Bytes_that_would_favour_some_characters_are_thrown_away()
    {
        using FixedBytes source = new([252, 253, 254, 255, 0, 35, 36, 251]);
        Assert.Equal("a9a9", new string(RandomText.Pick(source, "abcdefghijklmnopqrstuvwxyz0123456789", 4)));
    }

    [Fact]
    public void Every_byte_that_is_kept_makes_each_character_equally_often()
    {
        const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
        using FixedBytes source = new([.. Enumerable.Range(0, 256).Select(value => (byte)value)]);

        char[] text = RandomText.Pick(source, Alphabet, 252);

        Assert.All(Alphabet, character => Assert.Equal(7, text.Count(other => other == character)));
    }

    private sealed class FixedBytes(byte[] bytes) : RandomNumberGenerator
    {
        private int _next;

        public override void GetBytes(byte[] data)
        {
            for (int i = 0; i < data.Length; i++)
            {
                data[i] = bytes[_next++ % bytes.Length];
            }
        }
    }
}
