using System;
using System.Globalization;
using System.Linq;
using System.Text;
using K3sToken.Kubernetes;
using K3sToken.Yaml;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class YamlDotNetParserTests
{
    private static YamlNode? Parse(string text) => new YamlDotNetParser().Parse(text);

    /// <summary>The document as JSON, which shows its structure and its types.</summary>
    private static string Json(string text) => YamlJson.Of(Parse(text)!);

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("# nothing but a comment\n")]
    [InlineData("---\n...\n")]
    [InlineData("null")]
    [InlineData("\uFEFF")]
    public void An_empty_document_is_null(string text) => Assert.Null(Parse(text));

    [Theory]
    [InlineData("{a: , b: ~, c: null, d: Null, e: NULL, f: !!null x}", """{"a":null,"b":null,"c":null,"d":null,"e":null,"f":null}""")]
    [InlineData("{a: '', b: '~', c: \"null\", d: !!str null, e: ! null}", """{"a":"","b":"~","c":"null","d":"null","e":"null"}""")]
    [InlineData("{a: 12, b: -1.5e3, c: true, d: '12'}", """{"a":12,"b":-1.5e3,"c":true,"d":"12"}""")]
    [InlineData("{a: 007, b: 1_000, c: 2030-01-01}", """{"a":"007","b":"1_000","c":"2030-01-01"}""")]
    [InlineData("a: |\n  x\n  y\nb: >\n  x\n  y\n", """{"a":"x\ny\n","b":"x y\n"}""")]
    [InlineData("- 1\n- [2, {a: b}]\n", """[1,[2,{"a":"b"}]]""")]
    [InlineData("a: !custom b\nc: !!binary aGk=", """{"a":"b","c":"aGk="}""")]
    public void Values_keep_their_text_and_their_kind(string text, string expected) => Assert.Equal(expected, Json(text));

    [Theory]
    [InlineData("""{"a":[1,"x"],"b":{"c":null}}""")]
    [InlineData("{\n\t\"a\":\t[\n\t\t1,\n\t\t\"x\"\n\t],\n\t\"b\":\t{\n\t\t\"c\": null\n\t}\n}\n")]
    [InlineData("a:\r\n- 1\r\n- x\r\nb:\r\n  c:\r\n")]
    [InlineData("a:\r- 1\r- x\rb:\r  c:\r")]
    [InlineData("\uFEFFa: [1, x]\nb: {c: }\n")]
    [InlineData("%YAML 1.1\n---\na: [1, x]\nb: {c: }\n...\n")]
    [InlineData("a: [1, x] # comment\n\nb:\n  c: # nothing\n")]
    public void The_forms_of_a_document_read_alike(string text) => Assert.Equal("""{"a":[1,"x"],"b":{"c":null}}""", Json(text));

    [Fact]
    public void Nodes_know_their_line()
    {
        YamlMapping root = Assert.IsType<YamlMapping>(Parse("# comment\na: 1\nb:\n- x\n- y\n"));
        YamlSequence list = Assert.IsType<YamlSequence>(root.Entries[1].Value);
        Assert.Equal([2, 2, 4, 5], [root.Line, root.Entries[0].Value.Line, list.Line, list.Items[1].Line]);
    }

    [Fact]
    public void Of_several_documents_the_first_counts() => Assert.Equal("""{"a":1}""", Json("a: 1\n---\nb: [\n"));

    [Fact]
    public void Of_the_same_key_the_last_counts() => Assert.Equal("""{"a":3,"b":2}""", Json("a: 1\nb: 2\na: 3\n"));

    [Theory]
    [InlineData("a: &x {b: 1}\nc: *x\n", """{"a":{"b":1},"c":{"b":1}}""")]
    [InlineData("a: &x 1\nb: &x 2\nc: *x\n", """{"a":1,"b":2,"c":2}""")]
    [InlineData("a: &x k\n*x : 1\n", """{"a":"k","k":1}""")]
    public void An_alias_stands_for_the_anchor_before_it(string text, string expected) => Assert.Equal(expected, Json(text));

    [Theory]
    [InlineData("a: &x {k: 1, l: 2}\nb: {<<: *x, k: 3}\n", """{"k":3,"l":2}""")]
    [InlineData("a: &x {k: 1, l: 2}\nb: {k: 3, <<: *x}\n", """{"k":1,"l":2}""")]
    [InlineData("a: [&x {k: 1}, &y {k: 2, l: 3}]\nb: {<<: [*x, *y]}\n", """{"k":1,"l":3}""")]
    [InlineData("b: {<<: {k: 1}}\n", """{"k":1}""")]
    [InlineData("b: {'<<': {k: 1}}\n", """{"\u003C\u003C":{"k":1}}""")]
    public void A_merge_key_sets_the_keys_of_what_it_names(string text, string expected) =>
        Assert.Equal(expected, YamlJson.Of(((YamlMapping)Parse(text)!).Entries.Single(entry => entry.Key == "b").Value));

    [Theory]
    [InlineData("a: [1, 2\n", 2)]
    [InlineData("a: 'x\n", 1)]
    [InlineData("a: b\n\tc: d\n", 2)]
    [InlineData("a: {b\nhunter2: c}\n", 2)]
    [InlineData("a:\n\tb: c\n", 2)]
    [InlineData("a: b: c\n", 1)]
    [InlineData("a: 1\n b: 2\n", 2)]
    [InlineData("{a: 1} hunter2\n", 1)]
    [InlineData("a: @hunter2\n", 1)]
    [InlineData("a: !hunter2!x y\n", 1)]
    [InlineData("a: %hunter2", 1)]
    [InlineData("a: \"\\hunter2\"", 1)]
    [InlineData("a: *hunter2\n", 1)]
    [InlineData("a: &hunter2 [*hunter2]\n", 1)]
    [InlineData("a: 1\n? [hunter2]\n: x\n", 2)]
    [InlineData("a: 1\n~: hunter2\n", 2)]
    [InlineData("a: {<<: hunter2}\n", 1)]
    [InlineData("a: {<<: [hunter2]}\n", 1)]
    public void What_is_no_YAML_is_refused_with_its_line_and_nothing_of_its_text(string text, int line)
    {
        YamlException refused = Assert.Throws<YamlException>(() => Parse(text));
        Assert.StartsWith($"Line {line}, column ", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('[', ']')]
    [InlineData('{', '}')]
    public void Nesting_ends_at_a_hundred_levels(char open, char close)
    {
        string Nested(int levels) => open == '['
            ? new string(open, levels) + new string(close, levels)
            : string.Concat(Enumerable.Repeat("{a: ", levels)) + "1" + new string(close, levels);

        Assert.NotNull(Parse(Nested(100)));
        Assert.Contains("nested", Assert.Throws<YamlException>(() => Parse(Nested(101))).Message, StringComparison.Ordinal);
        Assert.Contains("nested", Assert.Throws<YamlException>(() => Parse(Nested(20_000))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Aliases_that_multiply_are_refused()
    {
        StringBuilder bomb = new("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 10; i++)
        {
            bomb.Append(CultureInfo.InvariantCulture, $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        }

        Assert.Contains("aliases", Assert.Throws<YamlException>(() => Parse(bomb.ToString())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Aliases_that_multiply_one_long_text_are_refused()
    {
        string bomb = $"a: &a {new string('x', 100_000)}\nb: [{string.Join(", ", Enumerable.Repeat("*a", 100))}]\n";

        Assert.Contains("aliases", Assert.Throws<YamlException>(() => Parse(bomb)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Merges_that_multiply_are_refused()
    {
        StringBuilder bomb = new("a: &a {");
        bomb.Append(string.Join(", ", Enumerable.Range(0, 1000).Select(i => $"k{i}: x"))).Append("}\nb:\n");
        for (int i = 0; i < 1000; i++)
        {
            bomb.Append("- {<<: *a}\n");
        }

        Assert.Contains("aliases", Assert.Throws<YamlException>(() => Parse(bomb.ToString())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_is_read_or_refused_and_nothing_else_is_thrown()
    {
        Random random = new(1);
        string[] pieces =
        [
            "a", "1", ":", " ", "\n", "\r", "\t", "- ", "? ", ",", "[", "]", "{", "}", "&x ", "*x", "<<", "|", ">", "'", "\"", "\\", "!",
            "!!str ", "%", "#", "---", "...", "~", "@", "`", "\u0085", "\ud83d", "\0",
        ];
        for (int i = 0; i < 3_000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(1, 20)).Select(_ => pieces[random.Next(pieces.Length)]));
            Exception? thrown = Record.Exception(() => Parse(text));
            Assert.True(thrown is null or YamlException, $"{thrown} for {text}");
        }
    }
}
