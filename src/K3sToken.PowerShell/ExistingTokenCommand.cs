using System.Collections.Generic;
using System.Management.Automation;
using System.Threading.Tasks;
using K3sToken.Bootstrap;
using K3sToken.PowerShell.Binding;
using K3sToken.PowerShell.Completers;

namespace K3sToken.PowerShell;

/// <summary>What Set- and Remove- share: which tokens on which cluster, asking first, and several requests under way.</summary>
public abstract class ExistingTokenCommand : KubernetesCommand
{
    /// <summary>The ids; a whole token is cut down to its id.</summary>
    [Parameter(
        Mandatory = true,
        Position = 0,
        ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true)]
    [TokenId(ClusterMatters = true)]
    [ArgumentCompleter(typeof(IdCompleter))]
    public string[] Id { get; set; } = [];

    /// <summary>The kubeconfig's path, or a list of paths.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Kubeconfig { get; set; }

    /// <summary>The context. Default: the current one.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Context { get; set; }

    /// <summary>Writes each token that was dealt with.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>What came down the pipeline: it tells the Secret and the server that a listing saw.</summary>
    [Parameter(
        ValueFromPipeline = true,
        DontShow = true)]
    [PipedObject]
    public PSObject? InputObject { get; set; }

    /// <summary>What is done, for questions and progress: one word, such as "Remove".</summary>
    private protected abstract string Verb { get; }

    private protected override string Activity => $"{Verb} bootstrap tokens";

    /// <summary>The same for questions, with what is to change.</summary>
    private protected virtual string Operation => Verb;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        Dictionary<string, object> typed = MyInvocation.BoundParameters;
        if (typed.ContainsKey(nameof(InputObject)) || (MyInvocation.ExpectingInput && typed.ContainsKey(nameof(Id))))
        {
            ThrowAmbiguous("Name the tokens with -Id or pipe them in, not both.");
        }

        RequireText(typed, nameof(Kubeconfig));
        RequireText(typed, nameof(Context));
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string id in Id)
        {
            try
            {
                CheckRequest();
                Start(TargetOf(id));
            }
            catch (K3sTokenException e)
            {
                Report(e, id);
            }
        }
    }

    /// <summary>Checks what is asked for before anybody is asked or anything is sent.</summary>
    /// <exception cref="K3sTokenException">It cannot be done to any token.</exception>
    private protected virtual void CheckRequest()
    {
    }

    /// <summary>Does it, on any thread.</summary>
    /// <returns>What writes the outcome.</returns>
    private protected abstract Task<Outcome> ActAsync(BootstrapTokenStore store, TokenTarget target);

    /// <summary>Writes a token that was dealt with, where that is wanted.</summary>
    private protected void WriteResult(BootstrapToken token)
    {
        if (PassThru)
        {
            WriteObject(token);
        }
    }

    /// <summary>A null from an unset variable must not stand for the default cluster.</summary>
    private void RequireText(Dictionary<string, object> typed, string parameter)
    {
        if (typed.TryGetValue(parameter, out object? value) && value is null or "")
        {
            ThrowTerminatingError(new ErrorRecord(
                new PSArgumentException($"-{parameter} is empty. Is the variable set? Leave the parameter out for the default."),
                "ParameterArgumentValidationError",
                ErrorCategory.InvalidArgument,
                targetObject: null));
        }
    }

    private TokenTarget TargetOf(string id)
    {
        if (TokenTarget.OfPiped(InputObject) is TokenTarget listed)
        {
            return listed;
        }

        if (!TokenIdAttribute.IsOfObject(id))
        {
            return TokenTarget.OfId(id);
        }

        return InputObject is not null
            ? TokenTarget.OfId(TokenIdAttribute.IdOfObject(id))
            : throw new K3sTokenException(
                ErrorId.InvalidTokenFormat,
                $"An object was given to -Id, and of its cluster nothing came along. Pipe it in: $token | {MyInvocation.MyCommand.Name}.");
    }

    private void Start(TokenTarget target)
    {
        BootstrapTokenStore store = Open(Kubeconfig, Context);
        string server = store.Api.Context.ServerText;
        if (target.IsListed && target.Server != server)
        {
            throw new K3sTokenException(
                ErrorId.ConflictingChange,
                $"The token '{target.Id}' was read from {target.Server}, but context '{store.Api.Context.Name}' now leads to {server}. "
                + "List the tokens again.");
        }

        if (ShouldProcess($"bootstrap token '{target.Id}' on {server} (context '{store.Api.Context.Name}')", Operation))
        {
            Window.Add(() => ActAsync(store, target), target.Id);
        }
    }
}
