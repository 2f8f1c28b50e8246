using System;
using System.Globalization;
using System.Text.RegularExpressions;

namespace K3sToken.Tokens.Certificates;

/// <summary>The two kinds of time in a certificate, with the offsets and the missing seconds that Go allows there.</summary>
internal static class CertificateTime
{
    private const RegexOptions Plain = RegexOptions.CultureInvariant | RegexOptions.ECMAScript;

    private static readonly Regex Utc = new(
        @"^(?<year>\d\d)(?<month>\d\d)(?<day>\d\d)(?<hour>\d\d)(?<minute>\d\d)(?<second>\d\d)?(?<offset>Z|[+-]\d{4})(?!\n)$", Plain);

    private static readonly Regex Generalized = new(
        @"^(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)(?<hour>\d\d)(?<minute>\d\d)(?<second>\d\d)(?<offset>Z|[+-]\d{4})(?!\n)$", Plain);

    public static DateTime Read(ref DerReader reader)
    {
        if (reader.HasTag(DerReader.UtcTime))
        {
            return Read(ref reader, DerReader.UtcTime, Utc) ?? throw MalformedCertificate.Because("x509: malformed UTCTime");
        }

        if (reader.HasTag(DerReader.GeneralizedTime))
        {
            return Read(ref reader, DerReader.GeneralizedTime, Generalized)
                ?? throw MalformedCertificate.Because("x509: malformed GeneralizedTime");
        }

        throw MalformedCertificate.Because("x509: unsupported time format");
    }

    private static DateTime? Read(ref DerReader reader, byte tag, Regex form)
    {
        if (!reader.TryRead(tag, out ReadOnlySpan<byte> content) || form.Match(Ascii.Text(content)) is not { Success: true } match)
        {
            return null;
        }

        int year = Number(match, "year");
        if (tag == DerReader.UtcTime)
        {
            year += year < 50 ? 2000 : 1900;
        }

        string offset = match.Groups["offset"].Value;
        string zone = offset == "Z" ? offset : offset.Insert(3, ":");
        string second = match.Groups["second"] is { Success: true, Value: var value } ? value : "00";
        string text = FormattableString.Invariant($"{year:0000}-{match.Groups["month"]}-{match.Groups["day"]}T{match.Groups["hour"]}")
            + $":{match.Groups["minute"]}:{second}{zone}";

        // Go prints the time again and compares, and would print these offsets differently.
        bool isCanonical = offset is not ("+0000" or "-0000") && !offset.EndsWith("60", StringComparison.Ordinal);
        return isCanonical && GoTime.TryParseRfc3339(text.AsSpan(), out DateTime time) ? time : null;
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
}
