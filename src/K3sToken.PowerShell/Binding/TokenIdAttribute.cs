using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;
using K3sToken.Tokens;

namespace K3sToken.PowerShell.Binding;

/// <summary>
/// Cuts <c>id.secret</c> and <c>K10…::id.secret</c> down to the bare id before binding ends, so that no log of bound parameters holds the
/// rest. What is no id keeps at most as much of its text as an id has. Of an object only its Id is taken, and where the cluster matters,
/// nothing of one that says which cluster it is of: given as an argument it could lead to another cluster's token of the same id.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TokenIdAttribute : ArgumentTransformationAttribute
{
    /// <summary>Stands for what is left out. No wildcard: what is shortened must not match anything.</summary>
    private const string Rest = "...";

    /// <summary>Stands before the id of an object that says which cluster it is of. The pipeline brings the rest of such an object.</summary>
    private const string OfObject = "object:";

    /// <summary>Whether the parameter names tokens to be changed.</summary>
    public bool ClusterMatters { get; set; }

    /// <summary>The id of such an object.</summary>
    public static string IdOfObject(string id) => id.Substring(OfObject.Length);

    /// <summary>True for what the id of such an object became.</summary>
    public static bool IsOfObject(string id) => id.StartsWith(OfObject, StringComparison.Ordinal);

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

    private string? Single(object? value)
    {
        object? plain = (value as PSObject)?.BaseObject ?? value;
        return plain switch
        {
            null => null,
            string text => Shorten(text),
            _ when OriginalText.IsNumber(plain) => Shorten(TextOfNumber(value!, plain)),
            _ when PSObject.AsPSObject(value).Properties["Id"]?.Value is { } id && IsTextOrNumber(id) =>
                ClusterMatters && NamesCluster(PSObject.AsPSObject(value)) ? OfObject + Single(id) : Single(id),
            _ => throw new ArgumentTransformationMetadataException(
                $"An object of the type {plain.GetType().Name} has no Id. Give ids, or objects that Get-K3sBootstrapToken wrote."),
        };
    }

    private static bool NamesCluster(PSObject value) =>
        value.Properties["Context"]?.Value is not null || value.Properties["Kubeconfig"]?.Value is not null;

    private static bool IsTextOrNumber(object value)
    {
        object plain = (value as PSObject)?.BaseObject ?? value;
        return plain is string || OriginalText.IsNumber(plain);
    }

    /// <summary>PowerShell keeps the text of a literal only where the number by itself would be written in another way.</summary>
    private static string TextOfNumber(object value, object number)
    {
        string digits = Convert.ToString(number, CultureInfo.InvariantCulture)!;
        string text = value is PSObject ? value.ToString()! : digits;
        return text != digits || (number is int or long && BootstrapTokenText.IsId(digits.AsSpan()))
            ? text
            : throw new ArgumentTransformationMetadataException(
                "PowerShell has read this id as a number, and how it was written is lost. Put the id in quotes: -Id '001234'.");
    }

    private static string Shorten(string text)
    {
        if (BootstrapTokenText.TryGetId(text.AsSpan(), out string? id))
        {
            return id;
        }

        return IsPattern(text) || text.Length <= 6 ? text : text.Substring(0, 6) + Rest;
    }

    /// <summary>A pattern of an id has no dot: what has one may be a token with its secret.</summary>
    private static bool IsPattern(string text) =>
        WildcardPattern.ContainsWildcardCharacters(text) && text.IndexOf('.') < 0 && text.IndexOf(':') < 0;
}
