using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using K3sToken.Sandboxing.Certificates;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing;

/// <summary>What goes wrong with a request to rotate the token. None of it counts for one that is refused anyway.</summary>
public enum RotationFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The connection breaks; nothing has changed.</summary>
    LostBeforeChange,

    /// <summary>The token has been rotated; the connection breaks instead of an answer.</summary>
    LostAfterChange,

    /// <summary>500; nothing has changed.</summary>
    ErrorBeforeChange,

    /// <summary>500; the server's files have the new token, the datastore the old one, as after a value of white space.</summary>
    ErrorAfterFiles,

    /// <summary>500; the files have the new token, the datastore neither it nor the old one, as after a value ending in a space.</summary>
    ErrorWithOtherKey,

    /// <summary>500; files and datastore have the new token, as after a value that is too long.</summary>
    ErrorAfterDatastore,
}

/// <summary>How far a server has come that was started a moment ago. Before all of it, nobody listens.</summary>
public enum StartPhase
{
    /// <summary>Every request is answered 503, <c>starting</c>.</summary>
    Starting,

    /// <summary>Credentials are judged; the API server and <c>readyz</c> still answer 503.</summary>
    WithoutApi,

    /// <summary>Only <c>readyz</c> still answers 503, <c>runtime core not ready</c>.</summary>
    WithoutCore,

    /// <summary>All is there.</summary>
    Ready,
}

/// <summary>Somebody between a client and the server, with certificates of his own. He hands on what he is asked and answered.</summary>
/// <param name="Certificates">What he shows to clients.</param>
public sealed record Impostor(ClusterCertificates Certificates)
{
    /// <summary>How many connections reach the server itself before he comes between; he counts from when he is put there.</summary>
    public int AfterConnections { get; init; }

    /// <summary>What <c>/cacerts</c> says; null for what the server says.</summary>
    public IReadOnlyList<byte>? Bundle { get; init; }
}

/// <summary>What is wrong with a server. May be changed at any moment, and counts from the next request or connection.</summary>
public sealed class SandboxFaults
{
    private readonly ConcurrentQueue<RotationFault> _rotations = new();
    private readonly Lock _lock = new();
    private Impostor? _impostor;
    private RequestFault _fault;
    private FaultScope _scope;
    private int _before;
    private int _times;

    /// <summary>How far the server has come.</summary>
    public StartPhase Phase { get; set; } = StartPhase.Ready;

    /// <summary>After a restart it goes on accepting the passwords that it accepted before.</summary>
    public bool Stale { get; set; }

    /// <summary>A method that is not allowed is answered 400 without a body, as versions before mid-2024 did, instead of 405.</summary>
    public bool LegacyStatusCodes { get; set; }

    /// <summary>The server is from before tokens could be rotated: it does not know the path.</summary>
    public bool TooOldToRotate { get; set; }

    /// <summary>Who is between clients and the server, if anybody.</summary>
    public Impostor? Impostor
    {
        get => _impostor;
        set
        {
            _impostor = value;
            Connections = 0;
        }
    }

    internal int Connections { get; private set; }

    /// <summary>Lets the next requests to rotate the token that would succeed go wrong, after those that are to go wrong already.</summary>
    public void OnRotation(RotationFault fault, int times = 1)
    {
        for (int i = 0; i < times; i++)
        {
            _rotations.Enqueue(fault);
        }
    }

    /// <summary>Lets requests go wrong, in place of what was to go wrong so far. A fault of connections counts for new ones alone.</summary>
    /// <param name="fault">What goes wrong; None to mend it.</param>
    /// <param name="times">How many requests, or connections, go wrong.</param>
    /// <param name="scope">Which requests; of a fault of connections, all.</param>
    /// <param name="after">How many of those go well before.</param>
    public void OnRequest(RequestFault fault, int times = int.MaxValue, FaultScope scope = FaultScope.All, int after = 0)
    {
        lock (_lock)
        {
            (_fault, _times, _scope, _before) = (fault, times, scope, after);
        }
    }

    /// <summary>What goes wrong with a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="isReused">Whether its connection has served another.</param>
    internal RequestFault NextRequest(HttpRequest request, bool isReused)
    {
        bool isInScope = _scope switch
        {
            FaultScope.Private => request.Path != "/cacerts",
            FaultScope.Changes => !HttpMethods.IsGet(request.Method),
            _ => true,
        };
        return Next(fault => !IsOfConnections(fault) && isInScope && (isReused || fault != RequestFault.ResetOnReuse));
    }

    /// <summary>What goes wrong with a new connection.</summary>
    internal RequestFault NextConnectionFault() => Next(IsOfConnections);

    /// <summary>Whether it befalls connections, not requests.</summary>
    internal static bool IsOfConnections(RequestFault fault) =>
        fault is RequestFault.ResetAtOnce or RequestFault.Mute or RequestFault.TlsAlert or RequestFault.ExpiredCertificate;

    internal RotationFault NextRotation() => _rotations.TryDequeue(out RotationFault fault) ? fault : RotationFault.None;

    /// <summary>Who answers a new connection: the impostor, or null for the server itself.</summary>
    internal Impostor? NextConnection()
    {
        lock (_lock)
        {
            return Impostor is { } impostor && Connections++ >= impostor.AfterConnections ? impostor : null;
        }
    }

    private RequestFault Next(Predicate<RequestFault> applies)
    {
        lock (_lock)
        {
            if (_times == 0 || !applies(_fault) || _before-- > 0)
            {
                return RequestFault.None;
            }

            _times--;
            _before = 0;
            return _fault;
        }
    }
}
