using System.Collections.Concurrent;
using K3sToken.Kubernetes;

namespace K3sToken.Tests.Kubernetes;

/// <summary>Keeps what Core says.</summary>
internal sealed class TestNotices : INotices
{
    public ConcurrentQueue<string> Warnings { get; } = new();

    public ConcurrentQueue<string> VerboseTexts { get; } = new();

    public void Warn(string message) => Warnings.Enqueue(message);

    public void Verbose(string message) => VerboseTexts.Enqueue(message);
}
