using System.Linq;
using System.Text;
using K3sToken.Tokens.Certificates;
using Xunit;

namespace K3sToken.Tests.Tokens.Certificates;

public sealed class PemBlocksTests
{
    private const string A = "-----BEGIN A-----\nYWE=\n-----END A-----\n";
    private const string B = "-----BEGIN B-----\nYmI=\n-----END B-----\n";

    [Theory]
    [InlineData("", "")]
    [InlineData(A, "A=aa")]
    [InlineData(A + B, "A=aa B=bb")]
    [InlineData("text\n" + A + "text\n" + B + "text", "A=aa B=bb")]
    [InlineData(" " + A + B, "B=bb")]
    [InlineData("-----BEGIN A-----\r\nYWE=\r\n-----END A-----\r\n", "A=aa")]
    [InlineData("-----BEGIN A-----  \nYW\t E=  \n-----END A----- \t\n", "A=aa")]
    [InlineData("-----BEGIN A-----\nYWE=\n-----END A-----", "A=aa")]
    [InlineData("-----BEGIN A-----\nY\nW\nE\n=\n-----END A-----", "A=aa")]
    [InlineData("-----BEGIN A-----\n-----END A-----\n", "A=")]
    [InlineData("-----BEGIN A-----\n\n-----END A-----\n", "A=")]
    [InlineData("-----BEGIN A-----\nKey: value\n\nYWE=\n-----END A-----\n", "A+=aa")]
    [InlineData("-----BEGIN A-----\nKey: value\n-----END A-----\n" + B, "B=bb")]
    [InlineData("-----BEGIN A-----\nYWE=\n-----END B-----\n" + B, "B=bb")]
    [InlineData("-----BEGIN A-----\nYWE=\n-----END A-----x\n" + B, "B=bb")]
    [InlineData("-----BEGIN A-----\nYWE=\n" + B, "B=bb")]
    [InlineData("-----BEGIN A----\nYWE=\n-----END A----\n", "")]
    [InlineData("-----BEGIN A-----\nYW?=\n-----END A-----\n" + B, "B=bb")]
    [InlineData("-----BEGIN A-----\nYWE\n-----END A-----\n" + B, "B=bb")]
    [InlineData("-----BEGIN A-----\nYWF=\n-----END A-----\n", "A=aa")]
    [InlineData("-----BEGIN A-----\nYW=E\n-----END A-----\n", "")]
    [InlineData("-----BEGIN A-----\rYWE=\r-----END A-----\r", "")]
    [InlineData("-----BEGIN A-----\nYWE=\n-----END A----------BEGIN B-----\nYmI=\n-----END B-----\n", "")]
    [InlineData("-----BEGIN A-----\nYWE=", "")]
    [InlineData("-----BEGIN A-----", "")]
    [InlineData("-----END A-----\n", "")]
    [InlineData("\n-----END A-----\n" + A, "A=aa")]
    [InlineData("-----BEGIN A-----\nKey: value\n", "")]
    public void Blocks_are_found_as_Go_finds_them(string text, string expected)
    {
        string found = string.Join(' ', PemBlocks.Read(Encoding.Latin1.GetBytes(text)).Select(block =>
            $"{block.Label}{(block.HasHeaders ? "+" : "")}={Encoding.Latin1.GetString(block.Content)}"));
        Assert.Equal(expected, found);
    }
}
