using System;
using System.Collections.Generic;

namespace K3sToken.Tokens.Certificates;

/// <summary>One block of a PEM text.</summary>
/// <param name="Label">What stands after BEGIN.</param>
/// <param name="HasHeaders">Whether lines with a colon stand before the base64.</param>
/// <param name="Content">The decoded bytes.</param>
internal sealed record PemBlock(string Label, bool HasHeaders, byte[] Content);

/// <summary>Finds the PEM blocks that Go's encoding/pem finds. Other readers take more or less than it does (indented lines, CR line
/// ends, two blocks joined on one line), and a hash over other certificates than K3s saw would be wrong.</summary>
internal static class PemBlocks
{
    private const string End = "\n-----END ";
    private const string Begin = "-----BEGIN ";
    private const string Dashes = "-----";

    private enum Outcome
    {
        Found,
        NotABlock,
        NoMoreBlocks,
    }

    public static IEnumerable<PemBlock> Read(byte[] data)
    {
        string text = Ascii.Text(data);
        int position = 0;
        while (Next(text, ref position) is { } block)
        {
            yield return block;
        }
    }

    private static PemBlock? Next(string text, ref int position)
    {
        int next = position;
        while (true)
        {
            switch (TryNext(text, ref next, out PemBlock? block))
            {
                case Outcome.Found:
                    position = next;
                    return block;
                case Outcome.NoMoreBlocks:
                    return null;
            }
        }
    }

    /// <summary>Looks for the first END line and the last BEGIN line before it. If those two make no block, <paramref name="position"/>
    /// is where to look next.</summary>
    private static Outcome TryNext(string text, ref int position, out PemBlock? block)
    {
        block = null;
        int end = position < text.Length ? text.IndexOf(End, position, StringComparison.Ordinal) : -1;
        if (end < 0)
        {
            return Outcome.NoMoreBlocks;
        }

        int labelOfEnd = end + End.Length;
        int start = position;
        int begin = text.AsSpan(start, end - start).LastIndexOf(Begin.AsSpan());
        position = labelOfEnd;
        if (begin < 0 || (begin > 0 && text[start + begin - 1] != '\n'))
        {
            return Outcome.NotABlock;
        }

        string beginLine = Line(text, start + begin + Begin.Length, out int content);
        if (!beginLine.EndsWith(Dashes, StringComparison.Ordinal))
        {
            // Go counts from the end of the BEGIN line here, as if that line stood between it and the END line twice.
            position = labelOfEnd + (content - (start + begin + Begin.Length));
            return Outcome.NotABlock;
        }

        string label = beginLine.Substring(0, beginLine.Length - Dashes.Length);
        bool hasHeaders = SkipHeaders(text, ref content);
        if (content >= text.Length || content > labelOfEnd)
        {
            return Outcome.NoMoreBlocks;
        }

        string endLine = label + Dashes;
        if ((hasHeaders && end < content)
            || string.CompareOrdinal(text, labelOfEnd, endLine, 0, endLine.Length) != 0
            || Line(text, labelOfEnd + endLine.Length, out int afterEnd).Length > 0
            || Decode(end > content ? text.Substring(content, end - content) : string.Empty) is not { } bytes)
        {
            return Outcome.NotABlock;
        }

        position = afterEnd;
        block = new PemBlock(label, hasHeaders, bytes);
        return Outcome.Found;
    }

    private static bool SkipHeaders(string text, ref int position)
    {
        bool any = false;
        while (position < text.Length)
        {
            if (Line(text, position, out int next).IndexOf(':') < 0)
            {
                break;
            }

            any = true;
            position = next;
        }

        return any;
    }

    /// <summary>The line without the white space at its end. Only LF and CR LF end a line.</summary>
    private static string Line(string text, int start, out int next)
    {
        int newline = start < text.Length ? text.IndexOf('\n', start) : -1;
        int end = newline < 0 ? text.Length : newline;
        next = newline < 0 ? text.Length : newline + 1;
        if (newline > start && text[newline - 1] == '\r')
        {
            end--;
        }

        return text.Substring(start, Math.Max(end - start, 0)).TrimEnd(' ', '\t');
    }

    private static byte[]? Decode(string base64)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
