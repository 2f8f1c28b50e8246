using System;
using System.IO;
using K3sToken.Kubernetes;
using YamlDotNet.Core;
using YamlException = K3sToken.Kubernetes.YamlException;

namespace K3sToken.Yaml;

/// <summary>Reads YAML with YamlDotNet's low-level parser: its object mapper takes three times as long to start.</summary>
public sealed class YamlDotNetParser : IYamlParser
{
    /// <inheritdoc/>
    public YamlNode? Parse(string text)
    {
        // To the scanner it is the end of the text.
        if (text.AsSpan().IndexOf('\0') >= 0)
        {
            throw new YamlException("It holds a null character: it is no text, or UTF-16 without a byte order mark.");
        }

        Scanner scanner = new(new StringReader(text.TrimStart('\uFEFF')));
        try
        {
            return new DocumentReader(new Parser(scanner)).Read();
        }
        catch (Exception broken) when (broken is not YamlException)
        {
            // Its own texts quote the document, and it throws exceptions of other types than its own.
            throw broken.Message.Contains(" tab ")
                ? Refusal.At(scanner.CurrentPosition, "a tab stands where YAML wants spaces")
                : Refusal.At(
                    (broken as YamlDotNet.Core.YamlException)?.Start ?? scanner.CurrentPosition,
                    "this is not valid YAML. A missing colon, quote or bracket, or a wrong indentation can cause it");
        }
    }
}

internal static class Refusal
{
    public static YamlException At(Mark mark, string what) => new($"Line {mark.Line}, column {mark.Column}: {what}.");
}
