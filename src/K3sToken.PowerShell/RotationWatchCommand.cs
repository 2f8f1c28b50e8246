using System;
using System.Management.Automation;
using System.Security;
using System.Threading.Tasks;
using K3sToken.PowerShell.Binding;
using K3sToken.PowerShell.Completers;
using K3sToken.Supervisor;
using K3sToken.Tokens;

namespace K3sToken.PowerShell;

/// <summary>What Get- and Wait-K3sTokenRotation share: the two tokens, and the servers to ask about them.</summary>
public abstract class RotationWatchCommand : SupervisorCommand
{
    /// <summary>The token before the rotation.</summary>
    [Parameter(
        Mandatory = true,
        Position = 0,
        ValueFromPipelineByPropertyName = true)]
    [Alias("ShortToken")]
    [SecretText]
    public SecureString Token { get; set; } = null!;

    /// <summary>The token after it.</summary>
    [Parameter(
        Mandatory = true,
        Position = 1,
        ValueFromPipelineByPropertyName = true)]
    [Alias("NewShortToken")]
    [SecretText]
    public SecureString NewToken { get; set; } = null!;

    /// <summary>Every server, each by its own address. Default: $env:K3S_URL, else the one on this machine.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ServerCompleter))]
    public string[]? Server { get; set; }

    /// <summary>How far the rotation had come, from what Invoke-K3sTokenRotation wrote.</summary>
    [Parameter(
        ValueFromPipelineByPropertyName = true,
        DontShow = true)]
    public TokenRotationState State { get; set; }

    /// <summary>A PEM file to trust in place of this machine's CAs and of what the server says.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CACertificate { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SupervisorAccess access = Access(CACertificate);
        if (AddressesOf(Server) is not Uri[] servers)
        {
            return;
        }

        bool isStored = State is TokenRotationState.PendingRestart or TokenRotationState.Split or TokenRotationState.Rotated;
        try
        {
            using Secret old = new(Token);
            using Secret @new = new(NewToken);
            using RotationTokens tokens = RotationTokens.Read(old.Reveal(), @new);
            using RotationWatch watch = new(servers, tokens, access, isStored);
            Watch(watch);
            foreach (string server in watch.OnTrust)
            {
                WriteWarning($"The CA of {server} was taken on trust: no token has a CA hash, and this machine does not trust the server.");
            }
        }
        catch (K3sTokenException e)
        {
            Report(e, null);
        }
    }

    /// <summary>Looks at the servers, and writes where they stand.</summary>
    private protected abstract void Watch(RotationWatch watch);

    /// <summary>Where each server stands now. Those that cannot be trusted are errors besides.</summary>
    private protected (TokenRotationServer[] Servers, bool AreTrusted) Look(RotationWatch watch)
    {
        (TokenRotationServer[] servers, K3sTokenException[] untrusted) = Wait(Task.Run(() => watch.LookAsync(Cancellation)));
        foreach (K3sTokenException error in untrusted)
        {
            Report(error, null);
        }

        return (servers, untrusted.Length == 0);
    }
}
