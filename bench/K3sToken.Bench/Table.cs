using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace K3sToken.Bench;

/// <summary>The results as they come in, and the Markdown table that they make.</summary>
internal sealed class Table
{
    private static readonly string[] Titles = ["measured", "median", "middle half", "compared", "at most", ""];

    private readonly List<string[]> _rows = [];

    /// <summary>Adds a figure that others are compared with.</summary>
    public void Add(string what, Figures figures, string unit = "ms") =>
        AddRow(what, Text(figures.Median, unit), Spread(figures), "", "", "");

    /// <summary>Adds a figure with what it is compared with, and whether it keeps to its limit.</summary>
    public void Add(string what, Figures figures, Comparison comparison, string unit = "ms") => AddRow(
        what, Text(figures.Median, unit), Spread(figures), comparison.Text, comparison.LimitText, comparison.IsKept switch
        {
            null => "",
            true => "yes",
            false => "NO",
        });

    /// <summary>Says why something was not measured.</summary>
    public void Skip(string what, string why) => AddRow(what, "-", "", "skipped: " + why, "", "");

    public void Write(TextWriter to)
    {
        int[] widths = [.. Titles.Select((title, i) => Math.Max(title.Length, _rows.Max(row => row[i].Length)))];
        void Line(IEnumerable<string> cells) =>
            to.WriteLine("| " + string.Join(" | ", cells.Select((cell, i) => cell.PadRight(widths[i]))) + " |");

        Line(Titles);
        to.WriteLine("|" + string.Join("|", widths.Select(width => new string('-', width + 2))) + "|");
        _rows.ForEach(Line);
    }

    public static string Text(double value, string unit) =>
        value.ToString(value < 20 ? "0.0" : "#,0", CultureInfo.InvariantCulture) + (unit.Length > 0 ? " " + unit : "");

    public static string Signed(double value, string unit) => (value < 0 ? "" : "+") + Text(value, unit);

    private static string Spread(Figures figures) => $"{Text(figures.Low, "")} to {Text(figures.High, "")}";

    // Somebody who waits for a full run sees how far it is.
    private void AddRow(params string[] cells)
    {
        _rows.Add(cells);
        Console.Error.WriteLine(string.Join("   ", cells));
    }
}

/// <summary>A figure against others, and the limit it is to keep to, if it has one.</summary>
internal sealed record Comparison(string Text, string LimitText, bool? IsKept)
{
    /// <summary>How much more than a base.</summary>
    public static Comparison Over(Figures figures, Figures other, string otherName, double? most, string unit = "ms")
    {
        Figures over = figures.With(other, (one, another) => one - another);
        return new Comparison(
            $"{Table.Signed(over.Median, unit)} over {otherName} ({Table.Signed(over.Low, "")} to {Table.Signed(over.High, "")})",
            most is { } limit ? Table.Signed(limit, unit) : "",
            most is null ? null : over.Median <= most);
    }

    /// <summary>As a share of another, which may be much less or a little more than it.</summary>
    public static Comparison Times(Figures figures, Figures other, string otherName, double? most)
    {
        Figures times = figures.With(other, (one, another) => one / another);
        return new Comparison(
            string.Create(CultureInfo.InvariantCulture, $"{times.Median:0.00#} × {otherName} ({times.Low:0.00#} to {times.High:0.00#})"),
            most is { } limit ? string.Create(CultureInfo.InvariantCulture, $"{limit:0.###} ×") : "",
            most is null ? null : times.Median <= most);
    }

    /// <summary>By itself.</summary>
    public static Comparison None(Figures figures, double most, string unit = "ms") =>
        new("", Table.Text(most, unit), figures.Median <= most);

    /// <summary>Two limits for one figure.</summary>
    public Comparison And(Comparison other) => new(
        Join(Text, other.Text),
        Join(LimitText, other.LimitText),
        IsKept is null ? other.IsKept : other.IsKept is null ? IsKept : IsKept & other.IsKept);

    private static string Join(string one, string other) => string.Join("; ", new[] { one, other }.Where(text => text.Length > 0));
}
