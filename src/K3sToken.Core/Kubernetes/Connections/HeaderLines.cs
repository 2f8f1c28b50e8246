using System.Collections.Generic;
using System.Net.Http;
#if !NETFRAMEWORK
using System;
using System.Net;
using System.Text;
#endif

namespace K3sToken.Kubernetes;

/// <summary>
/// A header of several values, each on a line of its own. .NET writes them on one line with commas, which the API server takes for one
/// value: the name of a group may have commas in it.
/// </summary>
internal static class HeaderLines
{
    /// <summary>Stands between the values until they are written; no value may hold it.</summary>
    public const char Separator = '\uFFFF';

#if NETFRAMEWORK
    /// <summary>Not possible here.</summary>
    /// <exception cref="K3sTokenException">Always.</exception>
    public static void Add(HttpRequestMessage _, string name, IReadOnlyList<string> values) => throw new K3sTokenException(
        ErrorId.KubeconfigInvalid,
        $"Windows PowerShell cannot send {values.Count} values of {name}. Leave one in the kubeconfig (as-groups, as-user-extra), or use "
            + "PowerShell 7.");
#else
    /// <summary>Adds the header. The request goes over HTTP/1.1, which alone has lines.</summary>
    public static void Add(HttpRequestMessage message, string name, IReadOnlyList<string> values)
    {
        message.Version = HttpVersion.Version11;
        message.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        message.Headers.TryAddWithoutValidation(name, string.Join(Separator, values));
    }

    /// <summary>How the values of a header are written.</summary>
    public static Encoding EncodingOf(string header) =>
        header.StartsWith("Impersonate-", StringComparison.Ordinal) ? new LinePerValue(header) : Encoding.UTF8;

    private sealed class LinePerValue(string header) : Encoding
    {
        private readonly string _next = $"\r\n{header}: ";

        public override int GetByteCount(char[] chars, int index, int count) => UTF8.GetByteCount(Lines(chars, index, count));

        public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
            UTF8.GetBytes(Lines(chars, charIndex, charCount), bytes.AsSpan(byteIndex));

        public override int GetMaxByteCount(int charCount) => charCount * Math.Max(3, _next.Length);

        public override int GetCharCount(byte[] bytes, int index, int count) => throw new NotSupportedException();

        public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
            throw new NotSupportedException();

        public override int GetMaxCharCount(int byteCount) => throw new NotSupportedException();

        private string Lines(char[] chars, int index, int count) =>
            new string(chars, index, count).Replace(Separator.ToString(), _next, StringComparison.Ordinal);
    }
#endif
}
