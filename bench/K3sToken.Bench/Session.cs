using System;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;

namespace K3sToken.Bench;

/// <summary>A PowerShell that stays, and tells how long each script took in it.</summary>
internal sealed class Session : IDisposable
{
    // Out-Null takes the objects as they come, as a pipeline does; a variable would keep them all. A script is compiled once, as in a loop.
    private const string Loop =
        """
        $ErrorActionPreference = 'Stop'
        $ProgressPreference = 'SilentlyContinue'
        $scripts = @{}
        while ($null -ne ($line = [Console]::In.ReadLine())) {
            if (-not $scripts.ContainsKey($line)) {
                $scripts[$line] = [scriptblock]::Create([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($line)))
            }

            $script = $scripts[$line]
            $watch = [Diagnostics.Stopwatch]::StartNew()
            try { . $script | Out-Null; $problem = '' } catch { $problem = "$_" }
            $milliseconds = $watch.Elapsed.TotalMilliseconds
            if ($LASTEXITCODE) { $problem = "exit code $LASTEXITCODE" }
            [Console]::Out.WriteLine((ConvertTo-Json -Compress @{ milliseconds = $milliseconds; problem = $problem }))
        }
        """;

    private readonly Process _process;

    public Session(string powerShell)
    {
        ProcessStartInfo start = new(powerShell, ["-NoLogo", "-NoProfile", "-NonInteractive", "-Command", Loop])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
    }

    /// <summary>Runs a script and says how long it took, in milliseconds. What it sets stays for the next one.</summary>
    public async Task<double> TimeAsync(string script)
    {
        await _process.StandardInput.WriteLineAsync(Convert.ToBase64String(Encoding.UTF8.GetBytes(script)));
        await _process.StandardInput.FlushAsync();
        string line = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("PowerShell ended.");
        using JsonDocument answer = JsonDocument.Parse(line);
        string problem = answer.RootElement.GetProperty("problem").GetString()!;
        return problem.Length == 0
            ? answer.RootElement.GetProperty("milliseconds").GetDouble()
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"'{script}' failed: {problem}"));
    }

    /// <summary>Makes sure that what is measured does what it is measured for.</summary>
    /// <exception cref="InvalidOperationException">The script writes another number of objects.</exception>
    public Task ExpectAsync(string script, int count) =>
        TimeAsync(string.Create(CultureInfo.InvariantCulture, $"$n = @({script}).Count; if ($n -ne {count}) {{ throw \"$n objects in place of {count}\" }}"));

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
