using System;

namespace K3sToken.Bootstrap;

/// <summary>How long a token is to live: for a time from now on, until a moment, or for ever.</summary>
public sealed record Lifetime
{
    private readonly TimeSpan? _span;
    private readonly DateTime? _untilUtc;

    private Lifetime(TimeSpan? span, DateTime? untilUtc)
    {
        _span = span;
        _untilUtc = untilUtc;
    }

    /// <summary>24 hours, as <c>k3s token create</c> has it.</summary>
    public static Lifetime Default { get; } = Of(TimeSpan.FromHours(24));

    /// <summary>From now on; zero for ever.</summary>
    public static Lifetime Of(TimeSpan span) => new(span == TimeSpan.Zero ? null : span, null);

    /// <summary>Until a moment; one of no kind is local time.</summary>
    public static Lifetime Until(DateTime moment) => new(null, moment.ToUniversalTime());

    /// <summary>The moment it ends, UTC; null for never.</summary>
    /// <param name="utcNow">Now, by the cluster's clock.</param>
    /// <exception cref="K3sTokenException">It has ended already.</exception>
    public DateTime? EndsAt(DateTime utcNow)
    {
        if (_untilUtc is not DateTime until)
        {
            return _span is not TimeSpan span ? null : span < DateTime.MaxValue - utcNow ? utcNow + span : DateTime.MaxValue;
        }

        return until > utcNow
            ? until
            : throw new K3sTokenException(
                ErrorId.ExpirationInPast,
                $"The expiry {until.ToLocalTime():yyyy-MM-dd HH:mm:ss} has passed: it is {utcNow.ToLocalTime():yyyy-MM-dd HH:mm:ss} on the cluster. "
                + "Give a later -ExpiresOn, or a -TimeToLive such as 24h.");
    }
}
