using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Bootstrap;
using K3sToken.Kubernetes;
using K3sToken.Sandboxing;
using K3sToken.Supervisor;
using K3sToken.Tests.Kubernetes;
using K3sToken.Tokens;
using Xunit;
using Stored = K3sToken.Sandboxing.Secrets.Secret;

namespace K3sToken.Tests.Faults;

/// <summary>What one cmdlet does with a server, and what of it the server holds then.</summary>
internal sealed class FaultyOperation : IDisposable
{
    private const string SecretPart = "0123456789abcdef";
    private const string NewDescription = "changed";

    // The limit keeps an operation that hangs from hanging for ever; it measures nothing.
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    private static int _count;

    private readonly Sandbox _sandbox;
    private readonly SandboxServer _asked;
    private readonly string _name;
    private readonly string _id = $"f{Interlocked.Increment(ref _count):d5}";
    private readonly ClusterConnections _connections = new();
    private readonly TestNotices _notices = new();
    private readonly SupervisorAccess _access;
    private readonly Uri _server;
    private readonly BootstrapTokenStore _store;

    private FaultyOperation(Sandbox sandbox, SandboxServer server, FaultRow row, string name)
    {
        _sandbox = sandbox;
        _asked = server;
        _name = name;
        _server = row.Fault == "UnknownHost" ? new Uri("https://nowhere.invalid:6443") : server.Url;
        _access = new SupervisorAccess(row.Limit, _notices);
        _store = new BootstrapTokenStore(_connections.Open(Context(), _notices, row.Limit));
    }

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    private string SecretName => "bootstrap-token-" + _id;

    private Stored? Stored => _sandbox.Secrets.Get(SecretName);

    private string NewPassword => "new-" + _id;

    /// <summary>Connects where the fault is one of requests, so that it meets a kept connection.</summary>
    public static async Task<FaultyOperation> PrepareAsync(Sandbox sandbox, SandboxServer server, FaultRow row, string name)
    {
        FaultyOperation operation = new(sandbox, server, row, name);
        if (name is "Find" or "Change" or "Remove")
        {
            sandbox.Secrets.AddBootstrapToken(operation._id, SecretPart);
        }

        if (row.Fault.StartsWith("ResetOnReuse", StringComparison.Ordinal))
        {
            await operation._store.Api.GetSecretAsync("nothing", Ending);
        }

        return operation;
    }

    /// <summary>Does it.</summary>
    /// <returns>What came of it in the words of the table; where that is not so on the server, what is wrong.</returns>
    public async Task<string> RunAsync()
    {
        using (this)
        {
            string came;
            try
            {
                came = await Task.Run(ActAsync).WaitAsync(Hang, Ending);
            }
            catch (K3sTokenException e)
            {
                came = $"{e.Id}{Doubt(e)}{Flaw(e.Message)}";
            }
            catch (TimeoutException)
            {
                came = "hangs";
            }

            string warnings = string.Join(' ', _notices.Warnings.Select(WarningOf));
            return warnings.Length == 0 ? came : $"{came}, {warnings}";
        }
    }

    public void Dispose() => _connections.Dispose();

    private Task<string> ActAsync() => _name switch
    {
        "List" => ListAsync(),
        "Find" => FindAsync(),
        "Create" => CreateAsync(),
        "Change" => ChangeAsync(),
        "Remove" => RemoveAsync(),
        "CA" => ReadCAAsync(),
        "Test" => TestAsync(),
        "Rotate" => RotateAsync(),
        _ => LookAsync(),
    };

    private async Task<string> ListAsync()
    {
        string[] before = Names();
        List<string> seen = [];
        using BootstrapTokenListing listing = _store.List(Ending);
        while (await listing.NextPageAsync() is { } page)
        {
            seen.AddRange(page.Select(secret => secret.Name));
        }

        // Others come and go meanwhile.
        string[] missing = [.. before.Except(seen).Intersect(Names())];
        return missing.Length == 0 ? "ok" : $"ok, without {missing.Length} that are there";
    }

    private async Task<string> FindAsync() => await _store.FindAsync(SecretName, Ending) is { } found
        ? found.Name == SecretName ? "ok" : "another"
        : "not found";

    private async Task<string> CreateAsync()
    {
        ClusterCAHash hash = await ClusterCAHash.FindAsync(_store.Api, Ending);
        await _store.LearnTimeAsync(Ending);
        using Secret secret = new(SecretPart);
        SecretResource created = await _store.CreateAsync(new NewBootstrapToken { Given = (_id, secret) }, Ending);
        BootstrapToken token = _store.ReadIssued(created, hash.Hash, hash.Source, asPlainText: true);
        TimeSpan left = token.Expires!.Value.ToUniversalTime() - _sandbox.Clock.Now.UtcDateTime;
        bool isTimeRight = left > TimeSpan.FromHours(23.9) && left <= TimeSpan.FromHours(24) && token.TimeToLive > TimeSpan.FromHours(23.9);
        return Stored is null ? "ok, and is not there" : isTimeRight ? "ok" : "ok, with the wrong expiry";
    }

