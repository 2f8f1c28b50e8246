using System;
using System.Diagnostics;
using System.IO;
using System.Reflection;
using System.Runtime.Serialization;
using System.Security;
using System.Text.Json;
using System.Xml.Serialization;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Tokens;

public sealed class SecretTests
{
    private const string Text = "sehr geheim 🔑";

    private static readonly JsonSerializerOptions WithFields = new() { IncludeFields = true };

    [Fact]
    public void It_shows_itself_to_nobody_who_makes_a_text_of_it()
    {
        Secret secret = new(Text);

        Assert.Equal("(secret)", secret.ToString());
        Assert.Equal("It is (secret).", $"It is {secret}.");
        Assert.Equal("(secret)", string.Format(null, "{0}", secret));
    }

    [Fact]
    public void It_shows_itself_to_no_serializer()
    {
        Secret secret = new(Text);

        Assert.Equal("{}", JsonSerializer.Serialize(secret));
        Assert.Equal("{}", JsonSerializer.Serialize(secret, WithFields));
        Assert.Throws<InvalidOperationException>(() => new XmlSerializer(typeof(Secret)));
        Assert.Throws<InvalidDataContractException>(() =>
            new DataContractSerializer(typeof(Secret)).WriteObject(new MemoryStream(), secret));
    }

    [Fact]
    public void It_shows_itself_to_no_debugger()
    {
        Assert.DoesNotContain("{", typeof(Secret).GetCustomAttribute<DebuggerDisplayAttribute>()!.Value, StringComparison.Ordinal);
        Type view = Type.GetType(typeof(Secret).GetCustomAttribute<DebuggerTypeProxyAttribute>()!.ProxyTypeName)!;
        Assert.Empty(view.GetProperties());
        Assert.Empty(view.GetFields());
    }

    [Fact]
    public void It_has_no_public_property_or_field()
    {
        Assert.Empty(typeof(Secret).GetProperties());
        Assert.Empty(typeof(Secret).GetFields());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData(Text)]
    [InlineData("nul\0inside")]
    public void It_survives_a_SecureString(string text)
    {
        using Secret secret = new(text);
        using SecureString secure = secret.ToSecureString();
        using Secret again = new(secure);

        Assert.True(secure.IsReadOnly());
        Assert.Equal(text, again.Reveal().ToString());
    }

    [Fact]
    public void What_is_longer_than_a_SecureString_can_be_is_an_error_of_ours()
    {
        using Secret longest = new(new string('x', 65_536));
        using Secret longer = new(new string('x', 65_537));

        longest.ToSecureString().Dispose();

        Assert.Equal(ErrorId.InvalidTokenFormat, Assert.Throws<K3sTokenException>(longer.ToSecureString).Id);
        Assert.Equal(65_537, Assert.IsType<string>(longer.ToOutput(asPlainText: true)).Length);
    }

    [Fact]
    public void Disposing_zeroes_the_text_and_later_use_is_an_error()
    {
        Secret secret = new(Text);
        ReadOnlySpan<char> revealed = secret.Reveal();

        secret.Dispose();

        Assert.Equal(new string('\0', Text.Length), revealed.ToString());
        Assert.Throws<ObjectDisposedException>(() => secret.Reveal().Length);
        Assert.Throws<ObjectDisposedException>(secret.ToSecureString);
        secret.Dispose();
    }
}
