using System.Management.Automation;
using K3sToken.Kubernetes;
using K3sToken.Supervisor;

namespace K3sToken.PowerShell.Commands;

/// <summary>Reads the token of a K3s server from its data directory.</summary>
[Cmdlet(VerbsCommon.Get, "K3sServerToken")]
[OutputType(typeof(ServerToken))]
public sealed class GetServerTokenCommand : PSCmdlet
{
    /// <summary>The data directory. Default: $env:K3S_DATA_DIR, else K3s' own default on Linux.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? DataDir { get; set; }

    /// <summary>Whose token: that of servers, or that of agents.</summary>
    [Parameter]
    public NodeRole Kind { get; set; } = NodeRole.Server;

    /// <summary>Writes secrets as strings in place of SecureStrings.</summary>
    [Parameter]
    public SwitchParameter AsPlainText { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if ((DataDir ?? ServerTokenFile.DefaultDataDir) is not string dataDir)
        {
            WriteError(new K3sTokenException(
                ErrorId.TokenNotFound,
                "K3s has no default data directory on this system. Name one with -DataDir, such as a mounted disk or a \\\\wsl$ path.").ToRecord(null));
            return;
        }

        string path = SessionState.Path.GetUnresolvedProviderPathFromPSPath(dataDir);
        try
        {
            ServerToken token = ServerTokenFile.Read(path, Kind, AsPlainText);
            if (ExposedFile.Warning("token file", token.LinkTarget ?? token.Path) is { } warning)
            {
                WriteWarning(warning);
            }

            WriteObject(token);
        }
        catch (K3sTokenException e)
        {
            WriteError(e.ToRecord(path));
        }
    }
}
