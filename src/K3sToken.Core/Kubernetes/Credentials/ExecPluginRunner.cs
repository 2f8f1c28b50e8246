using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace K3sToken.Kubernetes;

/// <summary>
/// Runs an exec plugin, without a shell:
/// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
/// </summary>
/// <param name="plugin">What to run.</param>
/// <param name="context">The context that it is run for.</param>
/// <param name="isConsoleThere">Whether a person sits at a console that the plugin can read from.</param>
internal sealed class ExecPluginRunner(ExecPlugin plugin, ClusterContext context, bool isConsoleThere)
{
    private const int MaximumOutput = 1024 * 1024;
    private static readonly TimeSpan GraceForErrorText = TimeSpan.FromSeconds(1);

    /// <summary>The plugin's credential.</summary>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.AuthenticationFailed"/>: there is none to be had.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the plugin and what it started were ended.</exception>
    public async Task<ExecCredential> RunAsync(CancellationToken cancellation)
    {
        if (plugin.InteractiveMode == InteractiveMode.Always && !isConsoleThere)
        {
            throw Failed("needs a person at a console (interactiveMode: Always), and there is none. Run this in an interactive session");
        }

        cancellation.ThrowIfCancellationRequested();
        bool isInteractive = isConsoleThere && plugin.InteractiveMode != InteractiveMode.Never;
        byte[] output = new byte[MaximumOutput];
        try
        {
            int length = await RunAsync(isInteractive, output, cancellation).ConfigureAwait(false);
            return ExecCredential.Parse(output.AsSpan(0, length), plugin.ApiVersion);
        }
        catch (FormatException malformed)
        {
            throw Failed($"gave no credential: {malformed.Message}. Run it by hand to see what it answers");
        }
        finally
        {
            Array.Clear(output, 0, output.Length);
        }
    }

    private async Task<int> RunAsync(bool isInteractive, byte[] output, CancellationToken cancellation)
    {
        TaskCompletionSource<bool> exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<bool> cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using Process process = new() { StartInfo = StartInfo(isInteractive), EnableRaisingEvents = true };
        process.Exited += (_, _) => exited.TrySetResult(true);
        Start(process, isInteractive);

        using CancellationTokenRegistration registration = cancellation.Register(() =>
        {
            process.KillTree();
            cancelled.TrySetResult(true);
        });
        ErrorOutput errors = new(process.StandardError.BaseStream, isInteractive ? Console.OpenStandardError() : null);
        Task<int> read = FillAsync(process.StandardOutput.BaseStream, output);

        await Task.WhenAny(read, cancelled.Task).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        int length = await read.ConfigureAwait(false);
        if (length == output.Length)
        {
            process.KillTree();
            throw Failed($"wrote {MaximumOutput / 1024} KiB and more to its output, which can be no credential");
        }

        await Task.WhenAny(exited.Task, cancelled.Task).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        return process.ExitCode == 0 ? length : throw await ExitErrorAsync(process.ExitCode, errors).ConfigureAwait(false);
    }

    private ProcessStartInfo StartInfo(bool isInteractive)
    {
        ProcessStartInfo start = new(Executable.Find(plugin.Command) ?? throw NotThere())
        {
            UseShellExecute = false,
            CreateNoWindow = !isInteractive,
            RedirectStandardInput = !isInteractive,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.SetArguments(plugin.Arguments);
        foreach (KeyValuePair<string, string> variable in plugin.Environment)
        {
            start.Environment[variable.Key] = variable.Value;
        }

        start.Environment["KUBERNETES_EXEC_INFO"] = ExecPluginInfo.Write(plugin, context, isInteractive);
        return start;
    }

    private void Start(Process process, bool isInteractive)
    {
        try
        {
            process.Start();
        }
        catch (Win32Exception refused)
        {
            throw Failed($"could not be started: {PlainText.Of(refused.Message).TrimEnd('.')}");
        }

        if (!isInteractive)
        {
            process.StandardInput.Dispose();
        }
    }

    // The number of bytes until the end of the stream, or of the buffer.
    private static async Task<int> FillAsync(Stream from, byte[] buffer)
    {
        int length = 0;
        try
        {
            int count;
            while ((count = await from.ReadAsync(buffer, length, buffer.Length - length).ConfigureAwait(false)) > 0)
            {
                length += count;
            }
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The plugin was given up.
        }

        return length;
    }

    // A process that the plugin left behind may hold the error output open.
    private async Task<K3sTokenException> ExitErrorAsync(int exitCode, ErrorOutput errors)
    {
        await Task.WhenAny(errors.Completion, Task.Delay(GraceForErrorText)).ConfigureAwait(false);
        string said = errors.Text is { Length: > 0 } text ? $" It said: {text}" : " It said nothing.";
        return new K3sTokenException(ErrorId.AuthenticationFailed, $"{Title} failed with exit code {exitCode}.{said}");
    }

    private K3sTokenException NotThere()
    {
        string hint = plugin.InstallHint is { } text ? PlainText.Of(text) : "Install it, or correct 'command' in the kubeconfig.";
        return new K3sTokenException(ErrorId.AuthenticationFailed, $"{Title} was not found, or is not executable. {hint}");
    }

    private K3sTokenException Failed(string what) => new(ErrorId.AuthenticationFailed, $"{Title} {what}.");

    private string Title => $"The exec plugin '{plugin.Command}' of user '{context.User.Name}' ({context.Kubeconfig})";
}
