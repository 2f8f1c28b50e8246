using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class RequestGateTests
{
    private readonly RequestGate _gate = new();

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public void The_first_are_let_in_at_once_and_the_next_waits_until_one_leaves()
    {
        List<long> inside = Fill(RequestGate.Most);
        Task<long> next = _gate.EnterAsync(Ending);
        Assert.False(next.IsCompleted);

        _gate.Leave(inside[0], tooBusy: false);

        Assert.Equal(RequestGate.Most + 1, Finished(next));
    }

    [Fact]
    public void A_server_that_is_too_busy_gets_half_as_many()
    {
        List<long> inside = Fill(RequestGate.Most);

        inside.ForEach(number => _gate.Leave(number, tooBusy: number == 1));

        Assert.Equal(RequestGate.Most / 2, Fill(RequestGate.Most).Count);
    }

    [Fact]
    public void Refusals_of_one_wave_count_once_and_those_of_the_next_wave_again()
    {
        Fill(RequestGate.Most).ForEach(number => _gate.Leave(number, tooBusy: true));
        List<long> second = Fill(RequestGate.Most);
        second.ForEach(number => _gate.Leave(number, tooBusy: true));

        Assert.Equal(RequestGate.Most / 2, second.Count);
        Assert.Equal(RequestGate.Most / 4, Fill(RequestGate.Most).Count);
    }

    [Fact]
    public void One_is_always_let_in()
    {
        for (int wave = 0; wave < 20; wave++)
        {
            Fill(RequestGate.Most).ForEach(number => _gate.Leave(number, tooBusy: true));
        }

        Assert.Single(Fill(RequestGate.Most));
    }

    [Fact]
    public void Each_round_that_the_server_took_lets_one_more_in_up_to_the_most()
    {
        Fill(RequestGate.Most).ForEach(number => _gate.Leave(number, tooBusy: true));
        for (int expected = RequestGate.Most / 2; expected <= RequestGate.Most + 2; expected++)
        {
            List<long> wave = Fill(RequestGate.Most + 1);
            Assert.Equal(Math.Min(expected, RequestGate.Most), wave.Count);
            wave.ForEach(number => _gate.Leave(number, tooBusy: false));
        }
    }

    [Fact]
    public async Task Who_waits_can_give_up_and_takes_no_place()
    {
        List<long> inside = Fill(RequestGate.Most);
        using CancellationTokenSource cancel = new();
        Task<long> givenUp = _gate.EnterAsync(cancel.Token);
        Task<long> waiting = _gate.EnterAsync(Ending);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp);
        _gate.Leave(inside[0], tooBusy: false);

        await waiting;
        Assert.Empty(Fill(1));
    }

    /// <summary>The numbers of those who are let in at once, of so many at the most.</summary>
    private List<long> Fill(int most)
    {
        using CancellationTokenSource rest = new();
        List<Task<long>> tries = [.. Enumerable.Range(0, most).Select(_ => _gate.EnterAsync(rest.Token))];
        List<long> inside = [.. tries.Where(task => task.IsCompletedSuccessfully).Select(task => task.Result)];
        rest.Cancel();
        return inside;
    }

    private static long Finished(Task<long> task) => task.Wait(TimeSpan.FromSeconds(30), Ending) ? task.Result : -1;
}
