using System.Collections;
using System.Collections.Generic;
using System.Linq;

namespace K3sToken.PowerShell.Completers;

/// <summary>Usual durations; for a bare number, the number with each unit.</summary>
internal sealed class DurationCompleter : Completer
{
    private static readonly (string Unit, string Name)[] Units = [("m", "minute"), ("h", "hour"), ("d", "day")];

    private protected override IEnumerable<(string Text, string Meaning)> Offer(string parameter, string word, IDictionary bound)
    {
        if (word.Length > 0 && word.All(c => c is >= '0' and <= '9') && word.Trim('0').Length > 0)
        {
            return Units.Select(unit => (word + unit.Unit, $"{word} {unit.Name}{(word.TrimStart('0') == "1" ? "" : "s")}"));
        }

        return parameter switch
        {
            "Timeout" => [("5m", "5 minutes"), ("30m", "30 minutes (the default)"), ("2h", "2 hours")],
            "ExpiringWithin" => [("1h", "1 hour"), ("24h", "1 day"), ("7d", "7 days")],
            _ => [("1h", "1 hour"), ("24h", "1 day (the default of a new token)"), ("7d", "7 days"), ("30d", "30 days"), ("0", "Never expires")],
        };
    }

    /// <summary>PowerShell reads 7d as a number, and the parameter what was written.</summary>
    private protected override bool NeedsQuotes(string text) => false;
}
