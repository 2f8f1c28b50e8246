using System.Net;
using K3sToken.Kubernetes;

namespace K3sToken.Supervisor;

/// <summary>What a supervisor answered.</summary>
/// <param name="Status">The status; of a failure also what the body says.</param>
/// <param name="Body">The body of a success; empty for a failure.</param>
internal sealed record SupervisorAnswer(ApiStatus Status, byte[] Body)
{
    private const string CoreNotReady = "runtime core not ready";

    /// <summary>True where it is a page for people. No K3s server sends one: something in between answered, and that says nothing of the
    /// server.</summary>
    public bool IsWebPage { get; init; }

    /// <summary>The status code.</summary>
    public HttpStatusCode Code => Status.Code;

    /// <summary>True where the API server behind the supervisor answered, because the supervisor does not know the path. It says nothing
    /// of the supervisor's credentials.</summary>
    public bool IsFromApiServer => Status.ApiVersion.Length > 0;

    /// <summary>True where the supervisor judged the credentials, and only what comes after that is not up yet.</summary>
    public bool IsCoreNotReady => Code == HttpStatusCode.ServiceUnavailable && !IsFromApiServer && Status.Message == CoreNotReady;

    /// <summary>The status for a message, such as <c>503 ServiceUnavailable (starting)</c>.</summary>
    public override string ToString()
    {
        string text = ServerText.Clean(Status.Message);
        return $"{(int)Code} {Code}" + (text.Length > 0 ? $" ({text})" : "");
    }
}
