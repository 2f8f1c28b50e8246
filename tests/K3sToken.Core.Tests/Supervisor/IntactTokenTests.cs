using System;
using K3sToken.Supervisor;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Supervisor;

public sealed class IntactTokenTests
{
    private const string Hash = "5386ced363485a1cf64b13e5d3ecc4e97b824a3d570147e36fca79c2bebe427b";

    [Theory]
    [InlineData($" K10{Hash}::server:swordfish")]
    [InlineData($"\ufeffK10{Hash}::server:swordfish")]
    [InlineData($"'K10{Hash}::server:swordfish'")]
    [InlineData($"K3S_TOKEN=K10{Hash}::server:swordfish")]
    [InlineData($"k10{Hash}::server:swordfish")]
    [InlineData($"K10{Hash}:server:swordfish")]
    [InlineData($" K10{Hash}::abc123.0123456789abcdef")]
    [InlineData($"10{Hash}::server:swordfish")]
    [InlineData($"0{Hash}::server:swordfish")]
    [InlineData($"{Hash}::server:swordfish")]
    [InlineData("63485a1cf64b13e5d3ecc4e97b824a3d570147e36fca79c2bebe427b::server:swordfish")]
    [InlineData($"K1O{Hash}::server:swordfish")]
    [InlineData($"K10{Hash};;server:swordfish")]
    [InlineData($"K10{Hash}")]
    public void A_whole_token_with_something_around_it_is_not_taken_for_a_password(string text)
    {
        K3sTokenException e = Assert.Throws<K3sTokenException>(() => IntactToken.Parse(text.AsSpan()).Dispose());

        Assert.Equal(ErrorId.InvalidTokenFormat, e.Id);
        Assert.DoesNotContain("swordfish", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData($"K10{Hash}::server:swordfish")]
    [InlineData("K10::server:swordfish")]
    [InlineData("K10server:swordfish")]
    [InlineData("swordfish")]
    [InlineData("K10 is no prefix of mine: it is a password")]
    [InlineData("abc123.0123456789abcdef")]
    [InlineData(Hash)]
    [InlineData("0123456789abcdef0123456789abcdef:x")]
    public void Any_other_token_is_read_as_ever(string text)
    {
        using JoinTokenText token = IntactToken.Parse(text.AsSpan());

        Assert.Equal(text.StartsWith("K10" + Hash, StringComparison.Ordinal) ? Hash : "", token.CAHash);
    }
}
