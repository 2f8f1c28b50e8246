using System;
using System.Management.Automation;
using System.Security;
using System.Threading.Tasks;
using K3sToken.PowerShell.Binding;
using K3sToken.PowerShell.Completers;
using K3sToken.Supervisor;
using K3sToken.Tokens;

namespace K3sToken.PowerShell.Commands;

/// <summary>Makes the secure form of a join token, which names the cluster's CA.</summary>
[Cmdlet(VerbsData.ConvertTo, "K3sToken", DefaultParameterSetName = ServerSet)]
[OutputType(typeof(SecureString), typeof(string))]
public sealed class ConvertToTokenCommand : SupervisorCommand
{
    private const string ServerSet = "Server";
    private const string CertificateSet = "CACertificate";

    /// <summary>The token, in any form.</summary>
    [Parameter(
        Mandatory = true,
        Position = 0,
        ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true)]
    [Alias("ShortToken")]
    [SecretText(FromPipeline = true)]
    public SecureString Token { get; set; } = null!;

    /// <summary>A server of the cluster. Default: $env:K3S_URL, else the one on this machine.</summary>
    [Parameter(
        ValueFromPipelineByPropertyName = true,
        ParameterSetName = ServerSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ServerCompleter))]
    public string? Server { get; set; }

    /// <summary>The cluster's CA bundle, a PEM file; no server is asked.</summary>
    [Parameter(
        Mandatory = true,
        ParameterSetName = CertificateSet)]
    [ValidateNotNullOrEmpty]
    public string? CACertificate { get; set; }

    /// <summary>The user name before a password. Default: the token's own, or server where it has none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UserName { get; set; }

    /// <summary>Writes strings in place of SecureStrings.</summary>
    [Parameter]
    public SwitchParameter AsPlainText { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        Uri? server = null;
        using Secret text = new(Token);
        try
        {
            using JoinTokenText token = IntactToken.Parse(text.Reveal());
            server = CACertificate is null ? SupervisorAddress.Parse(Server ?? SupervisorAddress.Default) : null;
            ClusterCA ca = server is null ? ReadFile(PathOf(CACertificate!)) : Ask(server, token);
            using Secret secure = SecureTokenForm.Of(token, ca.Hash, UserName, ca.Server ?? CACertificate!);
            WriteObject(secure.ToOutput(AsPlainText));
        }
        catch (K3sTokenException e)
        {
            Report(e, server?.GetLeftPart(UriPartial.Authority) ?? CACertificate);
        }
    }

    private static ClusterCA ReadFile(string path) => ClusterCA.Of(CAFile.ReadBytes(path), path);

    private ClusterCA Ask(Uri server, JoinTokenText token)
    {
        ClusterCA ca = Wait(Task.Run(() => ClusterCAServer.AskAsync(server, Access(null), token.CAHash, Cancellation)));
        if (!ca.TrustedByHost && token.CAHash.Length == 0)
        {
            WriteWarning(
                $"The CA hash was taken on trust from {ca.Server}, which this machine does not know. Compare it with the token file on the "
                    + "server before you use the token.");
        }

        return ca;
    }
}
