using System;
using System.Globalization;
using System.Management.Automation;

namespace K3sToken.PowerShell.Binding;

/// <summary>
/// What a person typed. PowerShell reads <c>7d</c>, <c>001234</c> and <c>123456.1234567890123456</c> as numbers; a literal on the command
/// line keeps its text in the PSObject around it, a number that went through a variable has lost it.
/// </summary>
internal static class OriginalText
{
    /// <summary>The text of a string or number; null for anything else.</summary>
    public static string? Of(object? value) => (value as PSObject)?.BaseObject switch
    {
        null when value is string text => text,
        null when IsNumber(value) => Convert.ToString(value, CultureInfo.InvariantCulture),
        string text => text,
        object inner when IsNumber(inner) => value!.ToString(),
        _ => null,
    };

    /// <summary>True for a number of which nobody knows any more how it was written.</summary>
    public static bool IsLost(object? value) => value is not PSObject && IsNumber(value);

    public static bool IsNumber(object? value) =>
        value is System.Numerics.BigInteger || (value is not null && value is not Enum && Type.GetTypeCode(value.GetType()) is >= TypeCode.SByte and <= TypeCode.Decimal);
}
