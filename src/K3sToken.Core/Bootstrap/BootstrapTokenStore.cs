using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using K3sToken.Tokens;

namespace K3sToken.Bootstrap;

/// <summary>
/// The bootstrap tokens of one cluster. A change whose answer was lost is looked up before anything is sent again, so that what a method
/// returns is what the server holds.
/// </summary>
/// <param name="api">The cluster.</param>
public sealed class BootstrapTokenStore(IKubernetesApi api)
{
    /// <summary>The most tokens of a listing's first page: small, so that the first token is there soon.</summary>
    internal const int FirstPage = 250;

    /// <summary>The most tokens of any page of a listing.</summary>
    internal const int LargestPage = 2000;

    private const int MostTries = 5;

    /// <summary>The cluster.</summary>
    public IKubernetesApi Api => api;

    /// <summary>Starts a listing; its first page is asked for at once.</summary>
    /// <param name="cancellation">Ends the listing.</param>
    public BootstrapTokenListing List(CancellationToken cancellation) => new(api, FirstPage, LargestPage, cancellation);

    /// <summary>The token that a Secret holds, as it stands by the server's clock. What is wrong with it is among its problems.</summary>
    public BootstrapToken Read(SecretResource secret) => BootstrapTokenReader.Read(secret, api.Context, api.Clock.UtcNow);

    /// <summary>The form <c>id.secret</c> for people; null where the Secret makes no token.</summary>
    public static object? ReadShortToken(SecretResource secret, bool asPlainText)
    {
        using JoinTokenText? token = BootstrapTokenReader.ReadToken(secret, caHash: "");
        if (token is null)
        {
            return null;
        }

        using Secret shortForm = BootstrapTokenText.Format(token.Id, token.Secret);
        return shortForm.ToOutput(asPlainText);
    }

    /// <summary>A token that was just created, with what a node needs to join.</summary>
    /// <exception cref="K3sTokenException">What the server answered is not the token that was sent.</exception>
    public IssuedBootstrapToken ReadIssued(SecretResource secret, string caHash, CAHashSource source, bool asPlainText)
    {
        using JoinTokenText token = BootstrapTokenReader.ReadToken(secret, caHash)
            ?? throw NotAsSent(secret.Name);
        using Secret shortForm = BootstrapTokenText.Format(token.Id, token.Secret);
        object shortOutput = shortForm.ToOutput(asPlainText);
        if (caHash.Length == 0)
        {
            return new IssuedBootstrapToken(Read(secret), shortOutput, shortOutput, source);
        }

        using Secret fullForm = token.Format();
        return new IssuedBootstrapToken(Read(secret), fullForm.ToOutput(asPlainText), shortOutput, source);
    }

    /// <summary>The token's Secret; null where there is none of this name, or where it is no bootstrap token's.</summary>
    public async Task<SecretResource?> FindAsync(string secretName, CancellationToken cancellation)
    {
        SecretResource? found = await api.GetSecretAsync(secretName, cancellation).ConfigureAwait(false);
        if (found?.Type == BootstrapTokenRules.SecretType)
        {
            return found;
        }

        found?.Dispose();
        return null;
    }

    /// <summary>The server's time, which is asked for where no answer has told it yet, so that a lifetime counts by its clock.</summary>
    /// <exception cref="K3sTokenException">The server cannot be reached.</exception>
    public async Task<DateTime> LearnTimeAsync(CancellationToken cancellation)
    {
        try
        {
            SecretResource? none = api.Clock.IsKnown
                ? null
                : await api.GetSecretAsync(BootstrapTokenRules.SecretName(""), cancellation).ConfigureAwait(false);
            none?.Dispose();
        }
        catch (K3sTokenException e) when (e.Id == ErrorId.AccessDenied)
        {
            // Who may create Secrets need not be allowed to read them. A refusal has a date, too.
        }

        return api.Clock.UtcNow;
    }

    /// <summary>Creates a token. One whose id is made here gets another id where the first is taken.</summary>
    /// <exception cref="K3sTokenException">The id that was given is taken; or the server refused, or could not be reached.</exception>
    public async Task<SecretResource> CreateAsync(NewBootstrapToken token, CancellationToken cancellation)
    {
        DateTime? expires = token.Lifetime.EndsAt(api.Clock.UtcNow);
        for (int tries = 1; ; tries++)
        {
            (string id, Secret secret) = token.Given ?? (RandomText.BootstrapId(), RandomText.BootstrapSecret());
            using SecretBuffer body = BootstrapTokenBody.Create(token, id, secret, expires);
            try
            {
                SecretResource created =
                    await CreateOnceAsync(BootstrapTokenRules.SecretName(id), body.Written, secret, cancellation).ConfigureAwait(false);
                if (BootstrapTokenReader.HoldsSecret(created, secret))
                {
                    return created;
                }

                created.Dispose();
                throw NotAsSent(created.Name);
            }
            catch (K3sTokenException e) when (e.Id == ErrorId.TokenAlreadyExists && token.Given is null && tries < MostTries)
            {
            }
            finally
            {
                if (token.Given is null)
                {
                    secret.Dispose();
                }
            }
        }
    }

