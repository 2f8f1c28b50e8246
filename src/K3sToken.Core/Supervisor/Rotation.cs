using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using K3sToken.Tokens;

namespace K3sToken.Supervisor;

/// <summary>A rotation of the server token: everything is looked at first, then one request is sent, then everything is looked at again.</summary>
internal sealed class Rotation : IDisposable
{
    private readonly RotationServer[] _servers;
    private readonly RotationTokens _tokens;
    private readonly List<string> _warnings = [];
    private RotationNodes _nodes = RotationNodes.NotAsked;
    private bool _agentsToo;

    private Rotation(IReadOnlyList<Uri> servers, RotationTokens tokens, SupervisorAccess access, bool force)
    {
        _servers = [.. servers.Distinct().Select(server => new RotationServer(server, access, onTrust: force))];
        _tokens = tokens;
    }

    /// <summary>The data directory of the first server, if its token file can be read here.</summary>
    public string? DataDir { get; init; }

    /// <summary>All servers, for people.</summary>
    public string[] Server => Array.ConvertAll(_servers, server => server.Name);

    /// <summary>What the person must know so far.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>What is about to happen, a line for each server. It holds no secret.</summary>
    public string Preview => string.Join(Environment.NewLine, Server.Select((server, i) => i == 0
        ? $"{server} gets the new token, and accepts only the old one until it is restarted with the new one."
        : $"{server} gets nothing, and accepts only the old token until it is restarted with the new one."));

    /// <summary>Verifies and asks every server. Nothing is changed.</summary>
    /// <param name="servers">All servers of the cluster; the first is to get the change.</param>
    /// <param name="tokens">The token before and the one after; the caller disposes them.</param>
    /// <param name="access">How to reach the servers, and what to trust.</param>
    /// <param name="force">Go on without a verified CA, and without servers other than the first that cannot be reached.</param>
    /// <param name="dataDir">The data directory of the first server, if there is one here.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="K3sTokenException">The change must not be sent.</exception>
    public static async Task<Rotation> PrepareAsync(
        IReadOnlyList<Uri> servers,
        RotationTokens tokens,
        SupervisorAccess access,
        bool force,
        string? dataDir,
        CancellationToken cancellation)
    {
        Rotation rotation = new(servers, tokens, access, force) { DataDir = dataDir };
        try
        {
            await rotation.CheckAsync(force, cancellation).ConfigureAwait(false);
            return rotation;
        }
        catch
        {
            rotation.Dispose();
            throw;
        }
    }

    /// <summary>Finds out which nodes are to be restarted.</summary>
    /// <param name="api">The API of the cluster; null where nobody named one.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What is known of them.</returns>
    public async Task<RotationNodes> FindNodesAsync(IKubernetesApi? api, CancellationToken cancellation)
    {
        if (api is not null)
        {
            _nodes = await RotationNodes.FindAsync(api, _servers, _agentsToo, cancellation).ConfigureAwait(false);
        }

        if (_nodes.Warning is not null)
        {
            _warnings.Add(_nodes.Warning);
        }

        return _nodes;
    }

    /// <summary>Sends the change, and looks at every server again.</summary>
    /// <param name="asPlainText">True for tokens as strings.</param>
    /// <param name="cancellation">Ends it before the change is sent, or after; never in between.</param>
    /// <returns>What came of it, and what went wrong; null for nothing. Only where the state is Rejected that is an error: any other would
    /// cost a script that ends at errors the one value that the cluster may have by now, so it stands among the warnings, too.</returns>
    /// <exception cref="K3sTokenException">The change could not be sent; nothing has changed.</exception>
    public async Task<(TokenRotation Result, K3sTokenException? Problem)> RunAsync(bool asPlainText, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        RotationOutcome outcome = await RotationRequest.SendAsync(_servers[0].Client, _tokens).ConfigureAwait(false);
        RotationFinding[] findings = await AskAllAsync(cancellation).ConfigureAwait(false);
        TokenRotationServerState[] states = RotationStates.Together(
            [.. findings.Select(finding => finding.State)], outcome.Answer == RotationAnswer.Done);
        TokenRotationState state = RotationStates.OfCluster(outcome.Answer, states, _nodes.AllNamed);
        K3sTokenException? problem = ProblemOf(outcome, state);
        if (problem is not null && state != TokenRotationState.Rejected)
        {
            _warnings.Add(problem.Message);
        }

        string caHash = _servers[0].CAHash;
        TokenRotation result = new()
        {
            Server = Server,
            Token = Output(RotationTokens.Whole(_tokens.Old, caHash), asPlainText),
            NewToken = Output(RotationTokens.Whole(_tokens.New, caHash), asPlainText),
            NewShortToken = _tokens.New.ToOutput(asPlainText),
            State = state,
            Servers = [.. findings.Select((finding, i) => finding.Describe(states[i]))],
            RestartNodes = _nodes.Restart,
            OldTokenHash = _tokens.OldHash,
            NewTokenHash = _tokens.NewHash,
            Warnings = [.. _warnings],
        };
        return (result, problem);
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => Array.ForEach(_servers, server => server.Dispose());

    private async Task CheckAsync(bool force, CancellationToken cancellation)
    {
        if (_tokens.AreSame)
        {
            throw new K3sTokenException(
                ErrorId.RotationRejected, "The new token is the current one: the servers accept it already. Choose another value.");
        }

        RotationFinding[] findings = await AskAllAsync(cancellation).ConfigureAwait(false);
        _warnings.AddRange(RotationRules.Check(findings, force));
        if (Array.Find(_servers, server => server.CAHash.Length > 0 && server.CAHash != _servers[0].CAHash) is { } stranger)
        {
            throw new K3sTokenException(
                ErrorId.RotationRejected,
                $"{stranger.Name} and {_servers[0].Name} have different CAs: they are of two clusters. Nothing was changed. Name the servers "
                    + "of one cluster only.");
        }

        _warnings.AddRange(_servers.Where(server => server.IsOnTrust).Select(server =>
            $"The CA of {server.Name} was taken on trust: the token has no CA hash, and this machine does not trust the server."));
        if (RotationTokenFile.HoldsAnother(DataDir, _tokens))
        {
            _warnings.Add(
                "The token file holds another token than the current one: an earlier rotation was not followed by a restart. This one takes its "
                    + "place, and the token that it set counts no more.");
        }

        ProbeResult asNode = await _servers[0].AskAsync(SupervisorCredential.Agent(_tokens.Old), cancellation).ConfigureAwait(false);
        _agentsToo = asNode.IsAccepted;
    }

    private Task<RotationFinding[]> AskAllAsync(CancellationToken cancellation) =>
        Task.WhenAll(_servers.Select(server => server.ProbeAsync(_tokens, cancellation)));

    private K3sTokenException? ProblemOf(RotationOutcome outcome, TokenRotationState state)
    {
        if (outcome.Error is null || state == TokenRotationState.Rotated)
        {
            return null;
        }

        return outcome.Answer == RotationAnswer.Uncertain && RotationTokenFile.Describe(DataDir, _tokens) is { } file
            ? new K3sTokenException(outcome.Error.Id, $"{outcome.Error.Message} {file}", outcome.Error.InnerException) { AnswerLost = true }
            : outcome.Error;
    }

    private static object Output(Secret whole, bool asPlainText)
    {
        using (whole)
        {
            return whole.ToOutput(asPlainText);
        }
    }
}
