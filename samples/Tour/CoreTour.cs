using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Bootstrap;
using K3sToken.Kubernetes;
using K3sToken.Yaml;

namespace K3sToken.Tour;

/// <summary>The tour's steps, on the library that the cmdlets stand on.</summary>
internal static class CoreTour
{
    private static readonly CancellationToken Never = CancellationToken.None;

    public static async Task RunAsync(string kubeconfig)
    {
        ClusterContext context = Kubeconfig.Open(kubeconfig, Environment.CurrentDirectory, KubeconfigPlaces.OfThisMachine, new YamlDotNetParser())
            .Resolve(contextName: null);
        BootstrapTokenStore store = new(ClusterConnections.Session.Open(context, new ConsoleNotices(), TimeSpan.FromSeconds(30)));

        ConsoleNotices.Say("Create three bootstrap tokens: one for an hour, one for two seconds, one for ever");
        ClusterCAHash hash = await ClusterCAHash.FindAsync(store.Api, Never);
        await IssueAsync(store, hash, "worker 17", TimeSpan.FromHours(1));
        await IssueAsync(store, hash, "worker 18", TimeSpan.FromSeconds(2));
        await IssueAsync(store, hash, "spare", TimeSpan.Zero);

        ConsoleNotices.Say("Three seconds later, list them");
        await Task.Delay(TimeSpan.FromSeconds(3));
        List<BootstrapToken> tokens = await ListAsync(store);

        ConsoleNotices.Say("Remove what has expired");
        foreach (BootstrapToken token in tokens.FindAll(token => token.Expired))
        {
            Console.WriteLine($"{token.Id} removed: {await store.RemoveAsync(token.SecretName, uid: null, Never)}");
        }

        ConsoleNotices.Say("Give what expires within two hours seven days more");
        foreach (BootstrapToken token in tokens.FindAll(token => !token.Expired && token.TimeToLive < TimeSpan.FromHours(2)))
        {
            await store.ChangeAsync(token.SecretName, new BootstrapTokenChange { Lifetime = Lifetime.Of(TimeSpan.FromDays(7)) }, Never);
        }

        ConsoleNotices.Say("List them again");
        await ListAsync(store);
    }

    private static async Task IssueAsync(BootstrapTokenStore store, ClusterCAHash hash, string description, TimeSpan lifetime)
    {
        SecretResource created = await store.CreateAsync(
            new NewBootstrapToken { Description = description, Lifetime = Lifetime.Of(lifetime) },
            Never);
        IssuedBootstrapToken issued = store.ReadIssued(created, hash.Hash, hash.Source, asPlainText: false);
        Console.WriteLine($"{issued.Id}, to join with: K10{hash.Hash}::{issued.Id}.<secret>");
    }

    private static async Task<List<BootstrapToken>> ListAsync(BootstrapTokenStore store)
    {
        List<BootstrapToken> tokens = [];
        using BootstrapTokenListing listing = store.List(Never);
        while (await listing.NextPageAsync() is { } page)
        {
            foreach (SecretResource secret in page)
            {
                BootstrapToken token = store.Read(secret);
                tokens.Add(token);
                Console.WriteLine($"{token.Id}  {token.FormatTimeToLive(),-9}  {string.Join(',', token.Usages)}  {token.Description}");
            }
        }

        return tokens;
    }
}
