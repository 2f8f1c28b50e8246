using System;
using System.Management.Automation;
using System.Security;
using K3sToken.Tokens;

namespace K3sToken.PowerShell.Binding;

/// <summary>Turns every textual value into a SecureString. Its errors never repeat the value.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretTextAttribute : ArgumentTransformationAttribute
{
    /// <summary>
    /// Whether the parameter takes pipeline input by value, too. An object then fails to bind by its value, and not the whole command: its
    /// property may bind.
    /// </summary>
    public bool FromPipeline { get; set; }

    /// <summary>Without this PowerShell would bind $null as if the parameter had not been given.</summary>
    public override bool TransformNullOptionalParameters => true;

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? value = (inputData as PSObject)?.BaseObject ?? inputData;
        if (value is SecureString secure)
        {
            return secure.Length > 0 ? secure : throw Refused("The value is empty.");
        }

        if (OriginalText.IsLost(inputData))
        {
            throw Refused("PowerShell has read the value as a number, and how it was written is lost. Put it in quotes.");
        }

        return OriginalText.Of(inputData) switch
        {
            { Length: > 0 } text => Protect(text),
            "" => throw Refused("The value is empty."),
            _ when FromPipeline && value is not null => NoText.Instance,
            _ => throw Refused("The value is null, or neither a text nor a SecureString. Is the variable set?"),
        };
    }

    private static SecureString Protect(string text)
    {
        using Secret secret = new(text.AsSpan());
        return secret.ToSecureString();
    }

    private static ArgumentTransformationMetadataException Refused(string message) => new(message);

    /// <summary>What no conversion makes a SecureString of, and what PowerShell's error can quote without harm.</summary>
    private sealed class NoText
    {
        public static NoText Instance { get; } = new();

        public override string ToString() => "(neither a text nor a SecureString)";
    }
}
