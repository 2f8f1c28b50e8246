using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using K3sToken.Supervisor;
using K3sToken.Tests.Kubernetes;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Supervisor;

/// <summary>A supervisor on loopback that serves the bundle of its CA, and answers all else by a script.</summary>
internal sealed class SupervisorFixture : IDisposable
{
    public SupervisorFixture(Func<Received, Answer>? script = null) => Server = new ScriptedServer(
        CA.Server("127.0.0.1", "localhost"),
        request => request.Target == "/cacerts" ? ServeBundle() : (script ?? (_ => Forbidden))(request));

    /// <summary>What a supervisor says to nobody.</summary>
    public static Answer Forbidden => Status(403, "forbidden", "Forbidden");

    public TestCA CA { get; } = TestCA.Root("k3s-server-ca");

    /// <summary>What is served at /cacerts.</summary>
    public byte[] Bundle => BundleOverride ?? CA.Pem;

    public byte[]? BundleOverride { get; set; }

    public ScriptedServer Server { get; }

    public TestNotices Notices { get; } = new();

    public SupervisorAccess Access => new(TimeSpan.FromSeconds(30), Notices);

    /// <summary>The hash of what is served.</summary>
    public string Hash => CAHash.Compute(Bundle);

    /// <summary>What the supervisor answers where it fails: a Status without an API version.</summary>
    public static Answer Status(int code, string message, string reason) => Answer.Json(
        code,
        $$"""{"kind":"Status","metadata":{},"status":"Failure","message":"{{message}}","reason":"{{reason}}","code":{{code}}}""" + "\n");

    /// <summary>What the API server behind it answers.</summary>
    public static Answer ApiStatus(int code, string message, string reason) => Answer.Json(
        code,
        $$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"{{message}}","reason":"{{reason}}","code":{{code}}}"""
            + "\n");

    public Task<VerifiedSupervisor> VerifyAsync(string? hash = null, SupervisorAccess? access = null) =>
        TlsBootstrap.RunAsync(Server.Address, access ?? Access, hash ?? Hash, TestContext.Current.CancellationToken);

    /// <summary>True if anything in what the servers received was a credential.</summary>
    public static bool GotCredentials(params IEnumerable<ScriptedServer> servers) => servers.Any(
        server => server.Requests.Any(request => request.Headers.Any(h => h.Key.Contains("Authorization", StringComparison.OrdinalIgnoreCase))));

    public void Dispose() => Server.Dispose();

    private Answer ServeBundle() => Answer.Of(200, "text/plain", Encoding.Latin1.GetString(Bundle));
}
