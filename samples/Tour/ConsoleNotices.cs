using System;
using K3sToken.Kubernetes;

namespace K3sToken.Tour;

/// <summary>Where the tour without PowerShell speaks.</summary>
internal sealed class ConsoleNotices : INotices
{
    public static void Say(string step) => Console.WriteLine($"{Environment.NewLine}{step}:");

    public void Warn(string message) => Console.WriteLine($"Warning: {message}");

    public void Verbose(string message)
    {
    }
}
