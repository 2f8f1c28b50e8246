using System.Collections.Generic;
using System.Threading;

namespace K3sToken.Sandboxing.Http;

/// <summary>A request that the sandbox received.</summary>
/// <param name="Method">For example <c>GET</c>.</param>
/// <param name="Target">Path and query, as they were sent.</param>
/// <param name="Protocol"><c>HTTP/1.1</c> or <c>HTTP/2</c>.</param>
/// <param name="ConnectionId">The same for all requests that came over one connection.</param>
/// <param name="Headers">The request's headers, secrets included.</param>
/// <param name="Body">The request's body.</param>
public sealed record LoggedRequest(
    string Method,
    string Target,
    string Protocol,
    string ConnectionId,
    IReadOnlyDictionary<string, string> Headers,
    string Body)
{
    /// <summary>The user that the request was made by; null where nobody was recognised, or nobody asked.</summary>
    public string? User { get; internal set; }

    /// <summary>The status of the answer; 0 while there is none, or if the connection was broken instead.</summary>
    public int Status { get; internal set; }
}

/// <summary>The requests that a sandbox received, in order.</summary>
internal sealed class RequestLog
{
    private readonly Lock _lock = new();
    private readonly List<LoggedRequest> _requests = [];

    public IReadOnlyList<LoggedRequest> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests];
            }
        }
    }

    public void Add(LoggedRequest request)
    {
        lock (_lock)
        {
            _requests.Add(request);
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _requests.Clear();
        }
    }
}
