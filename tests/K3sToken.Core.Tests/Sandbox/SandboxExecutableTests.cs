using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using K3sToken.Sandboxing;
using Xunit;

namespace K3sToken.Tests.Sandboxing;

public partial class SandboxExecutableTests
{
    [Fact]
    public async Task It_says_which_kubeconfig_to_use_serves_and_leaves_nothing_behind()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        string data = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using Process process = Start("--tokens", "3", "--cleaner", "off", "--data-dir", data);
        string kubeconfig = await KubeconfigAsync(process);
        string yaml = await File.ReadAllTextAsync(kubeconfig, TestContext.Current.CancellationToken);
        Assert.Equal(3, await SandboxClient.CountSecretsAsync(yaml));
        Assert.True(File.Exists(Path.Combine(data, "server-1", "server", "token")));
        await TerminateAsync(process);
        Assert.Equal(0, process.ExitCode);
        Assert.False(Directory.Exists(Path.GetDirectoryName(kubeconfig)));
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public async Task It_restarts_servers_when_told_and_serves_on_after_its_input_has_ended()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        using Process process = Start("--servers", "3");
        string kubeconfig = await KubeconfigAsync(process);
        string prompt = await AnswerAsync(process, "status", "server-3");
        Assert.Matches("^server-3  https://127.0.0.1:[0-9]+  .+  running$", prompt);
        Assert.Equal("server-2 has started.", await AnswerAsync(process, "restart 2", "server-2 has"));
        Assert.Equal(
            "server-2 has not started: Error: preparing server: failed to bootstrap cluster data: "
                + "bootstrap data already found and encrypted with different token",
            await AnswerAsync(process, "restart 2 wrong", "server-2 has"));
        Assert.Equal("There is no server 4: say a number from 1 to 3.", await AnswerAsync(process, "restart 4", "There is"));
        process.StandardInput.Close();
        string yaml = await File.ReadAllTextAsync(kubeconfig, TestContext.Current.CancellationToken);
        Assert.Equal(0, await SandboxClient.CountSecretsAsync(yaml));
        await TerminateAsync(process);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task It_has_RSA_keys_alone_where_asked()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        using Process process = Start("--keys", "rsa");
        string yaml = await File.ReadAllTextAsync(await KubeconfigAsync(process), TestContext.Current.CancellationToken);
        Assert.Equal(0, await SandboxClient.CountSecretsAsync(yaml));
        Assert.StartsWith("-----BEGIN RSA PRIVATE KEY-----", SandboxClient.Text(yaml, "client-key-data"), StringComparison.Ordinal);
        using X509Certificate2 authority = X509Certificate2.CreateFromPem(SandboxClient.Text(yaml, "certificate-authority-data"));
        Assert.NotNull(authority.GetRSAPublicKey());
        await TerminateAsync(process);
    }

    [Fact]
    public async Task It_shows_what_it_was_asked_and_lets_servers_fail_and_end()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        using Process process = Start("--servers", "2", "--agents", "1", "--agent-token", "an-agent-token");
        string yaml = await File.ReadAllTextAsync(await KubeconfigAsync(process), TestContext.Current.CancellationToken);
        await SandboxClient.CountSecretsAsync(yaml);
        Assert.Matches("^server-1  GET /api/v1/.+  without credentials  200$", await AnswerAsync(process, "requests", "server-"));
        Assert.Equal("server-1 is going to fail.", await AnswerAsync(process, "fail 1 errorAfterFiles 2", "server-1"));
        Assert.Equal("server-1 is going to fail.", await AnswerAsync(process, "break 1 forbidden 1 private 0", "server-1"));
        await Assert.ThrowsAnyAsync<Exception>(() => SandboxClient.CountSecretsAsync(yaml));
        Assert.Equal(0, await SandboxClient.CountSecretsAsync(yaml));
        Assert.Equal("server-1 is going to fail.", await AnswerAsync(process, "break 1 tlsAlert 9 all 0", "server-1"));
        await Assert.ThrowsAnyAsync<Exception>(() => SandboxClient.CountSecretsAsync(yaml));
        Assert.Equal("server-1 is well.", await AnswerAsync(process, "mend 1", "server-1"));
        Assert.Equal(0, await SandboxClient.CountSecretsAsync(yaml));
        string clock = await AnswerAsync(process, "clock -86400", "server-1");
        Assert.Contains(DateTimeOffset.UtcNow.AddDays(-1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), clock, StringComparison.Ordinal);
        Assert.Equal("There is no server 3: say a number from 1 to 2.", await AnswerAsync(process, "mend 3", "There is"));
        Assert.Equal("server-2 is down.", await AnswerAsync(process, "stop 2", "server-2"));
        Assert.Matches("^server-2 .+  down: it was stopped$", await AnswerAsync(process, "status", "server-2"));
        Assert.Equal("server-2 has started.", await AnswerAsync(process, "restart 2", "server-2"));
        Assert.Equal("There is no server 3: say a number from 1 to 2.", await AnswerAsync(process, "stop 3", "There is"));
        await TerminateAsync(process);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("--servers", "0")]
    [InlineData("--agents", "-1")]
    [InlineData("--agent-token")]
    [InlineData("--servers", "16")]
    [InlineData("--servers", "3", "--port", "65534")]
    [InlineData("--nope")]
    [InlineData("--port")]
    [InlineData("--port", "x")]
    [InlineData("--cleaner", "maybe")]
    [InlineData("--keys", "dsa")]
    public async Task What_it_does_not_know_is_answered_with_its_usage(params string[] arguments)
    {
        using Process process = Start(arguments);
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, process.ExitCode);
        Assert.Contains("usage: ", error, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_port_that_is_taken_is_one_sentence()
    {
        await using Sandbox sandbox = await Sandbox.StartAsync();
        using Process process = Start("--port", sandbox.Url.Port.ToString(CultureInfo.InvariantCulture));
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, process.ExitCode);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
        [typeof(Sandbox).Assembly.Location, .. arguments])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private static async Task TerminateAsync(Process process)
    {
        using Process kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What the executable says to a command: the line that begins so.</summary>
    private static async Task<string> AnswerAsync(Process process, string command, string start)
    {
        await process.StandardInput.WriteLineAsync(command);
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is string line)
        {
            if (line.StartsWith(start, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException(await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<string> KubeconfigAsync(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is string line)
        {
            if (Kubeconfig().Match(line) is { Success: true } match)
            {
                return match.Groups[1].Value;
            }
        }

        throw new InvalidOperationException(await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [GeneratedRegex(@"^\s+\$env:KUBECONFIG = '(.+)'$")]
    private static partial Regex Kubeconfig();
}
