using System;
using K3sToken.Kubernetes;

namespace K3sToken.Tests.Kubernetes;

/// <summary>A CA, a server of it that answers by a script, and the API client that a kubeconfig for it gives.</summary>
internal sealed class ApiFixture : IDisposable
{
    private readonly ClusterConnections _connections = new();

    public ApiFixture(Func<Received, Answer> script) => Server = new ScriptedServer(CA.Server("127.0.0.1", "localhost"), script);

    public TestCA CA { get; } = TestCA.Root();

    public ScriptedServer Server { get; }

    public TestNotices Notices { get; } = new();

    public ClusterConnections Connections => _connections;

    public static ApiFixture Answering(Answer answer) => new(_ => answer);

    public IKubernetesApi Open(ClusterUser? user = null, double timeout = 30) =>
        _connections.Open(Context(user), Notices, TimeSpan.FromSeconds(timeout));

    public ClusterContext Context(ClusterUser? user = null) => new()
    {
        Name = "test",
        Server = Server.Address,
        CABundle = CA.Pem,
        User = user ?? new ClusterUser { Token = new K3sToken.Tokens.Secret("a-bearer-token") },
    };

    public void Dispose()
    {
        _connections.Dispose();
        Server.Dispose();
    }
}
