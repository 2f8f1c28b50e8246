using System;
using System.Collections;
using System.Management.Automation;

namespace K3sToken.PowerShell.Binding;

/// <summary>
/// Lets nothing but objects through. A text may be a whole token, which no log of bound parameters is to hold; its id binds elsewhere.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PipedObjectAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        ((inputData as PSObject)?.BaseObject ?? inputData) is string or IList ? null : inputData;
}
