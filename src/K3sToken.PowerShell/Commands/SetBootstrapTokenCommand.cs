using System;
using System.Linq;
using System.Management.Automation;
using System.Threading.Tasks;
using K3sToken.Bootstrap;
using K3sToken.Kubernetes;
using K3sToken.PowerShell.Binding;
using K3sToken.PowerShell.Completers;

namespace K3sToken.PowerShell.Commands;

/// <summary>Changes bootstrap tokens: what is named, and nothing else.</summary>
[Cmdlet(VerbsCommon.Set, "K3sBootstrapToken", SupportsShouldProcess = true)]
[OutputType(typeof(BootstrapToken))]
public sealed class SetBootstrapTokenCommand : ExistingTokenCommand
{
    private static readonly string[] Changeable = [nameof(Description), nameof(Groups), nameof(Usages), nameof(TimeToLive), nameof(ExpiresOn)];

    private BootstrapTokenChange _change = new();

    /// <summary>The new description; an empty text takes it away.</summary>
    [Parameter]
    [ValidateNotNull]
    public string? Description { get; set; }

    /// <summary>The groups in place of those it has; an empty list takes all away.</summary>
    [Parameter]
    [ValidateNotNull]
    [List]
    [ArgumentCompleter(typeof(GroupCompleter))]
    public string[]? Groups { get; set; }

    /// <summary>The usages in place of those it has.</summary>
    [Parameter]
    [ValidateNotNull]
    [List]
    [ArgumentCompleter(typeof(UsageCompleter))]
    public string[]? Usages { get; set; }

    /// <summary>How long it is to live from now on; 0 for ever.</summary>
    [Parameter]
    [Alias("Ttl")]
    [Duration(ZeroAllowed = true)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? TimeToLive { get; set; }

    /// <summary>The moment it is to expire.</summary>
    [Parameter]
    public DateTime? ExpiresOn { get; set; }

    private protected override string Verb => "Set";

    private protected override string Operation => $"{Verb} {string.Join(", ", Changeable.Where(MyInvocation.BoundParameters.ContainsKey))}";

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _change = new BootstrapTokenChange
        {
            Description = Description,
            Groups = Groups,
            Usages = Usages,
            Lifetime = LifetimeOf(TimeToLive, ExpiresOn),
        };
        if (_change == new BootstrapTokenChange())
        {
            ThrowTerminatingError(new ErrorRecord(
                new PSArgumentException("No change was named. Name one with -Description, -Groups, -Usages, -TimeToLive or -ExpiresOn."),
                "NothingToChange",
                ErrorCategory.InvalidArgument,
                targetObject: null));
        }
    }

    private protected override void CheckRequest() => _change.Check();

    private protected override async Task<Outcome> ActAsync(BootstrapTokenStore store, TokenTarget target)
    {
        using SecretResource changed = await store.ChangeAsync(target.SecretName, _change, Cancellation).ConfigureAwait(false);
        BootstrapToken token = store.Read(changed);
        return new(() => WriteResult(token), $"{token.Id} changed");
    }
}