    /// <summary>Changes a token: only what the change names, and only if nobody else changed the token in between.</summary>
    /// <exception cref="K3sTokenException">There is no such token, it is broken beyond change, or others keep changing it.</exception>
    public async Task<SecretResource> ChangeAsync(string secretName, BootstrapTokenChange change, CancellationToken cancellation)
    {
        K3sTokenException? lost = null;
        for (int tries = 1; ; tries++)
        {
            using SecretResource current = await LookUpAsync(secretName, lost, cancellation).ConfigureAwait(false) ?? throw NotFound(secretName);
            RequireChangeable(current);
            using SecretBuffer patch = BootstrapTokenBody.Patch(current, change, change.Lifetime?.EndsAt(api.Clock.UtcNow));
            try
            {
                return await api.PatchSecretAsync(secretName, patch.Written, cancellation).ConfigureAwait(false) ?? throw NotFound(secretName);
            }
            catch (K3sTokenException e) when ((e.Id == ErrorId.ConflictingChange || e.AnswerLost) && tries < MostTries)
            {
                // The patch names the resourceVersion it was made for: sent again it can only be applied to what was read again.
                lost = e.AnswerLost ? e : null;
            }
        }
    }

    /// <summary>Removes a token; false where there is none.</summary>
    /// <param name="secretName">The Secret that holds it.</param>
    /// <param name="uid">If not null, only the Secret with this uid.</param>
    /// <param name="cancellation">Ends the request.</param>
    public async Task<bool> RemoveAsync(string secretName, string? uid, CancellationToken cancellation)
    {
        try
        {
            return await api.DeleteSecretAsync(secretName, uid, cancellation).ConfigureAwait(false);
        }
        catch (K3sTokenException e) when (e.AnswerLost)
        {
            using SecretResource? left = await LookUpAsync(secretName, e, cancellation).ConfigureAwait(false);
            if (left is not null && !left.BeingDeleted && left.Uid == (uid ?? left.Uid))
            {
                await api.DeleteSecretAsync(secretName, left.Uid, cancellation).ConfigureAwait(false);
            }

            return true;
        }
    }

    /// <summary>Reads a token's Secret and removes exactly that; null where there is none of this name, or where it is no bootstrap token's.</summary>
    public async Task<SecretResource?> TakeAsync(string secretName, CancellationToken cancellation)
    {
        SecretResource? found = await FindAsync(secretName, cancellation).ConfigureAwait(false);
        bool isTaken = false;
        try
        {
            isTaken = found is not null && await RemoveAsync(secretName, found.Uid, cancellation).ConfigureAwait(false);
            return isTaken ? found : null;
        }
        finally
        {
            if (!isTaken)
            {
                found?.Dispose();
            }
        }
    }

    /// <summary>The error for a token that is on none of these clusters.</summary>
    public static K3sTokenException NotFound(string id, IEnumerable<BootstrapTokenStore> clusters)
    {
        IEnumerable<string> places = clusters.Select(cluster => $"{cluster.Api.Context.ServerText} (context '{cluster.Api.Context.Name}')");
        return new K3sTokenException(
            ErrorId.TokenNotFound,
            $"There is no bootstrap token '{id}' on {string.Join(", ", places)}. It may have expired and been removed by the cluster. "
            + "Get-K3sBootstrapToken lists the tokens that there are.");
    }

    private K3sTokenException NotAsSent(string secretName) => new(
        ErrorId.ServerError,
        $"{api.Context.ServerText} answered the creation of '{secretName}' with something that is not the token that was sent. "
        + "Something between here and the server changes requests; remove the token and look into that.");

    private K3sTokenException NotFound(string secretName) => NotFound(BootstrapTokenReader.IdOf(secretName), [this]);

    private async Task<SecretResource> CreateOnceAsync(
        string name, ReadOnlyMemory<byte> body, Secret secret, CancellationToken cancellation)
    {
        K3sTokenException? lost = null;
        for (int tries = 1; ; tries++)
        {
            try
            {
                return await api.CreateSecretAsync(name, body, cancellation).ConfigureAwait(false);
            }
            catch (K3sTokenException e) when ((e.AnswerLost && tries < MostTries) || (e.Id == ErrorId.TokenAlreadyExists && lost is not null))
            {
                // A request whose answer was lost can also arrive late: then it is the next one that finds the name taken.
                lost = e.AnswerLost ? e : lost;
                SecretResource? created = await LookUpAsync(name, lost, cancellation).ConfigureAwait(false);
                if (created is not null && BootstrapTokenReader.HoldsSecret(created, secret))
                {
                    return created;
                }

                created?.Dispose();
                if (!e.AnswerLost)
                {
                    throw;
                }
            }
        }
    }

    /// <summary>The Secret as it is now. Where it cannot be read, the error is that of the change whose answer was lost: it says more.</summary>
    private async Task<SecretResource?> LookUpAsync(string secretName, K3sTokenException? lost, CancellationToken cancellation)
    {
        try
        {
            return await FindAsync(secretName, cancellation).ConfigureAwait(false);
        }
        catch (K3sTokenException) when (lost is not null)
        {
            throw lost;
        }
    }

    private void RequireChangeable(SecretResource secret)
    {
        foreach (string problem in Read(secret).Problems)
        {
            if (problem is BootstrapTokenProblem.IdMissing or BootstrapTokenProblem.NameMismatch
                or BootstrapTokenProblem.SecretMissing or BootstrapTokenProblem.SecretMalformed)
            {
                throw new K3sTokenException(
                    ErrorId.TokenMalformed,
                    $"The Secret '{secret.Name}' on {api.Context.ServerText} is no usable bootstrap token ({problem}), and no change made here could mend it. "
                    + "Remove it and create a new one.");
            }
        }
    }
}
