using System;
using System.Collections;
using System.Collections.Generic;
using System.Management.Automation;
using K3sToken.Tokens;

namespace K3sToken.PowerShell.Binding;

/// <summary>
/// Cuts <c>id.secret</c> and <c>K10…::id.secret</c> down to the bare id before binding ends, so that no log of bound parameters holds the
/// rest. What is no id keeps at most as much of its text as an id has. Objects pass: their Id binds by property name.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TokenIdAttribute : ArgumentTransformationAttribute
{
    private const string Rest = "***";

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (((inputData as PSObject)?.BaseObject ?? inputData) is not IList values)
        {
            return Single(inputData);
        }

        List<object?> ids = new(values.Count);
        foreach (object? value in values)
        {
            ids.Add(Single(value));
        }

        return ids.ToArray();
    }

    private static object? Single(object? value)
    {
        if (OriginalText.IsLost(value))
        {
            throw new ArgumentTransformationMetadataException(
                "PowerShell has read this id as a number, and how it was written is lost. Put the id in quotes: -Id '001234'.");
        }

        if (OriginalText.Of(value) is not string text || text.Length == 0)
        {
            return value;
        }

        if (BootstrapTokenText.TryGetId(text.AsSpan(), out string? id))
        {
            return id;
        }

        return IsPattern(text) || text.Length <= 6 ? text : text.Substring(0, 6) + Rest;
    }

    /// <summary>A pattern of an id has no dot: what has one may be a token with its secret.</summary>
    private static bool IsPattern(string text) => WildcardPattern.ContainsWildcardCharacters(text) && text.IndexOf('.') < 0 && text.IndexOf(':') < 0;
}
