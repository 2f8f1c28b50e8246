using System;
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
