using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class ExecPluginTests : IDisposable
{
    private const string V1 = "client.authentication.k8s.io/v1";
    private const string Answer =
        """{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"hunter2"}}""";

    private readonly KubeconfigFolder _folder = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public ExecPluginTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "The plugins of these tests are shell scripts.");

    public void Dispose() => _folder.Dispose();

    private static ClusterContext Context(Uri? proxy = null, byte[]? ca = null) => new()
    {
        Name = "here",
        Kubeconfig = "/some/kubeconfig",
        Server = new Uri("https://host:6443/"),
        CABundle = ca,
        SkipTlsVerify = ca is null,
        TlsServerName = proxy is null ? null : "name",
        Proxy = proxy,
        User = new ClusterUser { Name = "me" },
    };

    private static ExecPlugin Plugin(string command, params string[] arguments) =>
        new(V1, command, arguments, [], "Get it from\u001b[31m example.org.\u0007", false, null, InteractiveMode.Never);

    /// <summary>A plugin that is a shell script, handed to the shell as a file: one open for writing cannot be run itself.</summary>
    private ExecPlugin Script(string text) => Plugin("/bin/sh", _folder.Write("plugin.sh", text));

    private Task<ExecCredential> RunAsync(ExecPlugin plugin, bool isConsoleThere = false, ClusterContext? context = null) =>
        new ExecPluginRunner(plugin, context ?? Context(), isConsoleThere).RunAsync(_cancellation);

    private async Task<string> FailsAsync(ExecPlugin plugin, bool isConsoleThere = false)
    {
        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(() => RunAsync(plugin, isConsoleThere));
        Assert.Equal(ErrorId.AuthenticationFailed, error.Id);
        Assert.All([plugin.Command, "'me'", "/some/kubeconfig"], word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, c => char.IsControl(c) && c != '\n');
        return error.Message;
    }

    [Fact]
    public async Task A_plugin_hands_out_a_token()
    {
        ExecCredential credential = await RunAsync(Script($"echo noise >&2; echo '{Answer}'"));
        Assert.Equal("hunter2", credential.Token!.Reveal().ToString());
    }

    [Fact]
    public async Task It_gets_its_arguments_its_environment_and_no_input()
    {
        ExecPlugin plugin = Script($"""
            cat > "{_folder.Root}/input"
            printf '%s\n' "$FIRST" "$HOME" "$@" > "{_folder.Root}/seen"
            echo '{Answer}'
            """);
        string[] arguments = ["a b", "", "c\"d", "$HOME", "*", "e\\", "\\\"f"];
        plugin = plugin with { Arguments = [.. plugin.Arguments, .. arguments], Environment = [new("FIRST", "x"), new("FIRST", "1 2")] };
        await RunAsync(plugin, isConsoleThere: true);

        string[] expected = ["1 2", Environment.GetEnvironmentVariable("HOME") ?? "", .. arguments];
        Assert.Equal(string.Concat(expected.Select(line => line + "\n")), File.ReadAllText(_folder.PathOf("seen")));
        Assert.Equal("", File.ReadAllText(_folder.PathOf("input")));
    }

    [Fact]
    public async Task It_is_told_its_task_and_the_cluster_only_if_it_asks()
    {
        ExecPlugin plugin = Script($"""printf '%s' "$KUBERNETES_EXEC_INFO" > "{_folder.Root}/info"; echo '{Answer}'""");
        string Info() => File.ReadAllText(_folder.PathOf("info"));

        await RunAsync(plugin);
        Assert.Equal("""{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false}}""", Info());

        await RunAsync(plugin with { InteractiveMode = InteractiveMode.IfAvailable }, isConsoleThere: true);
        Assert.True(JsonDocument.Parse(Info()).RootElement.GetProperty("spec").GetProperty("interactive").GetBoolean());

        await RunAsync(plugin with { InteractiveMode = InteractiveMode.IfAvailable });
        Assert.False(JsonDocument.Parse(Info()).RootElement.GetProperty("spec").GetProperty("interactive").GetBoolean());

        plugin = plugin with { ProvideClusterInfo = true };
        await RunAsync(plugin);
        Assert.Equal("""{"server":"https://host:6443","insecure-skip-tls-verify":true,"config":null}""", Cluster());

        ClusterContext proxied = Context(new Uri("http://proxy:8080"), "ca"u8.ToArray());
        await RunAsync(plugin with { ClusterConfig = """{"audience":6}""" }, context: proxied);
        Assert.Equal(
            "{\"server\":\"https://host:6443\",\"tls-server-name\":\"name\",\"certificate-authority-data\":\"Y2E=\","
            + "\"proxy-url\":\"http://proxy:8080\",\"config\":{\"audience\":6}}",
            Cluster());

        string Cluster() => JsonDocument.Parse(Info()).RootElement.GetProperty("spec").GetProperty("cluster").GetRawText();
    }

    [Fact]
    public async Task A_plugin_that_needs_a_console_is_not_run_without_one()
    {
        ExecPlugin plugin = Script($"touch '{_folder.Root}/ran'; echo '{Answer}'") with { InteractiveMode = InteractiveMode.Always };
        Assert.Contains("console", await FailsAsync(plugin), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.PathOf("ran")));
        await RunAsync(plugin, isConsoleThere: true);
        Assert.True(File.Exists(_folder.PathOf("ran")));
    }

    // With a person at the console the plugin's text goes there as well, as it is.
    [Theory]
    [InlineData(InteractiveMode.Never, false)]
    [InlineData(InteractiveMode.Never, true)]
    [InlineData(InteractiveMode.IfAvailable, false)]
    [InlineData(InteractiveMode.IfAvailable, true)]
    [InlineData(InteractiveMode.Always, true)]
    public async Task The_error_text_of_a_plugin_that_fails_is_shown_and_its_output_is_not(InteractiveMode mode, bool isConsoleThere)
    {
        ExecPlugin plugin = Script($"echo '{Answer}'; printf 'no \\033[31mlogin\\033[0m\\007\\nlog in first' >&2; exit 3") with { InteractiveMode = mode };
        string message = await FailsAsync(plugin, isConsoleThere);
        Assert.EndsWith("failed with exit code 3. It said: no login\nlog in first", message, StringComparison.Ordinal);
        Assert.EndsWith("It said nothing.", await FailsAsync(Script("exit 1") with { InteractiveMode = mode }, isConsoleThere), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_error_text_is_cut_to_its_end()
    {
        string noise = "i=0; while [ $i -lt 5000 ]; do echo 'a line of noise' >&2; i=$((i+1)); done";
        string message = await FailsAsync(Script(noise + "; echo the end >&2; exit 1"));
        Assert.EndsWith("the end", message, StringComparison.Ordinal);
        Assert.InRange(message.Length, 2000, 2500);
    }

    [Theory]
    [InlineData("echo hunter2", "not an ExecCredential")]
    [InlineData("true", "not an ExecCredential")]
    [InlineData("yes hunter2", "KiB")]
    public async Task Output_that_is_no_credential_is_an_error(string script, string problem) =>
        Assert.Contains(problem, await FailsAsync(Script(script)), StringComparison.Ordinal);

    [Theory]
    [InlineData("no-such-plugin-anywhere")]
    [InlineData("/no/such/plugin")]
    public async Task A_plugin_that_is_not_there_is_an_error_with_the_hint(string command)
    {
        string message = await FailsAsync(Plugin(command));
        Assert.EndsWith("was not found, or is not executable. Get it from example.org.", message, StringComparison.Ordinal);
        Assert.Contains("Install it", await FailsAsync(Plugin(command) with { InstallHint = null }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_program_is_an_error()
    {
        string path = _folder.Write("data", [0, 1, 2, 3]);
        Assert.Contains("not executable", await FailsAsync(Plugin(path)), StringComparison.Ordinal);
#pragma warning disable CA1416 // Skipped on Windows.
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
#pragma warning restore CA1416
        Assert.Contains("could not be started", await FailsAsync(Plugin(path)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_is_found_on_PATH_and_never_in_the_current_folder()
    {
        Assert.True(Path.IsPathRooted(Executable.Find("sh")));
        Assert.Equal("/bin/sh", Executable.Find("/bin/sh"));
        Assert.Null(Executable.Find(Path.GetFileName(typeof(ExecPluginTests).Assembly.Location)));
        Assert.Null(Executable.Find("/bin"));
    }

    [Fact]
    public async Task Cancellation_ends_the_plugin_and_what_it_started()
    {
        ExecPlugin plugin = Script($"cd '{_folder.Root}'; sleep 600 & echo $! > child.new; mv child.new child; wait");
        using CancellationTokenSource source = new();
        Task<ExecCredential> run = new ExecPluginRunner(plugin, Context(), false).RunAsync(source.Token);
        await UntilAsync(() => File.Exists(_folder.PathOf("child")));

        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        int child = int.Parse(File.ReadAllText(_folder.PathOf("child")), CultureInfo.InvariantCulture);
        await UntilAsync(() => !IsRunning(child));
    }

    [Fact]
    public async Task A_process_that_a_plugin_leaves_behind_does_not_hold_up_its_credential()
    {
        ExecPlugin plugin = Script($"sleep 600 > /dev/null & echo $! > '{_folder.Root}/child'; echo '{Answer}'");
        ExecCredential credential = await RunAsync(plugin);
        using Process child = Process.GetProcessById(int.Parse(File.ReadAllText(_folder.PathOf("child")), CultureInfo.InvariantCulture));
        child.Kill();
        Assert.NotNull(credential.Token);
    }

    [Fact]
    public async Task A_credential_is_kept_until_the_server_refuses_it()
    {
        using ExecPluginCredentials credentials = new(Counting(""), Context(), false);
        ExecCredential[] first = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => credentials.GetAsync(_cancellation)));
        Assert.Single(first.Distinct());
        Assert.Equal(1, Runs);

        credentials.Invalidate(first[0]);
        ExecCredential second = await credentials.GetAsync(_cancellation);
        credentials.Invalidate(first[0]);
        Assert.Same(second, await credentials.GetAsync(_cancellation));
        Assert.Equal(2, Runs);
    }

    [Theory]
    [InlineData("2100-01-01T00:00:00Z", 1)]
    [InlineData("2000-01-01T00:00:00Z", 3)]
    public async Task A_credential_is_kept_until_it_expires(string expires, int runs)
    {
        using ExecPluginCredentials credentials = new(Counting($",\"expirationTimestamp\":\"{expires}\""), Context(), false);
        for (int i = 0; i < 3; i++)
        {
            await credentials.GetAsync(_cancellation);
        }

        Assert.Equal(runs, Runs);
    }

    [Fact]
    public async Task After_a_failure_or_a_cancellation_the_plugin_is_run_again()
    {
        ExecPlugin plugin = Script($"[ -e '{_folder.Root}/ready' ] || exit 1; echo '{Answer}'");
        using ExecPluginCredentials credentials = new(plugin, Context(), false);
        await Assert.ThrowsAsync<K3sTokenException>(() => credentials.GetAsync(_cancellation));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => credentials.GetAsync(new CancellationToken(canceled: true)));
        _folder.Write("ready", "");
        Assert.NotNull((await credentials.GetAsync(_cancellation)).Token);
    }

    private int Runs => File.ReadAllLines(_folder.PathOf("runs")).Length;

    private ExecPlugin Counting(string more) => Script(
        $"echo run >> '{_folder.Root}/runs'; echo '{Answer.Replace("\"hunter2\"", "\"hunter2\"" + more, StringComparison.Ordinal)}'");

    private static bool IsRunning(int id)
    {
        try
        {
            // An orphan that nobody has waited for yet is a zombie.
            return !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        for (int i = 0; i < 1000 && !condition(); i++)
        {
            await Task.Delay(10, _cancellation);
        }

        Assert.True(condition());
    }
}
