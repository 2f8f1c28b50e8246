using System;
using System.Collections;
using System.Management.Automation;
using K3sToken.Tokens;

namespace K3sToken.PowerShell.Binding;

/// <summary>Takes a TimeSpan, its text, or Go's form (<c>30s</c>, <c>24h</c>, <c>1h30m</c>, <c>7d</c>).</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DurationAttribute : ArgumentTransformationAttribute
{
    /// <summary>Whether <c>0</c> means something, namely for ever.</summary>
    public bool ZeroAllowed { get; set; }

    /// <summary>Without this PowerShell would bind $null as if the parameter had not been given.</summary>
    public override bool TransformNullOptionalParameters => true;

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? value = (inputData as PSObject)?.BaseObject ?? inputData;
        try
        {
            return value switch
            {
                // The zero of a token that has expired must not become the 0 of one that never does.
                TimeSpan span => Duration.Check(span, zeroAllowed: false),
                _ when OriginalText.Of(inputData) is string text => Parse(text, OriginalText.IsLost(inputData)),
                null => throw new FormatException("The duration is null. Is the variable set?"),
                IList => throw new FormatException("That is a list, not one duration. Write 1.5h with a point: a comma makes a list."),
                // PowerShell would leave out without a word what it cannot convert: a TimeSpan that went through JSON, which is an object.
                _ => throw new FormatException($"An object of the type {value.GetType().Name} is no duration. Write one such as 30s, 24h or 7d."),
            };
        }
        catch (FormatException e)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }

    private TimeSpan Parse(string text, bool unitMayBeLost)
    {
        try
        {
            return Duration.Parse(text, ZeroAllowed);
        }
        catch (FormatException e) when (unitMayBeLost)
        {
            throw new FormatException($"{e.Message} PowerShell reads 7d and 30s as numbers: in a variable, put them in quotes.", e);
        }
    }
}
