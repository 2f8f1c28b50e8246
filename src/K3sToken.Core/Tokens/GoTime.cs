using System;

namespace K3sToken.Tokens;

/// <summary>Points in time as the server reads them: RFC 3339 with the liberties that Go's <c>time.Parse</c> takes. An hour may have one
/// digit, a comma may begin the fraction, an offset may be 24:60; <c>t</c>, <c>z</c> and a leap second are refused.</summary>
public static class GoTime
{
    private const int FractionDigits = 9;
    private const long NanosecondsPerTick = 100;
    private const int DaysIn400Years = 146097;

    /// <summary>Reads a point in time.</summary>
    /// <param name="text">The text, which nobody has trimmed.</param>
    /// <param name="utc">The time in UTC, cut off to 100 ns. A time before the year 1 or after 9999 is the nearest that DateTime
    /// holds.</param>
    public static bool TryParseRfc3339(ReadOnlySpan<char> text, out DateTime utc)
    {
        utc = default;
        if (!TryTakeDigits(ref text, 4, out int year) || !TryTake(ref text, '-')
            || !TryTakeDigits(ref text, 2, out int month) || month is < 1 or > 12 || !TryTake(ref text, '-')
            || !TryTakeDigits(ref text, 2, out int day) || day < 1 || day > DateTime.DaysInMonth(SameCalendar(year), month)
            || !TryTake(ref text, 'T')
            || !TryTakeHour(ref text, out int hour) || hour > 23 || !TryTake(ref text, ':')
            || !TryTakeDigits(ref text, 2, out int minute) || minute > 59 || !TryTake(ref text, ':')
            || !TryTakeDigits(ref text, 2, out int second) || second > 59)
        {
            return false;
        }

        long fraction = TakeFraction(ref text);
        if (!TryTakeOffset(ref text, out long offset) || !text.IsEmpty)
        {
            return false;
        }

        long ticks = new DateTime(SameCalendar(year), month, day, hour, minute, second, DateTimeKind.Utc).Ticks + fraction - offset;
        utc = Nearest(year == 0 ? ticks - (DaysIn400Years * TimeSpan.TicksPerDay) : ticks);
        return true;
    }

    /// <summary>Reads a point in time from a server's bytes.</summary>
    /// <param name="text">ASCII; anything else is no time.</param>
    /// <param name="utc">As above.</param>
    public static bool TryParseRfc3339(ReadOnlySpan<byte> text, out DateTime utc)
    {
        char[] characters = new char[text.Length];
        for (int i = 0; i < text.Length; i++)
        {
            characters[i] = (char)text[i];
        }

        return TryParseRfc3339(characters.AsSpan(), out utc);
    }

    /// <summary>DateTime has no year 0; the calendar repeats every 400 years.</summary>
    private static int SameCalendar(int year) => year == 0 ? 400 : year;

    private static DateTime Nearest(long ticks) =>
        new(Math.Min(Math.Max(ticks, DateTime.MinValue.Ticks), DateTime.MaxValue.Ticks), DateTimeKind.Utc);

    private static bool TryTake(ref ReadOnlySpan<char> text, char expected)
    {
        if (text.IsEmpty || text[0] != expected)
        {
            return false;
        }

        text = text.Slice(1);
        return true;
    }

    private static bool TryTakeDigits(ref ReadOnlySpan<char> text, int count, out int value)
    {
        value = 0;
        for (int i = 0; i < count; i++)
        {
            if (!IsDigit(text, i))
            {
                return false;
            }

            value = (value * 10) + (text[i] - '0');
        }

        text = text.Slice(count);
        return true;
    }

    private static bool TryTakeHour(ref ReadOnlySpan<char> text, out int hour) =>
        TryTakeDigits(ref text, IsDigit(text, 1) ? 2 : 1, out hour);

    private static long TakeFraction(ref ReadOnlySpan<char> text)
    {
        if (text.Length < 2 || text[0] is not ('.' or ',') || !IsDigit(text, 1))
        {
            return 0;
        }

        int length = 1;
        while (IsDigit(text, length))
        {
            length++;
        }

        long nanoseconds = 0;
        for (int i = 1; i <= FractionDigits; i++)
        {
            nanoseconds = (nanoseconds * 10) + (i < length ? text[i] - '0' : 0);
        }

        text = text.Slice(length);
        return nanoseconds / NanosecondsPerTick;
    }

    private static bool TryTakeOffset(ref ReadOnlySpan<char> text, out long offset)
    {
        offset = 0;
        if (TryTake(ref text, 'Z'))
        {
            return true;
        }

        int sign = TryTake(ref text, '+') ? 1 : TryTake(ref text, '-') ? -1 : 0;
        if (sign == 0
            || !TryTakeDigits(ref text, 2, out int hours) || hours > 24 || !TryTake(ref text, ':')
            || !TryTakeDigits(ref text, 2, out int minutes) || minutes > 60)
        {
            return false;
        }

        offset = sign * ((hours * TimeSpan.TicksPerHour) + (minutes * TimeSpan.TicksPerMinute));
        return true;
    }

    private static bool IsDigit(ReadOnlySpan<char> text, int index) => index < text.Length && text[index] is >= '0' and <= '9';
}
