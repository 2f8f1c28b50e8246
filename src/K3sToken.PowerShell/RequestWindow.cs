using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Management.Automation;
using System.Threading.Tasks;
using K3sToken.Kubernetes;

namespace K3sToken.PowerShell;

/// <summary>What came of a request.</summary>
/// <param name="Write">Writes it.</param>
/// <param name="Done">The same in a few words, for where nothing can be written any more; null where nobody needs to know.</param>
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
    private long _expected;
    private long _done;

    /// <summary>Says how many more requests there will be, where that is known: the progress bar then counts towards it.</summary>
    public void Expect(int more) => _expected += more;

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
    /// <param name="failed">The errors that were to be written.</param>
    /// <returns>What came of it, but for what nobody needs to know; null for nothing.</returns>
    public string? EndEarly(Func<bool> isStopped, List<string> failed)
    {
        List<string> done = [];
        List<string> unknown = [];
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
            else if (request.Exception is { } failure)
            {
                failed.Add($"{target}: {failure.GetBaseException().Message}");
            }
            else
            {
                unknown.Add(target);
            }
        }

        return done.Count + failed.Count + unknown.Count == 0
            ? null
            : "The pipeline ended early, and what was under way could not be written to it."
                + (done.Count > 0 ? $" This happened: {string.Join(", ", done)}." : "")
                + (failed.Count > 0 ? $" This failed: {string.Join(" ", failed)}" : "")
                + (unknown.Count > 0 ? $" What came of {unknown.Count} more is not known: {string.Join(", ", unknown.Distinct())}." : "");
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
                ? new ProgressRecord(0, activity, $"{_done} of {_expected}") { PercentComplete = (int)(100 * _done / _expected) }
                : new ProgressRecord(0, activity, $"{_done} so far"));
        }
    }
}
