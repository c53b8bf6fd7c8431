namespace ActorGrid.Testing;

/// <summary>Chooses the lines of a trace that somebody reads first: what concerns the fault, and of the rest as much as there is room for, the latest.</summary>
internal static class Excerpt
{
    /// <summary>Up to so many lines, what happened beside and around is shown.</summary>
    public const int LinesMax = 60;

    /// <summary>What is at the core is shown whole, unless there is more than anybody reads: then its beginning and its end.</summary>
    public const int CoreLinesMax = 400;

    private const int CoreBeginning = 100;

    /// <summary>The longest piece that is looked for when lines say the same over and over, and how often at least that has to be.</summary>
    private const int CycleMax = 12, CycleTimesMin = 3;

    /// <summary>Chooses.</summary>
    /// <param name="lines">All, in order.</param>
    /// <returns>Those to show, in order, and how many others there are.</returns>
    public static (IReadOnlyList<string> Lines, int LeftOut) Of(IEnumerable<TraceLine> lines)
    {
        var merged = Merge(MergeCycles([.. lines]));
        var core = merged.Where(static line => line.Relevance == Relevance.Core).ToList();
        int cut = core.Count - CoreLinesMax;
        if (cut > 0)
        {
            List<string> beginning = [.. core.Take(CoreBeginning).Select(static line => line.ToString())];
            string gap = FormattableString.Invariant($"        ... {cut:N0} lines, which the whole trace has");
            return ([.. beginning, gap, .. core.Skip(CoreBeginning + cut).Select(static line => line.ToString())], merged.Count - CoreLinesMax);
        }
        int room = Math.Max(0, LinesMax - core.Count);
        var chosen = merged.Index()
            .Where(static line => line.Item.Relevance < Relevance.Core)
            .OrderByDescending(static line => line.Item.Relevance).ThenByDescending(static line => line.Index)
            .Take(room).Select(static line => line.Index).ToHashSet();
        List<string> shown = [.. merged.Where((line, i) => line.Relevance == Relevance.Core || chosen.Contains(i)).Select(static line => line.ToString())];
        return (shown, merged.Count - shown.Count);
    }

    /// <summary>Makes one piece of the lines at the core that say the same over and over, as a script does that repeats what it asks.</summary>
    private static IEnumerable<TraceLine> MergeCycles(List<TraceLine> lines)
    {
        var core = lines.FindAll(static line => line.Relevance == Relevance.Core);
        var repeated = new HashSet<TraceLine>(ReferenceEqualityComparer.Instance);
        for (int at = 0; at < core.Count;)
        {
            int length = 1, times = TimesOver(core, at, length);
            while (times < CycleTimesMin && length < CycleMax) times = TimesOver(core, at, ++length);
            if (times < CycleTimesMin)
            {
                at++;
                continue;
            }
            for (int i = length; i < length * times; i++)
            {
                var (first, again) = (core[at + (i % length)], core[at + i]);
                first.Times++;
                first.LastTicks = again.Ticks;
                repeated.Add(again);
            }
            at += length * times;
        }
        return lines.Where(line => !repeated.Contains(line));
    }

    /// <summary>How often the lines from there on say the same as the first of them.</summary>
    private static int TimesOver(List<TraceLine> lines, int at, int length)
    {
        int end = at + length;
        while (end < lines.Count && string.Equals(lines[end].Sort, lines[end - length].Sort, StringComparison.Ordinal)) end++;
        return (end - at) / length;
    }

    /// <summary>Makes one line of those that say the same, as long as nothing at the core happens between them.</summary>
    private static List<TraceLine> Merge(IEnumerable<TraceLine> lines)
    {
        var merged = new List<TraceLine>();
        var since = new Dictionary<string, TraceLine>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            if (line.Relevance < Relevance.Core && since.TryGetValue(line.Sort, out var first))
            {
                first.Times++;
                first.LastTicks = line.Ticks;
                continue;
            }
            if (line.Relevance == Relevance.Core) since.Clear();
            else since.Add(line.Sort, line);
            merged.Add(line);
        }
        return merged;
    }
}
