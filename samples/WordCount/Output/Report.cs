using System.Globalization;
using Spectre.Console;

namespace WordCount;

/// <summary>The totals and the top words, for people.</summary>
public static class Report
{
    /// <summary>The rate of less says nothing: it is over before a node has started.</summary>
    public const long RateBytesMin = 1_000_000;

    private const int LabelMax = 32;

    /// <summary>Writes to the console.</summary>
    public static void Write(IAnsiConsole console, CountResult result, int top)
    {
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{result.TotalWords:N0} words, {result.Words.Count:N0} distinct, in {Size(result.Bytes)}: {Run(result)}"));
        if (result.CutWords > 0)
        {
            console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{result.CutWords:N0} words were longer than {WordTable.WordBytesMax:N0} bytes and count as their first letters."));
        }

        if (top == 0 || result.Words.Count == 0)
            return;
        BarChart chart = new BarChart().UseValueFormatter(count => count.ToString("N0", CultureInfo.InvariantCulture));
        foreach (CountedWord word in result.Words.Take(top))
            chart.AddItem(Label(word.ToString()), word.Count, Color.Green);
        console.WriteLine();
        console.Write(chart);
    }

    /// <summary>What this run did of the count, and how fast.</summary>
    private static string Run(CountResult result)
    {
        if (result.BytesNow <= 0)
            return "all counted before";
        string run = string.Create(CultureInfo.InvariantCulture, $"{result.Elapsed.TotalSeconds:N2} s");
        if (result.BytesNow >= RateBytesMin && result.Elapsed >= TimeSpan.FromSeconds(0.1))
            run += $", {Size(result.BytesNow / result.Elapsed.TotalSeconds)}/s";
        return result.BytesBefore == 0 ? run : $"{run} for the last {Size(result.BytesNow)}, the others were counted before";
    }

    /// <summary>Decimal units, as disks and networks have.</summary>
    public static string Size(double bytes)
    {
        string[] units = ["bytes", "kB", "MB", "GB", "TB", "PB"];
        int unit = 0;
        for (; bytes >= 1000 && unit < units.Length - 1; unit++)
            bytes /= 1000;
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Round(bytes, unit == 0 ? 0 : 1)} {units[unit]}");
    }

    private static string Label(string word) =>
        word.Length <= LabelMax ? word : string.Concat(string.Concat(word.EnumerateRunes().Take(LabelMax - 1)), "…");
}
