using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Security;
using System.Threading.Tasks;
using K3sToken.Bootstrap;
using K3sToken.Kubernetes;
using K3sToken.PowerShell.Binding;
using K3sToken.PowerShell.Completers;
using K3sToken.Tokens;

namespace K3sToken.PowerShell.Commands;

/// <summary>Creates bootstrap tokens. Whatever can fail does so before the first Secret exists.</summary>
[Cmdlet(VerbsCommon.New, "K3sBootstrapToken", SupportsShouldProcess = true, DefaultParameterSetName = TokenSet)]
[OutputType(typeof(IssuedBootstrapToken))]
public sealed class NewBootstrapTokenCommand : KubernetesCommand
{
    private const string TokenSet = "Token";
    private const string CountSet = "Count";

    private readonly Dictionary<BootstrapTokenStore, ClusterCAHash> _hashes = [];

    /// <summary>The token to create, <c>id.secret</c>. Default: a random one.</summary>
    [Parameter(
        Position = 0,
        ValueFromPipelineByPropertyName = true,
        ParameterSetName = TokenSet)]
    [SecretText]
    public SecureString? Token { get; set; }

    /// <summary>How many random tokens to create.</summary>
    [Parameter(
        Mandatory = true,
        ParameterSetName = CountSet)]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <summary>What people are to know about it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    public string? Description { get; set; }

    /// <summary>The groups that its bearer is in. Default: that of K3s' nodes.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [List]
    [ArgumentCompleter(typeof(GroupCompleter))]
    public string[]? Groups { get; set; }

    /// <summary>What it may be used for. Default: authentication and signing.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [List]
    [ArgumentCompleter(typeof(UsageCompleter))]
    public string[]? Usages { get; set; }

    /// <summary>How long it lives; 0 for ever. Default: 24h.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Ttl")]
    [Duration(ZeroAllowed = true)]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? TimeToLive { get; set; }

    /// <summary>The moment it expires.</summary>
    [Parameter]
    public DateTime? ExpiresOn { get; set; }

    /// <summary>The kubeconfig's path, or a list of paths.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Kubeconfig { get; set; }

    /// <summary>The context. Default: the current one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Context { get; set; }

    /// <summary>Writes Token and ShortToken as strings in place of SecureStrings.</summary>
    [Parameter]
    public SwitchParameter AsPlainText { get; set; }

    private protected override string Activity => "Create bootstrap tokens";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        string? target = null;
        NewBootstrapToken? token = null;
        bool started = false;
        if (ParameterSetName == CountSet)
        {
            Window.Expect(Count);
        }

        try
        {
            BootstrapTokenStore store = Open(Kubeconfig, Context);
            target = store.Api.Context.ServerText;
            token = ReadRequest();
            token.Check();
            target = token.Given?.Id ?? target;
            for (int i = 0; i < Count; i++)
            {
                started |= Start(store, token);
            }
        }
        catch (K3sTokenException e)
        {
            Report(e, target);
        }
        finally
        {
            if (!started)
            {
                token?.Given?.Secret.Dispose();
            }
        }
    }

    private NewBootstrapToken ReadRequest() => new()
    {
        Lifetime = LifetimeOf(TimeToLive, ExpiresOn) ?? Lifetime.Default,
        Given = Token is null ? null : ReadToken(Token),
        Description = Description ?? "",
        Groups = Groups ?? BootstrapTokenRules.DefaultGroups,
        Usages = Usages ?? BootstrapTokenRules.Usages,
    };

    private static (string Id, Secret Secret) ReadToken(SecureString text)
    {
        using Secret whole = new(text);
        return BootstrapTokenText.TryParse(whole.Reveal(), out string? id, out Secret? secret)
            ? (id, secret)
            : throw new K3sTokenException(
                ErrorId.InvalidTokenFormat,
                "The value of -Token is not a bootstrap token. Its form is 'id.secret': six characters, a dot and sixteen characters, all of "
                + "them a-z or 0-9. New-K3sTokenValue makes one.");
    }

    /// <summary>Asks, and begins the creation; false where it is not wanted.</summary>
    private bool Start(BootstrapTokenStore store, NewBootstrapToken token)
    {
        ClusterContext cluster = store.Api.Context;
        string which = token.Given is { Id: string id } ? $"bootstrap token '{id}'" : "a bootstrap token";
        if (!ShouldProcess($"{which} on {cluster.ServerText} (context '{cluster.Name}')", "Create"))
        {
            return false;
        }

        ClusterCAHash hash = HashOf(store);
        token.Lifetime.EndsAt(store.Api.Clock.UtcNow);
        Window.Add(() => CreateAsync(store, token, hash), token.Given?.Id ?? cluster.ServerText);
        return true;
    }

    private async Task<Outcome> CreateAsync(BootstrapTokenStore store, NewBootstrapToken token, ClusterCAHash hash)
    {
        try
        {
            using SecretResource created = await store.CreateAsync(token, Cancellation).ConfigureAwait(false);
            IssuedBootstrapToken issued = store.ReadIssued(created, hash.Hash, hash.Source, AsPlainText);
            return new(() => WriteObject(issued), $"{issued.Id} created");
        }
        finally
        {
            token.Given?.Secret.Dispose();
        }
    }

    /// <summary>The CA hash of a cluster, found out once a command; its clock is known then, too.</summary>
    private ClusterCAHash HashOf(BootstrapTokenStore store)
    {
        if (!_hashes.TryGetValue(store, out ClusterCAHash? hash))
        {
            hash = Wait(Task.Run(() => ClusterCAHash.FindAsync(store.Api, Cancellation)));
            if (hash.Warning is not null)
            {
                WriteWarning(hash.Warning);
            }

            Wait(Task.Run(() => store.LearnTimeAsync(Cancellation)));
            _hashes.Add(store, hash);
        }

        return hash;
    }
}
