using System;
using System.Management.Automation;
using System.Security;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using K3sToken.PowerShell.Binding;
using K3sToken.PowerShell.Completers;
using K3sToken.Supervisor;
using K3sToken.Tokens;

namespace K3sToken.PowerShell.Commands;

/// <summary>Changes the server token of a cluster. What can be known before is looked at first, and afterwards what came of it.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "K3sTokenRotation", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(TokenRotation))]
public sealed class InvokeTokenRotationCommand : SupervisorCommand
{
    private const string Caption = "Rotate the server token";

    /// <summary>Every server of the cluster, each by its own address; the first gets the change. Default: $env:K3S_URL, else the one on this
    /// machine.</summary>
    [Parameter(
        Position = 0,
        ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ServerCompleter))]
    public string[]? Server { get; set; }

    /// <summary>The current server token. Default: $env:K3S_TOKEN, else the token file in -DataDir.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ShortToken")]
    [SecretText]
    public SecureString? Token { get; set; }

    /// <summary>The new value. Default: a random one.</summary>
    [Parameter]
    [SecretText]
    public SecureString? NewToken { get; set; }

    /// <summary>The data directory of the first server, where it is on this machine.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DataDir { get; set; }

    /// <summary>A kubeconfig of the cluster, to ask which nodes must be restarted.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Kubeconfig { get; set; }

    /// <summary>Its context. Default: the current one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Context { get; set; }

    /// <summary>A PEM file to trust in place of this machine's CAs and of what the server says.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CACertificate { get; set; }

    /// <summary>Writes the tokens as strings in place of SecureStrings.</summary>
    [Parameter]
    public SwitchParameter AsPlainText { get; set; }

    /// <summary>Goes on without a verified CA, and without servers other than the first that cannot be reached. It does not answer the
    /// question.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SupervisorAccess access = Access(CACertificate);
        if (AddressesOf(Server) is not Uri[] servers)
        {
            return;
        }

        string target = ApiErrors.Text(servers[0]);
        try
        {
            IKubernetesApi? api = OpenApi();
            (RotationTokens read, string? dataDir) = ReadTokens();
            using RotationTokens tokens = read;
            using Rotation rotation = Wait(Task.Run(() =>
                Rotation.PrepareAsync(servers, tokens, access, Force, dataDir, Cancellation)));
            Wait(Task.Run(() => rotation.FindNodesAsync(api, Cancellation)));
            foreach (string warning in rotation.Warnings)
            {
                WriteWarning(warning);
            }

            Rotate(rotation, target);
        }
        catch (K3sTokenException e)
        {
            Report(e, e.Server ?? target);
        }
    }

    private void Rotate(Rotation rotation, string target)
    {
        string question = $"{rotation.Preview}{Environment.NewLine}Once it is sent, Ctrl+C does not take it back and only keeps PowerShell from "
            + "showing the new token: "
            + (NewToken is null
                ? "pass -NewToken $variable to have the value in any case, or read the server's token file afterwards."
                : "it is the one that you gave with -NewToken.");
        if (!ShouldProcess(rotation.Preview, question, Caption))
        {
            return;
        }

        if (NewToken is null && EndsCommand("Warning"))
        {
            throw new K3sTokenException(
                ErrorId.RotationRejected,
                "Warnings end commands here, or may (-WarningAction or $WarningPreference is Stop or Inquire), and one that comes after the "
                    + "change would keep the new token from you. Nothing was changed. Give the new value with -NewToken, or let warnings be written.");
        }

        (TokenRotation result, K3sTokenException? problem) = Wait(Task.Run(() => rotation.RunAsync(AsPlainText, Cancellation)));
        WriteObject(result);
        if (problem is null)
        {
            return;
        }

        // Under -ErrorAction Stop an error takes the object from the variable that it is assigned to, and the new token with it.
        if (result.State == TokenRotationState.Rejected)
        {
            Report(problem, target);
        }
        else
        {
            WriteWarning(problem.Message);
        }
    }

    private (RotationTokens Tokens, string? DataDir) ReadTokens()
    {
        using Secret? @new = NewToken is null ? null : new Secret(NewToken);
        string? dataDir = DataDir is null ? null : PathOf(DataDir);
        if (Token is not null)
        {
            using Secret given = new(Token);
            return (RotationTokens.Read(given.Reveal(), @new), dataDir);
        }

        if (Environment.GetEnvironmentVariable("K3S_TOKEN") is { Length: > 0 } text)
        {
            return (RotationTokens.Read(text.AsSpan(), @new), dataDir);
        }

        dataDir ??= ServerTokenFile.DefaultDataDir is { } usual ? PathOf(usual) : throw new K3sTokenException(
            ErrorId.TokenNotFound, "There is no current token to rotate. Give it with -Token, in $env:K3S_TOKEN, or as a data directory with -DataDir.");
        ServerToken file = ServerTokenFile.Read(dataDir, NodeRole.Server, asPlainText: false);
        if (ExposedFile.Warning("token file", file.LinkTarget ?? file.Path) is { } warning)
        {
            Notices.Warn(warning);
        }

        using Secret current = new((SecureString)file.Token);
        file.Zero();
        return (RotationTokens.Read(current.Reveal(), @new), dataDir);
    }

    private IKubernetesApi? OpenApi()
    {
        if (Kubeconfig is null && Context is null)
        {
            return null;
        }

        try
        {
            string here = SessionState.Path.CurrentFileSystemLocation.ProviderPath;
            Kubeconfig kubeconfig = Kubernetes.Kubeconfig.Open(Kubeconfig, here, KubeconfigPlaces.OfThisMachine, ModuleAssembly.Yaml);
            return ClusterConnections.Session.Open(kubeconfig.Resolve(Context), Notices, TimeSpan.FromSeconds(TimeoutSec));
        }
        catch (K3sTokenException e)
        {
            ThrowTerminatingError(e.ToRecord(Context ?? Kubeconfig));
            throw;
        }
    }
}