    private async Task<string> ChangeAsync()
    {
        BootstrapTokenChange change = new() { Description = NewDescription, Lifetime = Lifetime.Of(TimeSpan.FromHours(1)) };
        SecretResource changed = await _store.ChangeAsync(SecretName, change, Ending);
        string expires = Encoding.UTF8.GetString(changed["expiration"]!);
        return Stored!.Text("description") == NewDescription && Stored.Text("expiration") == expires ? "ok" : "ok, and has not changed";
    }

    private async Task<string> RemoveAsync() => await _store.TakeAsync(SecretName, Ending) is null
        ? "not found"
        : Stored is null ? "ok" : "ok, and is there";

    private async Task<string> ReadCAAsync()
    {
        ClusterCA ca = await ClusterCAServer.AskAsync(_server, _access, "", Ending);
        return ca.Hash == _sandbox.Certificates.AuthorityHash ? "ok" : "another";
    }

    private async Task<string> TestAsync()
    {
        using JoinTokenText token = IntactToken.Parse(OldToken);
        TokenTestResult result = await TokenTest.RunAsync(token, _server, null, _access, Ending);
        return result.Succeeded ? "ok" : $"{result.NoVerdict?.Id.ToString() ?? "no"}{Flaw(result.Reason)}";
    }

    private async Task<string> RotateAsync()
    {
        using Secret newPassword = new(NewPassword);
        using RotationTokens tokens = RotationTokens.Read(OldToken, newPassword);
        using Rotation rotation = await Rotation.PrepareAsync([_server], tokens, _access, force: false, dataDir: null, Ending);
        (TokenRotation result, K3sTokenException? problem) = await rotation.RunAsync(asPlainText: true, Ending);
        string said = problem is null ? $"{result.State}" : $"{result.State} {problem.Id}";
        return said + (result.State == TokenRotationState.PendingRestart == IsRotated ? "" : IsRotated ? ", done" : ", undone");
    }

    private bool IsDone => _name switch
    {
        "Create" => Stored is not null,
        "Change" => Stored!.Text("description") == NewDescription,
        "Remove" => Stored is null,
        "Rotate" => IsRotated,
        _ => false,
    };

    private bool IsRotated => _asked.Token.EndsWith(":" + NewPassword, StringComparison.Ordinal) && _sandbox.Datastore.Opens(NewPassword);

    private string OldToken => $"K10{_sandbox.Certificates.AuthorityHash}::server:{FaultRuns.Password}";

    // A change that may have happened says so; one that has not happened need not, but none that has happened may hide it.
    private string Doubt(K3sTokenException e) => (e.AnswerLost, IsDone) switch
    {
        _ when e.AnswerLost != e.Message.Contains("may have happened", StringComparison.Ordinal) => ", with the wrong words",
        (true, true) => ", done",
        (true, false) => ", undone",
        (false, true) => ", done and not said",
        _ => "",
    };

    private static string WarningOf(string text) =>
        text.Contains("Times are judged by the server's clock.", StringComparison.Ordinal) ? "warned" : $"warned: {text}";

    private string Flaw(string message)
    {
        string[] secrets = [SecretPart, Convert.ToBase64String(Encoding.UTF8.GetBytes(SecretPart)), NewPassword, FaultRuns.Password];
        return secrets.Any(secret => message.Contains(secret, StringComparison.Ordinal)) ? $", with a secret: {message}"
            : !message.Contains(_server.Authority, StringComparison.Ordinal) ? $", without the server: {message}"
            : "";
    }

    private string[] Names() =>
        [.. _sandbox.Secrets.All.Select(secret => secret.Name).Where(name => name.StartsWith("bootstrap-token-s", StringComparison.Ordinal))];

    private ClusterContext Context() => new()
    {
        Name = "default",
        Server = _server,
        CABundle = [.. _sandbox.CABundle],
        User = new ClusterUser
        {
            ClientCertificate = Encoding.ASCII.GetBytes(_sandbox.AdminCertificatePem),
            ClientKey = Encoding.ASCII.GetBytes(_sandbox.AdminKeyPem),
        },
    };

    private async Task<string> LookAsync()
    {
        using Secret newPassword = new(NewPassword);
        using RotationTokens tokens = RotationTokens.Read(OldToken, newPassword);
        using RotationWatch watch = new([_server], tokens, _access, isStored: false);
        (TokenRotationServer[] servers, K3sTokenException[] untrusted) = await watch.LookAsync(Ending);
        return string.Join(' ', [servers[0].State.ToString(), .. untrusted.Select(error => error.Id.ToString())]);
    }
}
