using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class Http2Tests
{
    private const string OneSecret = """{"kind":"Secret","metadata":{"name":"x"}}""";

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_changes_at_once_share_one_connection()
    {
        ConcurrentBag<string> protocols = [];
        ConcurrentDictionary<string, bool> connections = [];
        await WithServer(
            async context =>
            {
                protocols.Add(context.Request.Protocol);
                connections[context.Connection.Id] = true;
                await Answer(context, OneSecret);
            },
            api => Task.WhenAll(Enumerable.Range(0, 40).Select(_ => api.CreateSecretAsync("x", new byte[2], Ending))));

        Assert.Equal(40, protocols.Count);
        Assert.All(protocols, protocol => Assert.Equal("HTTP/2", protocol));
        Assert.Single(connections);
    }

    [Fact]
    public async Task A_server_that_takes_few_at_once_takes_them_all()
    {
        int underWay = 0;
        await WithServer(
            async context =>
            {
                if (Interlocked.Increment(ref underWay) > 4)
                {
                    context.Response.StatusCode = 429;
                }
                else
                {
                    await Task.Delay(20);
                }

                Interlocked.Decrement(ref underWay);
                await Answer(context, OneSecret);
            },
            api => Task.WhenAll(Enumerable.Range(0, 200).Select(_ => api.CreateSecretAsync("x", new byte[2], Ending))));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("DELETE")]
    public async Task A_change_whose_answer_never_came_is_not_sent_again(string method)
    {
        int requests = 0;
        await WithServer(
            context =>
            {
                Interlocked.Increment(ref requests);
                context.Abort();
                return Task.CompletedTask;
            },
            async api =>
            {
                K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(() => method == "POST"
                    ? api.CreateSecretAsync("x", new byte[2], Ending)
                    : (Task)api.DeleteSecretAsync("x", null, Ending));
                Assert.Equal(ErrorId.ClusterUnreachable, error.Id);
                Assert.True(error.AnswerLost);
            });

        Assert.Equal(1, requests);
    }

    [Fact]
    public async Task A_read_is_sent_three_times()
    {
        int requests = 0;
        await WithServer(
            context =>
            {
                Interlocked.Increment(ref requests);
                context.Abort();
                return Task.CompletedTask;
            },
            api => Assert.ThrowsAsync<K3sTokenException>(() => api.GetSecretAsync("x", Ending)));

        Assert.Equal(3, requests);
    }

    [Fact]
    public async Task Several_groups_to_act_as_stay_several_also_where_the_server_offers_HTTP_2()
    {
        List<string?> groups = [];
        Impersonation actAs = new("jane", null, ["a", "b, c", "d"], new Dictionary<string, IReadOnlyList<string>>());
        await WithServer(
            context =>
            {
                groups = [.. context.Request.Headers["Impersonate-Group"]];
                return Answer(context, OneSecret);
            },
            api => api.GetSecretAsync("x", Ending),
            new ClusterUser { ActAs = actAs });

        Assert.Equal(["a", "b, c", "d"], groups);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    public async Task Headers_have_64_KiB_at_most(int lines)
    {
        int size = 63 << 10;
        await WithServer(
            context =>
            {
                context.Response.Headers["X"] = Enumerable.Repeat(new string('x', (size / lines) - 3), lines).ToArray();
                return Answer(context, OneSecret);
            },
            async api =>
            {
                await api.CreateSecretAsync("x", new byte[2], Ending);
                size = 65 << 10;
                K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(() => api.CreateSecretAsync("x", new byte[2], Ending));
                Assert.Equal(ErrorId.ClusterUnreachable, error.Id);
            });
    }

    private static Task Answer(HttpContext context, string json)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json, Ending);
    }

    private static async Task WithServer(RequestDelegate answer, Func<IKubernetesApi, Task> use, ClusterUser? user = null)
    {
        TestCA ca = TestCA.Root();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(ca.Server("127.0.0.1"))));
        await using WebApplication server = builder.Build();
        server.Run(answer);
        await server.StartAsync(Ending);
        string address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        using ClusterConnections connections = new();
        ClusterContext context = new()
        {
            Name = "test",
            Server = new Uri(address),
            CABundle = ca.Pem,
            User = user ?? new ClusterUser { Token = new K3sToken.Tokens.Secret("t") },
        };

        await use(connections.Open(context, new TestNotices(), TimeSpan.FromSeconds(30)));
        await server.StopAsync(Ending);
    }
}
