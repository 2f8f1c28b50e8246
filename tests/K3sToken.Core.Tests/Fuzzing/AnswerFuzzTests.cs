using Xunit;

namespace K3sToken.Tests.Fuzzing;

/// <summary>The same for what a server answers.</summary>
public sealed class AnswerFuzzTests
{
    [Fact]
    public void Any_page_of_secrets_is_read_or_refused() => Fuzzer.Run(AnswerTargets.SecretPages);

    [Fact]
    public void Any_secret_is_read_or_refused() => Fuzzer.Run(AnswerTargets.Secrets);

    [Fact]
    public void Any_status_is_read_or_refused() => Fuzzer.Run(AnswerTargets.Statuses);
}
