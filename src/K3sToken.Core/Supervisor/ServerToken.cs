using System;

namespace K3sToken;

/// <summary>The server or agent token of a K3s server, read from its data directory.</summary>
public sealed record ServerToken : JoinToken
{
    internal ServerToken(ReadOnlySpan<char> text, bool asPlainText, string path, string? linkTarget)
        : base(text, asPlainText)
    {
        Path = path;
        LinkTarget = linkTarget;
    }

    /// <summary>The token file's absolute path.</summary>
    public string Path { get; }

    /// <summary>The file that was read, where <see cref="Path"/> is a link to it; else null.</summary>
    public string? LinkTarget { get; }
}
