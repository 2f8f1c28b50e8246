using System;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security;

namespace K3sToken.Tokens;

/// <summary>A secret text that shows itself to nobody: no property, no <see cref="ToString"/>, no debugger view holds it.</summary>
[DebuggerDisplay("(secret)")]
[DebuggerTypeProxy(typeof(NoView))]
public sealed class Secret : IDisposable
{
    private const int MostSecureCharacters = 65_536;

    private readonly char[] _text;
    private bool _disposed;

    /// <summary>Copies the text.</summary>
    public Secret(ReadOnlySpan<char> text) => _text = text.ToArray();

    /// <summary>Copies the text out of a SecureString.</summary>
    public Secret(SecureString text)
    {
        _text = new char[text.Length];
        IntPtr unprotected = Marshal.SecureStringToGlobalAllocUnicode(text);
        try
        {
            Marshal.Copy(unprotected, _text, 0, _text.Length);
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(unprotected);
        }
    }

    /// <summary>The text itself. Let it stay in a local span: a string made of it lives until it is collected.</summary>
    /// <exception cref="ObjectDisposedException">The text is gone.</exception>
    public ReadOnlySpan<char> Reveal() => _disposed ? throw new ObjectDisposedException(nameof(Secret)) : _text;

    /// <summary>A read-only SecureString of the text.</summary>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.InvalidTokenFormat"/>: the text is longer than a SecureString can be.</exception>
    public SecureString ToSecureString()
    {
        if (Reveal().Length > MostSecureCharacters)
        {
            throw new K3sTokenException(
                ErrorId.InvalidTokenFormat,
                $"The token has more than {MostSecureCharacters} characters, which none has. Was another file read in its place?");
        }

        SecureString copy = new();
        foreach (char c in Reveal())
        {
            copy.AppendChar(c);
        }

        copy.MakeReadOnly();
        return copy;
    }

    /// <summary>How it leaves to people: as a SecureString, or as a string if they asked for plain text.</summary>
    public object ToOutput(bool asPlainText) => asPlainText ? Reveal().ToString() : ToSecureString();

    /// <summary>A fixed text, whatever the secret is.</summary>
    public override string ToString() => "(secret)";

    /// <summary>Zeroes the text.</summary>
    public void Dispose()
    {
        Array.Clear(_text, 0, _text.Length);
        _disposed = true;
    }

    private sealed class NoView
    {
        public NoView(Secret _)
        {
        }
    }
}
