using System;
using System.Globalization;

namespace K3sToken.Tokens;

/// <summary>Durations as people write them (<c>30s</c>, <c>90m</c>, <c>1h30m</c>, <c>7d</c>, <c>1.00:00:00</c>) and as
/// <c>k3s token list</c> shows them. The machine's culture plays no part.</summary>
public static class Duration
{
    /// <summary>The longest duration that Kubernetes itself can hold: 2⁶³−1 ns, about 292 years.</summary>
    public static readonly TimeSpan MaxValue = new(long.MaxValue / NanosecondsPerTick);

    private const long NanosecondsPerTick = 100;
    private const int LongestQuote = 20;
    private const string RightForm = "Write a number with its unit, such as 30s, 90m, 24h, 7d or 1h30m.";

    private static readonly string[] TimeSpanForms = ["c", @"d\:h\:m\:s", @"d\:h\:m\:s\.FFFFFFF"];

    /// <summary>Reads a duration that is not negative.</summary>
    public static bool TryParse(string text, out TimeSpan value) => Read(text, out value) is null;

    /// <summary>Reads a duration that is not negative.</summary>
    /// <param name="text">What the person wrote.</param>
    /// <param name="zeroAllowed">Whether <c>0</c> means something.</param>
    /// <exception cref="FormatException">The text is no such duration; the message is for the person.</exception>
    public static TimeSpan Parse(string text, bool zeroAllowed)
    {
        string? problem = Read(text, out TimeSpan value);

        // Only the zero that a person writes means for ever, and not that of an expired token's TimeToLive in a file.
        return problem is null ? Check(value, zeroAllowed && text.IndexOf(':') < 0) : throw new FormatException($"{problem} {RightForm}");
    }

    /// <summary>Hands back a duration that is not negative, and not longer than Kubernetes can hold.</summary>
    /// <param name="value">What the person gave.</param>
    /// <param name="zeroAllowed">Whether zero means something.</param>
    /// <exception cref="FormatException">It is no such duration; the message is for the person.</exception>
    public static TimeSpan Check(TimeSpan value, bool zeroAllowed)
    {
        string? problem = value.Ticks switch
        {
            < 0 => $"'{value}' is negative.",
            0 when !zeroAllowed => "The duration must be longer than zero.",
            _ => value > MaxValue ? TooLong($"'{value}'") : null,
        };
        return problem is null ? value : throw new FormatException($"{problem} {RightForm}");
    }

    /// <summary>The one largest unit of a time to live, cut off: <c>59s</c>, <c>23h</c>, <c>8d</c>, <c>2y</c>; below −1 s
    /// <c>&lt;invalid&gt;</c>.</summary>
    public static string ToHuman(TimeSpan value)
    {
        long seconds = Math.Min(value.Ticks, MaxValue.Ticks) / TimeSpan.TicksPerSecond;
        long minutes = seconds / 60;
        long hours = minutes / 60;
        long days = hours / 24;
        return (seconds, minutes, hours, days) switch
        {
            ( < -1, _, _, _) => "<invalid>",
            ( < 0, _, _, _) => "0s",
            ( < 60, _, _, _) => FormattableString.Invariant($"{seconds}s"),
            (_, < 60, _, _) => FormattableString.Invariant($"{minutes}m"),
            (_, _, < 24, _) => FormattableString.Invariant($"{hours}h"),
            (_, _, _, < 365) => FormattableString.Invariant($"{days}d"),
            _ => FormattableString.Invariant($"{days / 365}y"),
        };
    }

    /// <summary>Null, or what is wrong with the text.</summary>
    private static string? Read(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        string quoted = text.Length <= LongestQuote ? $"'{text}'" : "The text";
        if (text.Length == 0)
        {
            return "The duration is empty.";
        }

        if (text[0] == '-')
        {
            return $"{quoted} is negative.";
        }

        if (text == "0")
        {
            return null;
        }

        if (text.AsSpan().IndexOf(':') >= 0)
        {
            return ReadTimeSpan(text, quoted, out value);
        }

        if (IsBareNumber(text))
        {
            return $"{quoted} has no unit: write 24h for a day.";
        }

        return ReadUnits(text, quoted, out value);
    }

    private static string? ReadTimeSpan(string text, string quoted, out TimeSpan value)
    {
        if (!TimeSpan.TryParseExact(text, TimeSpanForms, CultureInfo.InvariantCulture, TimeSpanStyles.None, out value))
        {
            return $"{quoted} is not a duration of the form days.hours:minutes:seconds.";
        }

        return value > MaxValue ? TooLong(quoted) : null;
    }

    private static bool IsBareNumber(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out _);

    private static string? ReadUnits(string text, string quoted, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        decimal ticks = 0;
        int position = text[0] == '+' ? 1 : 0;
        do
        {
            int unitAt = Skip(text, position, static c => c is (>= '0' and <= '9') or '.');
            int end = Skip(text, unitAt, static c => c is not ((>= '0' and <= '9') or '.'));
            string number = text.Substring(position, unitAt - position);
            if (TicksPer(text.Substring(unitAt, end - unitAt)) is not { } unit || !IsNumber(number))
            {
                return $"{quoted} is not a duration.";
            }

            if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal count)
                || count > MaxValue.Ticks / unit)
            {
                return TooLong(quoted);
            }

            ticks += count * unit;
            position = end;
        }
        while (position < text.Length);

        // Up, so that nothing but zero becomes zero: as a time to live, zero means forever.
        ticks = Math.Ceiling(ticks);
        if (ticks > MaxValue.Ticks)
        {
            return TooLong(quoted);
        }

        value = new TimeSpan((long)ticks);
        return null;
    }

    private static int Skip(string text, int from, Func<char, bool> part)
    {
        while (from < text.Length && part(text[from]))
        {
            from++;
        }

        return from;
    }

    private static bool IsNumber(string text) => text.Trim('.').Length > 0 && text.IndexOf('.') == text.LastIndexOf('.');

    private static string TooLong(string quoted) => $"{quoted} is too long: the longest is {(long)MaxValue.TotalDays}d.";

    private static decimal? TicksPer(string unit) => unit switch
    {
        "ns" => 1m / NanosecondsPerTick,
        "us" or "\u00b5s" or "\u03bcs" => TimeSpan.TicksPerMillisecond / 1000m,
        "ms" => TimeSpan.TicksPerMillisecond,
        "s" => TimeSpan.TicksPerSecond,
        "m" => TimeSpan.TicksPerMinute,
        "h" => TimeSpan.TicksPerHour,
        "d" => TimeSpan.TicksPerDay,
        _ => null,
    };
}
