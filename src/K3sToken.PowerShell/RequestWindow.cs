using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Management.Automation;
using System.Threading.Tasks;
using K3sToken.Kubernetes;

namespace K3sToken.PowerShell;

/// <summary>
/// Keeps several requests under way and writes their results on the pipeline's thread, in the order they were asked for. Work of more than
/// two seconds shows a progress bar.
/// </summary>
internal sealed class RequestWindow(KubernetesCommand command, string activity)
{
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BetweenUpdates = TimeSpan.FromMilliseconds(200);

    private readonly Queue<(Task<Action> Request, string Target)> _underWay = new();
    private readonly Stopwatch _elapsed = new();
    private TimeSpan _nextUpdate = QuietTime;
    private int _expected;
    private int _done;

    /// <summary>Says how many requests there will be, where that is known: the progress bar then counts towards it.</summary>
    public void Expect(int count) => _expected = count;

    /// <summary>Starts a request, and writes what is done by now.</summary>
    /// <param name="request">The request, run on the thread pool; its result writes what came of it.</param>
    /// <param name="target">The token's id, for error records.</param>
    public void Add(Func<Task<Action>> request, string target)
    {
        _elapsed.Start();
        while (_underWay.Count >= RequestGate.Most)
        {
            WriteFirst();
        }

        _underWay.Enqueue((Task.Run(request), target));
        while (_underWay.Count > 0 && _underWay.Peek().Request.IsCompleted)
        {
            WriteFirst();
        }
    }

    /// <summary>Waits for everything that is still under way.</summary>
    public void Finish()
    {
        while (_underWay.Count > 0)
        {
            WriteFirst();
        }

        if (_nextUpdate > QuietTime)
        {
            command.WriteProgress(new ProgressRecord(0, activity, " ") { RecordType = ProgressRecordType.Completed });
        }
    }

    private void WriteFirst()
    {
        (Task<Action> request, string target) = _underWay.Dequeue();
        while (!request.IsCompleted && Task.WaitAny([request], Patience()) < 0)
        {
            ShowProgress();
        }

        try
        {
            command.Wait(request)();
        }
        catch (K3sTokenException e)
        {
            command.Report(e, target);
        }

        _done++;
        ShowProgress();
    }

    private TimeSpan Patience()
    {
        TimeSpan left = _nextUpdate - _elapsed.Elapsed;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void ShowProgress()
    {
        if (_elapsed.Elapsed >= _nextUpdate)
        {
            _nextUpdate = _elapsed.Elapsed + BetweenUpdates;
            command.WriteProgress(_expected > 0
                ? new ProgressRecord(0, activity, $"{_done} of {_expected}") { PercentComplete = (int)(100L * _done / _expected) }
                : new ProgressRecord(0, activity, $"{_done} so far"));
        }
    }
}
