using System;
using System.Management.Automation;
using System.Security;
using K3sToken.PowerShell.Binding;
using K3sToken.PowerShell.Completers;
using K3sToken.Supervisor;
using K3sToken.Tokens;

namespace K3sToken.PowerShell.Commands;

/// <summary>Writes what a node is to run or read to join a cluster. Its output holds the token as plain text.</summary>
[Cmdlet(VerbsCommon.New, "K3sJoinCommand")]
[OutputType(typeof(string))]
public sealed class NewJoinCommandCommand : PSCmdlet
{
    /// <summary>The token to join with.</summary>
    [Parameter(
        Mandatory = true,
        Position = 0,
        ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true)]
    [Alias("ShortToken")]
    [SecretText(FromPipeline = true)]
    public SecureString Token { get; set; } = null!;

    /// <summary>The server to join, as the node reaches it.</summary>
    [Parameter(
        Mandatory = true,
        ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(JoinServerCompleter))]
    public string Server { get; set; } = null!;

    /// <summary>What the node joins as.</summary>
    [Parameter]
    public NodeRole Role { get; set; } = NodeRole.Agent;

    /// <summary>Who is to run or read it.</summary>
    [Parameter]
    public JoinCommandForm As { get; set; } = JoinCommandForm.Shell;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        Uri? server = null;
        try
        {
            server = JoinCommand.AddressForNodes(Server);
            using Secret text = new(Token);
            using JoinTokenText token = IntactToken.Parse(text.Reveal());
            JoinCommand.RequireRole(token, Role);
            if (token.CAHash.Length == 0)
            {
                WriteWarning(
                    "The token has no CA hash: a node that joins with it trusts the first server it meets. ConvertTo-K3sToken adds the hash.");
            }

            WriteObject(JoinCommand.Write(text, server, Role, As));
        }
        catch (K3sTokenException e)
        {
            WriteError(e.ToRecord(server?.GetLeftPart(UriPartial.Authority)));
        }
    }
}
