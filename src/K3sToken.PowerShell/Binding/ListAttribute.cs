using System;
using System.Collections;
using System.Linq;
using System.Management.Automation;

namespace K3sToken.PowerShell.Binding;

/// <summary>Takes <c>'a,b'</c> for <c>'a','b'</c>: a cell of a CSV file holds a list so. No name in these lists can have a comma.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ListAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? value = (inputData as PSObject)?.BaseObject ?? inputData;
        if (value is null or "")
        {
            return null;
        }

        IEnumerable entries = value is IEnumerable list and not string ? list : new[] { value };
        return entries.Cast<object?>()
            .SelectMany(entry => (entry?.ToString() ?? "").Split(','))
            .Select(name => name.Trim())
            .Where(name => name.Length > 0)
            .ToArray();
    }
}
