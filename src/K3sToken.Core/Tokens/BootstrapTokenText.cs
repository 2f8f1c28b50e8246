using System;
using System.Diagnostics.CodeAnalysis;

namespace K3sToken.Tokens;

/// <summary>The text form of a bootstrap token: six characters of id, a dot, sixteen of secret, all of them a-z or 0-9.</summary>
public static class BootstrapTokenText
{
    internal const int IdLength = 6;
    internal const int SecretLength = 16;

    /// <summary>True for six characters a-z or 0-9.</summary>
    public static bool IsId(ReadOnlySpan<char> text) => text.Length == IdLength && IsLowerCaseOrDigits(text);

    /// <summary>True for sixteen characters a-z or 0-9.</summary>
    public static bool IsSecret(ReadOnlySpan<char> text) => text.Length == SecretLength && IsLowerCaseOrDigits(text);

    /// <summary>Takes <c>id.secret</c> apart; nothing is trimmed.</summary>
    /// <param name="text">The whole token.</param>
    /// <param name="id">The part that is no secret.</param>
    /// <param name="secret">The part that is one.</param>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out string? id, [NotNullWhen(true)] out Secret? secret)
    {
        if (!IsToken(text))
        {
            id = null;
            secret = null;
            return false;
        }

        id = text.Slice(0, IdLength).ToString();
        secret = new Secret(text.Slice(IdLength + 1));
        return true;
    }

    /// <summary>The id that a person means who gives a bare id, <c>id.secret</c>, or the whole <c>K10…::id.secret</c>.</summary>
    /// <param name="text">One of the three forms.</param>
    /// <param name="id">The bare id.</param>
    public static bool TryGetId(ReadOnlySpan<char> text, [NotNullWhen(true)] out string? id)
    {
        if (IsId(text))
        {
            id = text.ToString();
            return true;
        }

        using JoinTokenText? token = JoinTokenText.TryParse(text, out _);
        id = token is { Kind: JoinTokenKind.Bootstrap } ? token.Id : null;
        return id is not null;
    }

    /// <summary><c>id.secret</c>.</summary>
    /// <exception cref="ArgumentException">One of the parts is not of its form.</exception>
    public static Secret Format(string id, Secret secret)
    {
        if (!IsId(id.AsSpan()))
        {
            throw new ArgumentException("A bootstrap token id has six characters a-z or 0-9.", nameof(id));
        }

        ReadOnlySpan<char> revealed = secret.Reveal();
        if (!IsSecret(revealed))
        {
            throw new ArgumentException("A bootstrap token secret has sixteen characters a-z or 0-9.", nameof(secret));
        }

        Span<char> text = stackalloc char[IdLength + 1 + SecretLength];
        id.AsSpan().CopyTo(text);
        text[IdLength] = '.';
        revealed.CopyTo(text.Slice(IdLength + 1));
        Secret token = new(text);
        text.Clear();
        return token;
    }

    internal static bool IsToken(ReadOnlySpan<char> text) =>
        text.Length == IdLength + 1 + SecretLength
        && text[IdLength] == '.'
        && IsId(text.Slice(0, IdLength))
        && IsSecret(text.Slice(IdLength + 1));

    private static bool IsLowerCaseOrDigits(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (c is not (>= 'a' and <= 'z' or >= '0' and <= '9'))
            {
                return false;
            }
        }

        return true;
    }
}
