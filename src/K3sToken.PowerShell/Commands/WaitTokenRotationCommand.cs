using System;
using System.Diagnostics;
using System.Linq;
using System.Management.Automation;
using System.Threading.Tasks;
using K3sToken.PowerShell.Binding;
using K3sToken.PowerShell.Completers;
using K3sToken.Supervisor;
using K3sToken.Tokens;

namespace K3sToken.PowerShell.Commands;

/// <summary>Waits until every server accepts the new token and refuses the old one.</summary>
[Cmdlet(VerbsLifecycle.Wait, "K3sTokenRotation")]
[OutputType(typeof(TokenRotationServer))]
public sealed class WaitTokenRotationCommand : RotationWatchCommand
{
    private const string Activity = "Waiting for restarts";

    /// <summary>How long to wait.</summary>
    [Parameter]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(30);

    private protected override void Watch(RotationWatch watch)
    {
        Stopwatch elapsed = Stopwatch.StartNew();
        TimeSpan? pause = null;
        while (true)
        {
            (TokenRotationServer[] servers, bool areTrusted) = Look(watch);
            TokenRotationServer[] waiting = [.. servers.Where(server => server.State != TokenRotationServerState.Rotated)];
            TimeSpan left = Timeout - elapsed.Elapsed;
            if (waiting.Length == 0 || !areTrusted || left <= TimeSpan.Zero)
            {
                Finish(servers, waiting, areTrusted);
                return;
            }

            string names = string.Join(", ", waiting.Select(server => $"{server.Server} ({server.State})"));
            WriteProgress(new ProgressRecord(0, Activity, names) { PercentComplete = 100 * (servers.Length - waiting.Length) / servers.Length });
            pause = RotationWatch.NextPause(pause);
            Sleep(left < pause ? left : pause.Value);
        }
    }

    private void Finish(TokenRotationServer[] servers, TokenRotationServer[] waiting, bool areTrusted)
    {
        WriteProgress(new ProgressRecord(0, Activity, " ") { RecordType = ProgressRecordType.Completed });
        WriteObject(servers, enumerateCollection: true);
        if (waiting.Length > 0)
        {
            string why = areTrusted ? $" after {Duration.ToHuman(Timeout)}" : ", and one that cannot be trusted is not waited for";
            string names = string.Join(" ", waiting.Select(server => $"{server.Server} is {server.State}: {server.Detail}"));
            Report(
                new K3sTokenException(
                    ErrorId.RotationIncomplete,
                    $"{waiting.Length} of {servers.Length} servers have not finished the rotation{why}. {names}"),
                waiting[0].Server);
        }
    }

    private void Sleep(TimeSpan time) => Wait(Task.Run(async () =>
    {
        await Task.Delay(time, Cancellation).ConfigureAwait(false);
        return true;
    }));
}
