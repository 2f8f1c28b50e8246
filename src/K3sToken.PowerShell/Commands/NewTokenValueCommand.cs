using System.Management.Automation;
using System.Security;
using K3sToken.Tokens;

namespace K3sToken.PowerShell.Commands;

/// <summary>What a new value is for.</summary>
public enum TokenValueKind
{
    /// <summary>A bootstrap token, <c>id.secret</c>.</summary>
    Bootstrap,

    /// <summary>The password of a server or agent token.</summary>
    Server,
}

/// <summary>Makes values for new tokens, offline.</summary>
[Cmdlet(VerbsCommon.New, "K3sTokenValue")]
[OutputType(typeof(SecureString), typeof(string))]
public sealed class NewTokenValueCommand : PSCmdlet
{
    /// <summary>What the value is for.</summary>
    [Parameter(Position = 0)]
    public TokenValueKind Kind { get; set; } = TokenValueKind.Bootstrap;

    /// <summary>How many.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <summary>Writes strings in place of SecureStrings.</summary>
    [Parameter]
    public SwitchParameter AsPlainText { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        for (int i = 0; i < Count && !Stopping; i++)
        {
            using Secret value = Kind == TokenValueKind.Bootstrap ? NewBootstrapValue() : RandomText.ServerPassword();
            WriteObject(value.ToOutput(AsPlainText));
        }
    }

    private static Secret NewBootstrapValue()
    {
        using Secret secret = RandomText.BootstrapSecret();
        return BootstrapTokenText.Format(RandomText.BootstrapId(), secret);
    }
}
