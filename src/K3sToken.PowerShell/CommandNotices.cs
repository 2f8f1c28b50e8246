using System.Collections.Concurrent;
using System.Management.Automation;
using K3sToken.Kubernetes;
using K3sToken.Tokens;

namespace K3sToken.PowerShell;

/// <summary>Keeps what Core has to say until the pipeline's thread can write it.</summary>
internal sealed class CommandNotices : INotices
{
    private readonly ConcurrentQueue<(bool Warning, string Message)> _waiting = new();

    private readonly ConcurrentDictionary<string, bool> _warnings = [];

    /// <summary>True if there is something to say.</summary>
    public bool Any => !_waiting.IsEmpty;

    /// <summary>A warning is given once: several contexts of a command may share what it is about.</summary>
    public void Warn(string message)
    {
        if (_warnings.TryAdd(message, true))
        {
            _waiting.Enqueue((true, ConsoleText.Of(message)));
        }
    }

    public void Verbose(string message) => _waiting.Enqueue((false, ConsoleText.Of(message)));

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
