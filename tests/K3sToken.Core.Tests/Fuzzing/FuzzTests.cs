using Xunit;

namespace K3sToken.Tests.Fuzzing;

/// <summary>
/// Whatever the input is, a reader reads it or refuses it with an error of ours, within a second and 50 MiB. CONTRIBUTING.md says how to have
/// more cases, or one of them again.
/// </summary>
public sealed class FuzzTests
{
    [Fact]
    public void Any_join_token_is_read_or_refused() => Fuzzer.Run(FuzzTargets.JoinTokens);

    [Fact]
    public void Any_bootstrap_token_is_read_or_refused() => Fuzzer.Run(FuzzTargets.BootstrapTokens);

    [Fact]
    public void Any_duration_is_read_or_refused() => Fuzzer.Run(FuzzTargets.Durations);

    [Fact]
    public void Any_point_in_time_is_read_or_refused() => Fuzzer.Run(FuzzTargets.Times);

    [Fact]
    public void Any_CA_bundle_is_read_or_refused() => Fuzzer.Run(FuzzTargets.Bundles);

    [Fact]
    public void Any_exec_plugin_output_is_read_or_refused() => Fuzzer.Run(FuzzTargets.ExecCredentials);

    [Fact]
    public void Any_kubeconfig_is_read_or_refused()
    {
        using KubeconfigTarget kubeconfigs = new();
        Fuzzer.Run(kubeconfigs.Target);
    }
}
