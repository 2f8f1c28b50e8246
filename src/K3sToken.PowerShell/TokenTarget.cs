using System;
using System.Linq;
using System.Management.Automation;
using K3sToken.Bootstrap;
using K3sToken.Tokens;

namespace K3sToken.PowerShell;

/// <summary>A token to change or remove: an id that a person gave, or an object that came down the pipeline.</summary>
/// <param name="Id">How people name it.</param>
/// <param name="SecretName">The Secret that holds it.</param>
/// <param name="Server">The server that the object was read from; null for an id given by hand.</param>
internal readonly record struct TokenTarget(string Id, string SecretName, string? Server)
{
    /// <summary>True for an object that a listing found, as against an id given by hand.</summary>
    public bool IsListed => Server is not null;

    /// <summary>False for a Secret that is not named after an id, which a listing may find all the same.</summary>
    public bool HasUsualName => SecretName == BootstrapTokenRules.SecretName(Id);

    /// <exception cref="K3sTokenException">What was given is no id.</exception>
    public static TokenTarget OfId(string id) =>
        BootstrapTokenText.IsId(id.AsSpan()) ? new TokenTarget(id, BootstrapTokenRules.SecretName(id), null) : throw Malformed(id);

    public static K3sTokenException Malformed(string id) => new(
        ErrorId.InvalidTokenFormat,
        $"'{id}' is not the id of a bootstrap token. An id has six characters, a-z and 0-9, such as 'abc123'; "
        + "the whole token, 'id.secret' or 'K10...::id.secret', will do as well."
        + (WildcardPattern.ContainsWildcardCharacters(id)
            ? " Wildcards are for Get-K3sBootstrapToken, with a ] for each [; what it writes can be piped on."
            : ""));

    /// <summary>The token of a piped object; null for a piped text, or for nothing piped.</summary>
    /// <exception cref="K3sTokenException">The object's Secret is not that of its id: it may have come from a file.</exception>
    public static TokenTarget? OfPiped(PSObject? piped)
    {
        if (Text(piped, nameof(BootstrapToken.SecretName)) is not string secretName || Text(piped, nameof(BootstrapToken.Server)) is not string server)
        {
            return null;
        }

        // A path of one or two dots would be another one.
        if (!secretName.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '.') || secretName.Trim('.').Length == 0)
        {
            throw Odd("holds what is no Secret's name in SecretName");
        }

        string id = BootstrapTokenReader.IdOf(secretName);
        return (Text(piped, nameof(BootstrapToken.Id)) ?? id) == id
            ? new TokenTarget(id, secretName, server)
            : throw Odd("names one token by its Id and another by its SecretName");
    }

    private static K3sTokenException Odd(string how) => new(
        ErrorId.ConflictingChange, $"The object that came down the pipeline {how}: it is none that a listing wrote. List the tokens again.");

    // A text that came out of Get-Content has a PSObject around it.
    private static string? Text(PSObject? piped, string property) => piped?.Properties[property]?.Value switch
    {
        string text => text,
        PSObject { BaseObject: string text } => text,
        _ => null,
    };
}
