using System;
using System.Linq;
using System.Management.Automation;
using System.Security;
using System.Threading.Tasks;
using K3sToken.PowerShell.Binding;
using K3sToken.PowerShell.Completers;
using K3sToken.Supervisor;
using K3sToken.Tokens;

namespace K3sToken.PowerShell.Commands;

/// <summary>Says whether nodes can join servers with a token. Nothing is changed, and the token is shown to verified servers
/// only.</summary>
[Cmdlet(VerbsDiagnostic.Test, "K3sToken")]
[OutputType(typeof(TokenTestResult), typeof(bool))]
public sealed class TestTokenCommand : SupervisorCommand
{
    private SupervisorAccess? _access;

    /// <summary>The token, in any form.</summary>
    [Parameter(
        Mandatory = true,
        Position = 0,
        ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true)]
    [Alias("ShortToken")]
    [SecretText(FromPipeline = true)]
    public SecureString Token { get; set; } = null!;

    /// <summary>The servers to try it on. Default: $env:K3S_URL, else the one on this machine.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ServerCompleter))]
    public string[]? Server { get; set; }

    /// <summary>What the node is to join as. Default: whatever the token is good for.</summary>
    [Parameter]
    public NodeRole? Role { get; set; }

    /// <summary>A PEM file to trust in place of this machine's CAs and of what the server says.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CACertificate { get; set; }

    /// <summary>Writes one True or False a token: True if every server accepted it.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => _access = Access(CACertificate);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        bool accepted = false;
        using Secret text = new(Token);
        try
        {
            using JoinTokenText token = IntactToken.Parse(text.Reveal());
            accepted = TestServers(token);
        }
        catch (K3sTokenException e)
        {
            Report(e, null);
        }

        if (Quiet)
        {
            WriteObject(accepted);
        }
    }

    private bool TestServers(JoinTokenText token)
    {
        Uri?[] servers = Array.ConvertAll(Server ?? [SupervisorAddress.Default], AddressOf);
        Task<TokenTestResult>[] tests =
            [.. servers.OfType<Uri>().Select(server => Task.Run(() => TokenTest.RunAsync(token, server, Role, _access!, Cancellation)))];
        bool accepted = tests.Length == servers.Length;
        foreach (Task<TokenTestResult> test in tests)
        {
            accepted &= WriteOne(Wait(test));
        }

        return accepted;
    }

    private bool WriteOne(TokenTestResult result)
    {
        if (!Quiet)
        {
            WriteObject(result);
        }
        else if (result.NoVerdict is { } error)
        {
            Report(error, result.Server);
        }

        return result.Succeeded;
    }
}
