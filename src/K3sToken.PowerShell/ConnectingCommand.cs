using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

namespace K3sToken.PowerShell;

/// <summary>What the cmdlets that connect to servers share: waiting for them, and stopping.</summary>
public abstract class ConnectingCommand : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Cancelled by Ctrl+C, and by a pipeline that needs no more.</summary>
    protected CancellationToken Cancellation => _stop.Token;

    /// <summary>What Core has to say.</summary>
    private protected CommandNotices Notices { get; } = new();

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stop.Cancel();

    /// <summary>Whether a record of a stream ends the command, because the person or the caller's preference says Stop.</summary>
    /// <param name="stream">Error or Warning.</param>
    private protected bool EndsCommand(string stream)
    {
        Dictionary<string, object> typed = MyInvocation.BoundParameters;
        object? preference = typed.TryGetValue($"{stream}Action", out object? bound)
            ? bound
            : GetVariableValue(stream == "Error" ? "ErrorActionPreference" : $"{stream}Preference");
        return LanguagePrimitives.TryConvertTo(preference, out ActionPreference action) && action == ActionPreference.Stop;
    }

    /// <summary>The result of work that runs elsewhere. Meanwhile, and after, what it has to say is written.</summary>
    internal T Wait<T>(Task<T> work)
    {
        try
        {
            return work.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (Stopping)
        {
            throw new PipelineStoppedException();
        }
        finally
        {
            Notices.WriteTo(this);
        }
    }
}
