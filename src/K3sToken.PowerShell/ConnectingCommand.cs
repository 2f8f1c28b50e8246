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
        try
        {
            EndEarly();
        }
        finally
        {
            _stop.Cancel();
            _stop.Dispose();
            GC.SuppressFinalize(this);
        }
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Ctrl+C came when the command had just ended.
        }
    }

    /// <summary>Called at the end, however it came: also where the pipeline ended early, and nothing can be written to it any more.</summary>
    private protected virtual void EndEarly()
    {
    }

    /// <summary>What becomes of a record of a stream, by what the person or the caller's preference says.</summary>
    /// <param name="stream">Error, Warning or Verbose.</param>
    private protected ActionPreference PreferenceFor(string stream)
    {
        Dictionary<string, object> typed = MyInvocation.BoundParameters;
        if (stream == "Verbose" && typed.ContainsKey(stream))
        {
            return ActionPreference.Continue;
        }

        object? preference = typed.TryGetValue($"{stream}Action", out object? bound)
            ? bound
            : GetVariableValue(stream == "Error" ? "ErrorActionPreference" : $"{stream}Preference");
        return LanguagePrimitives.TryConvertTo(preference, out ActionPreference action) ? action : ActionPreference.Continue;
    }

    /// <summary>Whether a record of a stream ends the command, or may do so once the person was asked.</summary>
    /// <inheritdoc cref="PreferenceFor"/>
    private protected bool EndsCommand(string stream) => PreferenceFor(stream) is ActionPreference.Stop or ActionPreference.Inquire;

    /// <summary>The result of work that runs elsewhere. Meanwhile, and after, what it has to say is written.</summary>
    internal T Wait<T>(Task<T> work)
    {
        try
        {
            return WaitQuietly(work);
        }
        finally
        {
            Notices.WriteTo(this);
        }
    }

    /// <summary>The result of work that runs elsewhere, and nothing of what it has to say.</summary>
    private protected T WaitQuietly<T>(Task<T> work)
    {
        try
        {
            return work.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (Stopping)
        {
            throw new PipelineStoppedException();
        }
    }
}
