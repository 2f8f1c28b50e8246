using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace K3sToken.Tests.Sandboxing;

/// <summary>
/// The values that differ on every run: which of ours stands for which recorded one. One recorded value must always be the same value
/// here, and versions must keep their order.
/// </summary>
internal sealed partial class ChangingValues
{
    private readonly Dictionary<string, string> _oursOf = [];
    private readonly SortedDictionary<long, long> _versions = [];

    /// <summary>A recorded request with our values in place of the recorded ones.</summary>
    public string ToOurs(string text) =>
        Anything().Replace(text, match => OursOf(match.Value));

    /// <summary>Our answer with the recorded values in place of ours, as far as they may differ.</summary>
    /// <exception cref="FormatException">A value does not have the shape of the recorded one, or stood for another before.</exception>
    public string ToRecorded(string recorded, string ours)
    {
        MatchCollection expected = Changing().Matches(recorded);
        MatchCollection actual = Changing().Matches(ours);
        if (expected.Count != actual.Count)
        {
            return ours;
        }

        StringBuilder result = new();
        int end = 0;
        foreach ((Match theirs, Match own) in expected.Zip(actual))
        {
            (string kind, Group value) = Value(theirs);
            (string ownKind, Group ownValue) = Value(own);
            if (kind != ownKind)
            {
                return ours;
            }

            Learn(kind, value.Value, ownValue.Value);
            result.Append(ours, end, ownValue.Index - end).Append(value.Value);
            end = ownValue.Index + ownValue.Length;
        }

        return result.Append(ours, end, ours.Length - end).ToString();
    }

    private string OursOf(string recorded)
    {
        if (_oursOf.TryGetValue(recorded, out string? ours))
        {
            return ours;
        }

        bool known = long.TryParse(recorded, NumberStyles.None, CultureInfo.InvariantCulture, out long version)
            & _versions.TryGetValue(version, out long own);
        return known ? own.ToString(CultureInfo.InvariantCulture) : recorded;
    }

    private void Learn(string kind, string recorded, string ours)
    {
        switch (kind)
        {
            case "version":
                LearnVersion(long.Parse(recorded, CultureInfo.InvariantCulture), long.Parse(ours, CultureInfo.InvariantCulture));
                break;
            case "continue":
                LearnContinue(recorded, ours);
                break;
            case "time":
                Check(Time().IsMatch(ours), $"{ours} is no time");
                break;
            case "hash":
                Check(ours.Length == recorded.Length, $"{ours} is no hash");
                break;
            case "uid":
                Check(Guid.TryParseExact(ours, "D", out _), $"{ours} is no uid");
                Check(!_oursOf.TryGetValue(recorded, out string? known) || known == ours, $"{recorded} was {known} and is {ours} now");
                _oursOf[recorded] = ours;
                break;
        }
    }

    private void LearnVersion(long recorded, long ours)
    {
        Check(!_versions.TryGetValue(recorded, out long known) || known == ours, $"version {recorded} was {known} and is {ours} now");
        Check(_versions.All(pair => pair.Key < recorded ? pair.Value <= ours : pair.Key == recorded || pair.Value >= ours),
            $"version {recorded} is {ours}, which is out of order");
        _versions[recorded] = ours;
    }

    private void LearnContinue(string recorded, string ours)
    {
        (string version, long revision, string start) = Token(recorded);
        (string ourVersion, long ourRevision, string ourStart) = Token(ours);
        Check(version == ourVersion && start == ourStart, $"the continue token says {ourVersion} {ourStart}, not {version} {start}");
        LearnVersion(revision, ourRevision);
        _oursOf[recorded] = ours;
    }

    private static (string Version, long Revision, string Start) Token(string text)
    {
        string padded = text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '=');
        using JsonDocument json = JsonDocument.Parse(Convert.FromBase64String(padded));
        JsonElement root = json.RootElement;
        return (root.GetProperty("v").GetString()!, root.GetProperty("rv").GetInt64(), root.GetProperty("start").GetString()!);
    }

    private static (string Kind, Group Value) Value(Match match)
    {
        Group group = match.Groups.Values.Skip(1).First(candidate => candidate.Success);
        return (group.Name.TrimEnd('1', '2', '3'), group);
    }

    private static void Check(bool good, string complaint)
    {
        if (!good)
        {
            throw new FormatException(complaint);
        }
    }

    [GeneratedRegex(
        "\"resourceVersion\": ?\"(?<version>[0-9]+)\"|resourceVersion: \"(?<version1>[0-9]+)\"|current: (?<version2>[0-9]+)|"
        + "in record \\((?<version3>[0-9]+)\\)|in record \\((?<uid>[0-9a-f-]{36})\\)|uid\"?: ?\"?(?<uid1>[0-9a-f-]{36})|"
        + "\"continue\":\"(?<continue>[^\"]+)\"|(creationTimestamp|time)\"?: ?\"(?<time>[^\"]*)\"|X509SHA256=(?<hash>[0-9a-f]+)|"
        + "\"serverAddress\":\"127.0.0.1:(?<port>[0-9]+)\"",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Changing();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f-]{27}|eyJ[A-Za-z0-9_-]+|(?<=resourceVersion=|\"resourceVersion\": \")[0-9]+")]
    private static partial Regex Anything();

    [GeneratedRegex(@"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\z")]
    private static partial Regex Time();
}
