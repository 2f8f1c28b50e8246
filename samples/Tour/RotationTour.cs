using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Supervisor;
using K3sToken.Tokens;

namespace K3sToken.Tour;

/// <summary>The rotation of a server token, on the library that the cmdlets stand on.</summary>
internal static class RotationTour
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private static readonly SupervisorAccess Access = new(TimeSpan.FromSeconds(10), new ConsoleNotices());

    public static async Task RunAsync(Uri[] servers, string token)
    {
        ConsoleNotices.Say("Ask every server whether it takes the server token");
        await TestAsync(servers, token);

        ConsoleNotices.Say("Rotate it");
        using RotationTokens tokens = RotationTokens.Read(token.AsSpan(), newText: null);
        using (Rotation rotation = await Rotation.PrepareAsync(servers, tokens, Access, force: false, dataDir: null, Never))
        {
            Console.WriteLine(rotation.Preview);
            TokenRotation result = (await rotation.RunAsync(asPlainText: false, Never)).Result;
            Console.WriteLine(result.State);
        }

        ConsoleNotices.Say("Wait until each server was restarted with the new token");
        using RotationWatch watch = new(servers, tokens, Access, isStored: true);
        TokenRotationServer[] states;
        TimeSpan? pause = null;
        do
        {
            pause = RotationWatch.NextPause(pause);
            await Task.Delay(pause.Value);
            (states, _) = await watch.LookAsync(Never);
            Console.WriteLine(string.Join("  ", states.Select(server => server.State)));
        }
        while (states.Any(server => server.State != TokenRotationServerState.Rotated));

        ConsoleNotices.Say("Nobody takes the old one any more");
        await TestAsync(servers, token);
    }

    private static async Task TestAsync(Uri[] servers, string text)
    {
        using JoinTokenText token = JoinTokenText.Parse(text.AsSpan());
        foreach (Uri server in servers)
        {
            Console.WriteLine(await TokenTest.RunAsync(token, server, role: null, Access, Never));
        }
    }
}
