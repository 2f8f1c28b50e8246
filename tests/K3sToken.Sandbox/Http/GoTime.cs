using System;
using System.Globalization;
using System.Text.RegularExpressions;

namespace K3sToken.Sandboxing.Http;

/// <summary>Times as Go reads them: more leniently than RFC 3339 in some places, more strictly than .NET in others.</summary>
internal static partial class GoTime
{
    /// <summary>The time that the text says, or null where Go would not read it.</summary>
    public static DateTimeOffset? ParseRfc3339(string text)
    {
        Match match = Rfc3339().Match(text);
        if (!match.Success)
        {
            return null;
        }

        int year = Number(match, "year");
        int month = Number(match, "month");
        int day = Number(match, "day");
        int hour = Number(match, "hour");
        int minute = Number(match, "minute");
        int second = Number(match, "second");
        if (month is < 1 or > 12 || day < 1 || day > DaysIn(year, month) || hour > 23 || minute > 59 || second > 59)
        {
            return null;
        }

        int offsetHours = match.Groups["sign"].Success ? Number(match, "offsetHours") : 0;
        int offsetMinutes = match.Groups["sign"].Success ? Number(match, "offsetMinutes") : 0;
        if (offsetHours > 24 || offsetMinutes > 60)
        {
            return null;
        }

        // The year 0 is one for Go and none for .NET: both are long past.
        DateTime time = new(Math.Max(year, 1), month, Math.Min(day, DateTime.DaysInMonth(Math.Max(year, 1), month)), hour, minute, second);
        time = time.AddTicks(Ticks(match.Groups["fraction"].Value));
        TimeSpan offset = new(offsetHours, offsetMinutes, 0);
        return Clamped(time, match.Groups["sign"].Value == "-" ? -offset : offset);
    }

    private static DateTimeOffset Clamped(DateTime time, TimeSpan offset)
    {
        long ticks = Math.Clamp(time.Ticks - offset.Ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks);
        return new DateTimeOffset(ticks, TimeSpan.Zero);
    }

    private static int DaysIn(int year, int month) => DateTime.DaysInMonth(year == 0 ? 4 : year, month);

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static long Ticks(string fraction) =>
        fraction.Length == 0 ? 0 : long.Parse(fraction.PadRight(7, '0')[..7], CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"\A(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})T(?<hour>[0-9]{1,2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})"
        + @"([.,](?<fraction>[0-9]+))?(Z|(?<sign>[-+])(?<offsetHours>[0-9]{2}):(?<offsetMinutes>[0-9]{2}))\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Rfc3339();
}
