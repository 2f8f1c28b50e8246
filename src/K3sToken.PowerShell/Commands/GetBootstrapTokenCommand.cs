using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Bootstrap;
using K3sToken.Kubernetes;
using K3sToken.PowerShell.Binding;
using K3sToken.PowerShell.Completers;
using K3sToken.Tokens;

namespace K3sToken.PowerShell.Commands;

/// <summary>Lists the bootstrap tokens of one cluster or of several.</summary>
[Cmdlet(VerbsCommon.Get, "K3sBootstrapToken")]
[OutputType(typeof(BootstrapToken))]
public sealed class GetBootstrapTokenCommand : KubernetesCommand
{
    private const int MostClustersAtOnce = 8;

    private List<BootstrapTokenStore>? _clusters;

    /// <summary>The ids to look for; wildcards are allowed.</summary>
    [Parameter(
        Position = 0,
        ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [TokenId]
    [ArgumentCompleter(typeof(IdCompleter))]
    public string[]? Id { get; set; }

    /// <summary>Only tokens that expire within this time; neither those that have expired nor those that never do.</summary>
    [Parameter]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? ExpiringWithin { get; set; }

    /// <summary>Adds the property ShortToken, <c>id.secret</c>, as a SecureString.</summary>
    [Parameter]
    public SwitchParameter IncludeSecret { get; set; }

    /// <summary>Adds ShortToken as a string.</summary>
    [Parameter]
    public SwitchParameter AsPlainText { get; set; }

    /// <summary>The kubeconfig's path, or a list of paths.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Kubeconfig { get; set; }

    /// <summary>The contexts to list; wildcards are allowed. Default: the current context.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string[]? Context { get; set; }

    private protected override string Activity => "Get bootstrap tokens";

    private protected override bool Changes => false;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        string[] ids = Array.FindAll(Id ?? ["*"], IsIdOrPattern);
        if (ids.Length == 0)
        {
            return;
        }

        _clusters ??= OpenClusters();
        if (Array.Exists(ids, WildcardPattern.ContainsWildcardCharacters))
        {
            List(_clusters, ids);
        }
        else
        {
            foreach (string id in ids)
            {
                Window.Add(() => FindAsync(_clusters, id), id);
            }
        }
    }

    private bool IsIdOrPattern(string id)
    {
        if (BootstrapTokenText.IsId(id.AsSpan()) || IdFilter.IsPattern(id))
        {
            return true;
        }

        Report(TokenTarget.Malformed(id), id);
        return false;
    }

    private List<BootstrapTokenStore> OpenClusters()
    {
        List<BootstrapTokenStore> clusters = [];
        foreach (string? context in ContextNames())
        {
            try
            {
                clusters.Add(Open(Kubeconfig, context));
            }
            catch (K3sTokenException e)
            {
                Report(e, context);
            }
        }

        return clusters;
    }

    private string?[] ContextNames()
    {
        try
        {
            return Context?.SelectMany(name => MatchContexts(Kubeconfig, name)).Distinct().ToArray() ?? [null];
        }
        catch (K3sTokenException e)
        {
            Report(e, Kubeconfig);
            return [];
        }
    }

    private void List(List<BootstrapTokenStore> clusters, string[] ids)
    {
        IdFilter filter = new(ids);
        int complete = 0;
        Queue<BootstrapTokenListing> started = new();
        try
        {
            for (int i = 0; i < clusters.Count; i++)
            {
                while (started.Count < MostClustersAtOnce && i + started.Count < clusters.Count)
                {
                    started.Enqueue(clusters[i + started.Count].List(Cancellation));
                }

                using BootstrapTokenListing listing = started.Dequeue();
                complete += TryWrite(clusters[i], listing, filter) ? 1 : 0;
            }
        }
        finally
        {
            while (started.Count > 0)
            {
                started.Dequeue().Dispose();
            }
        }

        // A cluster that could not be read has said so; nothing is known of what it holds.
        if (complete == clusters.Count && complete > 0)
        {
            foreach (string id in filter.IdsNotSeen)
            {
                Report(BootstrapTokenStore.NotFound(id, clusters), id);
            }
        }
    }

    private bool TryWrite(BootstrapTokenStore cluster, BootstrapTokenListing listing, IdFilter filter)
    {
        try
        {
            while (Wait(listing.NextPageAsync()) is { } page)
            {
                foreach (SecretResource secret in page)
                {
                    BootstrapToken token = cluster.Read(secret);
                    if (filter.Matches(token.Id))
                    {
                        Write(secret, token);
                    }
                }
            }

            return true;
        }
        catch (K3sTokenException e)
        {
            Report(e, cluster.Api.Context.ServerText);
            return false;
        }
    }

    private async Task<Outcome> FindAsync(List<BootstrapTokenStore> clusters, string id)
    {
        using SemaphoreSlim places = new(MostClustersAtOnce);
        Answer[] answers = await Task.WhenAll(clusters.Select(cluster => AskAsync(cluster, id, places))).ConfigureAwait(false);
        return new(() => Write(answers, id));
    }

    private async Task<Answer> AskAsync(BootstrapTokenStore cluster, string id, SemaphoreSlim places)
    {
        await places.WaitAsync(Cancellation).ConfigureAwait(false);
        try
        {
            return new Answer(cluster, await cluster.FindAsync(BootstrapTokenRules.SecretName(id), Cancellation).ConfigureAwait(false), null);
        }
        catch (K3sTokenException e)
        {
            return new Answer(cluster, null, e);
        }
        finally
        {
            places.Release();
        }
    }

    private void Write(Answer[] answers, string id)
    {
        foreach (Answer answer in answers)
        {
            if (answer.Error is not null)
            {
                Report(answer.Error, id);
            }
            else if (answer.Secret is not null)
            {
                using (answer.Secret)
                {
                    Write(answer.Secret, answer.Cluster.Read(answer.Secret));
                }
            }
        }

        // A cluster that gave no answer has said so; the others may only say that the id is in none of them.
        if (answers.Length > 0 && Array.TrueForAll(answers, answer => answer.Secret is null && answer.Error is null))
        {
            Report(BootstrapTokenStore.NotFound(id, answers.Select(answer => answer.Cluster)), id);
        }
    }

    private void Write(SecretResource secret, BootstrapToken token)
    {
        if (ExpiringWithin is TimeSpan span && (token.Expired || token.NeverExpires || token.TimeToLive > span))
        {
            return;
        }

        PSObject output = new(token);
        if (IncludeSecret || AsPlainText)
        {
            output.Properties.Add(new PSNoteProperty(nameof(IssuedBootstrapToken.ShortToken), BootstrapTokenStore.ReadShortToken(secret, AsPlainText)));
        }

        WriteObject(output);
    }

    private readonly record struct Answer(BootstrapTokenStore Cluster, SecretResource? Secret, K3sTokenException? Error);
}
