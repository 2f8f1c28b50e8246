using System;
using System.Net;

namespace K3sToken.Kubernetes;

/// <summary>
/// When a request is sent again. A read: on a broken connection, and where the server is too busy (429) or not ready (503). A change:
/// only where the server said that it did not take it, that is 429, or 503 with Retry-After. (Over HTTP/1.1 .NET itself repeats a request
/// without a body before it tells us of a broken connection.)
/// </summary>
internal static class RetryPolicy
{
    private const int MostTriesOnBrokenConnection = 3;
    private const int MostTriesOnBusyServer = 5;

    /// <summary>How long to wait before the next try of a read whose connection broke; null to give up.</summary>
    /// <param name="tries">How often it was sent.</param>
    public static TimeSpan? AfterBrokenConnection(int tries) =>
        tries < MostTriesOnBrokenConnection ? TimeSpan.FromMilliseconds(100 * tries) : null;

    /// <summary>How long to wait before the next try after an answer that was no success; null to give up.</summary>
    /// <param name="status">The answer.</param>
    /// <param name="isRead">True for a request that changes nothing.</param>
    /// <param name="tries">How often it was sent.</param>
    public static TimeSpan? After(ApiStatus status, bool isRead, int tries)
    {
        bool again = (int)status.Code == 429
            || (status.Code == HttpStatusCode.ServiceUnavailable && (isRead || status.RetryAfter is not null));
        return again && tries < MostTriesOnBusyServer
            ? status.RetryAfter ?? TimeSpan.FromMilliseconds(250 << tries)
            : null;
    }
}
