using System.Globalization;
using Spectre.Console;

namespace WordCount;

/// <summary>The totals and the top words, for people.</summary>
public static class Report
{
    private const int LabelMax = 32;

    /// <summary>Writes to the console.</summary>
    public static void Write(IAnsiConsole console, CountResult result, int top)
    {
        double seconds = Math.Max(result.Elapsed.TotalSeconds, 1e-6);
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{result.TotalWords:N0} words, {result.Words.Count:N0} distinct, in {Size(result.Bytes)}: ") + string.Create(
            CultureInfo.InvariantCulture, $"{seconds:N2} s, {Size(result.Bytes / seconds)}/s"));
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
