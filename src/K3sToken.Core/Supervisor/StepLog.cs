using System.Collections.Generic;
using System.Linq;

namespace K3sToken.Supervisor;

/// <summary>What became of each of the steps, taken down in their order.</summary>
internal sealed class StepLog
{
    private static readonly string[] Names = ["Download", "Hash", "Chain", "HostName", "Credentials"];

    private readonly List<TlsBootstrapStep> _taken = [];

    /// <summary>The next step is done.</summary>
    public void Pass(string detail) => Add(true, detail);

    /// <summary>The next step went wrong; there is none after it.</summary>
    public void Fail(string detail) => Add(false, detail);

    /// <summary>All five; those that were not reached say so.</summary>
    public TlsBootstrapStep[] ToArray() =>
        [.. _taken, .. Names.Skip(_taken.Count).Select(name => new TlsBootstrapStep(name, false, "Not reached."))];

    private void Add(bool succeeded, string detail) => _taken.Add(new TlsBootstrapStep(Names[_taken.Count], succeeded, detail));
}
