using System.Linq;
using System.Text;
using Xunit;

namespace K3sToken.Tests.Fuzzing;

/// <summary>
/// A piece that means something, repeated to a MiB: where the work for an input is not in proportion to its length, it shows.
/// </summary>
public sealed class RepetitionTests
{
    private const int Length = 1 << 20;

    private static readonly string[] Pieces =
    [
        "[", "{", "{\"a\":", "[{\"a\":", "- ", "\n- ", "? ", "a: ", "a\n", "\\", "\"", "\\u0061", "1", "é", "\0", "\uE000",
    ];

    [Fact]
    public void Of_a_token() => Repeat(FuzzTargets.JoinTokens);

    [Fact]
    public void Of_a_duration() => Repeat(FuzzTargets.Durations);

    [Fact]
    public void Of_a_CA_bundle() => Repeat(FuzzTargets.Bundles);

    [Fact]
    public void Of_an_exec_plugins_output() => Repeat(FuzzTargets.ExecCredentials);

    [Fact]
    public void Of_a_page_of_secrets() => Repeat(AnswerTargets.SecretPages);

    [Fact]
    public void Of_a_status() => Repeat(AnswerTargets.Statuses);

    [Fact]
    public void Of_a_kubeconfig()
    {
        using KubeconfigTarget kubeconfigs = new();
        Repeat(kubeconfigs.Target);
    }

    // Alone; at the end of what is right; and inside of it, where there is the most to come back to.
    private static void Repeat(FuzzTarget target) => Limits.Watch(begin =>
    {
        foreach (string piece in target.Words.Concat(Pieces))
        {
            byte[] repeated = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(piece, Length / Encoding.UTF8.GetByteCount(piece))));
            byte[] seed = target.Seeds[0];
            byte[] inside = [.. seed.Take(seed.Length / 2), .. repeated, .. seed.Skip(seed.Length / 2)];
            foreach (byte[] input in new[] { repeated, [.. seed, .. repeated], inside })
            {
                begin($"{target.Name}: {piece}");
                string? problem = Limits.Broken(() => target.Read(input), out _);
                Assert.True(problem is null, $"{target.Name}, '{piece}' repeated to {Length} bytes: {problem}");
            }
        }
    });
}
