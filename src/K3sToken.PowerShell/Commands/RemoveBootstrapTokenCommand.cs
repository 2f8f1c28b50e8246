using System.Management.Automation;
using System.Threading.Tasks;
using K3sToken.Bootstrap;
using K3sToken.Kubernetes;

namespace K3sToken.PowerShell.Commands;

/// <summary>Removes bootstrap tokens.</summary>
[Cmdlet(VerbsCommon.Remove, "K3sBootstrapToken", SupportsShouldProcess = true)]
[OutputType(typeof(BootstrapToken))]
public sealed class RemoveBootstrapTokenCommand : ExistingTokenCommand
{
    private protected override string Verb => "Remove";

    private protected override async Task<Outcome> ActAsync(BootstrapTokenStore store, TokenTarget target)
    {
        // What no listing found may be a Secret of another type: it is read first, and removed only if it is a bootstrap token's.
        if (PassThru || !target.IsListed || !target.HasUsualName)
        {
            using SecretResource? taken = await store.TakeAsync(target.SecretName, Cancellation).ConfigureAwait(false);
            BootstrapToken? token = taken is null ? null : store.Read(taken);
            return token is null ? NotFound(store, target) : new(() => WriteResult(token), $"{target.Id} removed");
        }

        bool removed = await store.RemoveAsync(target.SecretName, uid: null, Cancellation).ConfigureAwait(false);
        return removed
            ? new(() => Notices.Verbose($"Removed bootstrap token '{target.Id}'."), $"{target.Id} removed")
            : NotFound(store, target);
    }

    private Outcome NotFound(BootstrapTokenStore store, TokenTarget target) =>
        new(() => WriteNotFound(store, target), target.IsListed ? null : $"{target.Id} not found");

    private void WriteNotFound(BootstrapTokenStore store, TokenTarget target)
    {
        if (target.IsListed)
        {
            Notices.Verbose($"Bootstrap token '{target.Id}' was gone already.");
        }
        else
        {
            Report(BootstrapTokenStore.NotFound(target.Id, [store]), target.Id);
        }
    }
}
