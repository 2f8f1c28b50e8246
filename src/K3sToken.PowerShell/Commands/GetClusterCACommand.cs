using System;
using System.Linq;
using System.Management.Automation;
using System.Threading.Tasks;
using K3sToken.PowerShell.Completers;
using K3sToken.Supervisor;

namespace K3sToken.PowerShell.Commands;

/// <summary>Gets the CA of a cluster and its hash, from a server or from files.</summary>
[Cmdlet(VerbsCommon.Get, "K3sClusterCA", DefaultParameterSetName = ServerSet)]
[OutputType(typeof(ClusterCA))]
public sealed class GetClusterCACommand : SupervisorCommand
{
    private const string ServerSet = "Server";
    private const string PathSet = "Path";

    /// <summary>The servers to ask. Default: $env:K3S_URL, else the one on this machine.</summary>
    [Parameter(
        Position = 0,
        ValueFromPipelineByPropertyName = true,
        ParameterSetName = ServerSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ServerCompleter))]
    public string[]? Server { get; set; }

    /// <summary>A PEM file to trust in place of this machine's CAs and of what the server says.</summary>
    [Parameter(ParameterSetName = ServerSet)]
    [ValidateNotNullOrEmpty]
    public string? CACertificate { get; set; }

    /// <summary>Files of CAs to read in place of asking a server; wildcards are allowed.</summary>
    [Parameter(
        Mandatory = true,
        ValueFromPipelineByPropertyName = true,
        ParameterSetName = PathSet)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string path in Path ?? [])
        {
            ReadFiles(path);
        }

        if (Path is null)
        {
            SupervisorAccess access = Access(CACertificate);
            foreach (Uri server in (Server ?? [SupervisorAddress.Default]).Select(AddressOf).OfType<Uri>())
            {
                Write(() => Ask(server, access), server.GetLeftPart(UriPartial.Authority));
            }
        }
    }

    private ClusterCA Ask(Uri server, SupervisorAccess access) =>
        Wait(Task.Run(() => ClusterCAServer.AskAsync(server, access, caHash: "", Cancellation)));

    private void ReadFiles(string path)
    {
        try
        {
            foreach (string file in SessionState.Path.GetResolvedProviderPathFromPSPath(path, out _))
            {
                Write(() => ClusterCA.Of(CAFile.ReadBytes(file), file), file);
            }
        }
        catch (SessionStateException e)
        {
            WriteError(e.ErrorRecord);
        }
    }

    private void Write(Func<ClusterCA> get, string source)
    {
        try
        {
            WriteObject(get());
        }
        catch (K3sTokenException e)
        {
            Report(e, source);
        }
    }
}
