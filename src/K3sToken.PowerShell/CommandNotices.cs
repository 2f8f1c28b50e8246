using System.Collections.Concurrent;
using System.Management.Automation;
using K3sToken.Kubernetes;

namespace K3sToken.PowerShell;

/// <summary>Keeps what Core has to say until the pipeline's thread can write it.</summary>
internal sealed class CommandNotices : INotices
{
    private readonly ConcurrentQueue<(bool Warning, string Message)> _waiting = new();

    public void Warn(string message) => _waiting.Enqueue((true, message));

    public void Verbose(string message) => _waiting.Enqueue((false, message));

    public void WriteTo(Cmdlet cmdlet)
    {
        while (_waiting.TryDequeue(out (bool Warning, string Message) notice))
        {
            if (notice.Warning)
            {
                cmdlet.WriteWarning(notice.Message);
            }
            else
            {
                cmdlet.WriteVerbose(notice.Message);
            }
        }
    }
}
