using System.Management.Automation;
using System.Security;
using K3sToken.PowerShell.Binding;
using K3sToken.Tokens;

namespace K3sToken.PowerShell.Commands;

/// <summary>Takes a join token apart, offline.</summary>
[Cmdlet(VerbsData.ConvertFrom, "K3sToken")]
[OutputType(typeof(JoinToken))]
public sealed class ConvertFromTokenCommand : PSCmdlet
{
    /// <summary>The token, in any form. One line end after it is removed.</summary>
    [Parameter(
        Mandatory = true,
        Position = 0,
        ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true)]
    [Alias("ShortToken")]
    [SecretText(FromPipeline = true)]
    public SecureString Token { get; set; } = null!;

    /// <summary>Writes secrets as strings in place of SecureStrings.</summary>
    [Parameter]
    public SwitchParameter AsPlainText { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        using Secret text = new(Token);
        try
        {
            WriteObject(new JoinToken(text.Reveal(), AsPlainText));
        }
        catch (K3sTokenException e)
        {
            WriteError(e.ToRecord(null));
        }
    }
}
