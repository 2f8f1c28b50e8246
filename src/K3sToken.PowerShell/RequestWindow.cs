using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Management.Automation;
using System.Threading.Tasks;
using K3sToken.Kubernetes;

namespace K3sToken.PowerShell;

/// <summary>What came of a request.</summary>
/// <param name="Write">Writes it.</param>
/// <param name="Done">What was changed, in a few words; null for nothing.</param>
internal sealed record Outcome(Action Write, string? Done = null);

/// <summary>
/// Keeps several requests under way and writes their results on the pipeline's thread, in the order they were asked for. Work of more than
/// two seconds shows a progress bar.
/// </summary>
internal sealed class RequestWindow(KubernetesCommand command, string activity)
{
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BetweenUpdates = TimeSpan.FromMilliseconds(200);

    private readonly Queue<(Task<Outcome> Request, string Target)> _underWay = new();
    private readonly Stopwatch _elapsed = new();
    private TimeSpan _nextUpdate = QuietTime;
    private int _expected;
    private int _done;

    /// <summary>Says how many requests there will be, where that is known: the progress bar then counts towards it.</summary>
    public void Expect(int count) => _expected = count;

    /// <summary>Starts a request, and writes what is done by now.</summary>
    /// <param name="request">The request, run on the thread pool; its result writes what came of it.</param>
    /// <param name="target">The token's id, for error records.</param>
    public void Add(Func<Task<Outcome>> request, string target)
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

    /// <summary>Waits for everything that is still under way where nothing can be written any more.</summary>
    /// <param name="isStopped">Whether the person does not want to wait.</param>
    /// <returns>What came of the changes among it; null where there were none.</returns>
    public string? EndEarly(Func<bool> isStopped)
    {
        List<string> done = [];
        List<string> failed = [];
        while (_underWay.Count > 0)
        {
            (Task<Outcome> request, string target) = _underWay.Dequeue();
            while (!request.IsCompleted && !isStopped())
            {
                Task.WaitAny([request], BetweenUpdates);
            }

            if (request.Status == TaskStatus.RanToCompletion)
            {
                done.AddRange(request.Result.Done is { } what ? [what] : []);
            }
            else
            {
                failed.Add(request.Exception is { } failure ? $"{target}: {failure.GetBaseException().Message}" : $"{target} may have happened or not.");
            }
        }

        return done.Count + failed.Count == 0
            ? null
            : "The pipeline ended early, and what was under way could not be written to it."
                + (done.Count > 0 ? $" This happened: {string.Join(", ", done)}." : "")
                + (failed.Count > 0 ? $" This failed: {string.Join(" ", failed)}" : "");
    }

    private void WriteFirst()
    {
        (Task<Outcome> request, string target) = _underWay.Dequeue();
        while (!request.IsCompleted && Task.WaitAny([request], Patience()) < 0)
        {
            ShowProgress();
        }

        command.WriteOutcome(request, target);
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
