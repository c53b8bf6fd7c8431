using System.Globalization;
using System.Text;
using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>Words about an entity.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Words">The words.</param>
/// <param name="Ask">The number of the script's ask that they are about; 0: none.</param>
internal sealed record EntityNote(EntityId Entity, string Words, int Ask = 0)
{
    public override string ToString() => Ask == 0 ? $"{Entity}: {Words}" : FormattableString.Invariant($"{Entity}: SCRIPT, ask {Ask} {Words}");
}

/// <summary>The trace of a run in words: what concerns the entity or the shard at fault, or all of it.</summary>
internal static class Explanation
{
    /// <summary>What concerns the fault, from when the script began.</summary>
    public static string Of(SimulatedGrid grid, Exception failure)
    {
        var broken = Find(failure);
        var entity = broken?.Entity ?? (broken is { Shard: >= 0 } ? null : grid.LastAsked);
        int shard = broken is { Shard: >= 0 } ? broken.Shard : entity is { } id ? grid.Journal.View.ShardOf(id).Value : -1;
        var (lines, leftOut) = Excerpt.Of(Tell(grid, new Narrator(grid, shard, entity)));
        string about = shard < 0 ? "the grid" : entity is { } e ? $"{e} (shard {shard})" : $"shard {shard}";
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"What concerns {about}; of less concern are {leftOut:N0} lines, left out here:\n");
        foreach (string line in lines) text.Append("  ").Append(line).Append('\n');
        return text.ToString();
    }

    /// <summary>The whole trace, a line for each entry.</summary>
    public static string Whole(SimulatedGrid grid)
    {
        var text = new StringBuilder();
        foreach (var entry in grid.World.Trace.Entries) text.Append(WholeLine(grid, entry)).Append('\n');
        return text.ToString();
    }

    /// <summary>An entry in words, whatever it concerns.</summary>
    public static string WholeLine(SimulatedGrid grid, in TraceEntry entry)
    {
        var narrator = new Narrator(grid, entry.Shard, entity: null);
        string words = entry.Kind is TraceKind.FrameSent or TraceKind.FrameDelivered
            ? $"{(entry.Kind == TraceKind.FrameSent ? "->" : "<-")} {grid.World.Machines[(int)entry.B].Name}: {WireCodec.Decode((byte[])entry.Subject!)}"
            : narrator.Tell(entry) is { } told ? $"{(entry.Shard < 0 ? "" : $"shard {entry.Shard} ")}{told.Words}"
            : $"{entry.Kind} {(entry.Kind is TraceKind.StorePerformed ? (StoreOperation)entry.A : entry.A)} {entry.B} {entry.Subject}";
        string where = entry.Machine < 0 ? "" : grid.World.Machines[entry.Machine].Name;
        return FormattableString.Invariant($"{entry.Ticks / (double)TimeSpan.TicksPerSecond,11:0.000000} {where,-8} {words}");
    }

    /// <summary>The lines of all entries; of the start, only what it led to.</summary>
    private static IEnumerable<TraceLine> Tell(SimulatedGrid grid, Narrator narrator)
    {
        TraceLine? view = null;
        foreach (var entry in grid.World.Trace.Entries)
        {
            bool isStart = grid.ScriptBeganAt is { } began && entry.Ticks < began.Ticks;
            if (!isStart && view is not null)
            {
                yield return view;
                view = null;
            }
            var line = narrator.Tell(entry);
            if (line is null) continue;
            if (!isStart) yield return line;
            else if (entry.Kind == TraceKind.ViewWritten && entry.B == 1) view = line with { Relevance = Relevance.Core };
        }
    }

    private static PromiseBrokenException? Find(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            if (failure is PromiseBrokenException broken) return broken;
        }
        return null;
    }
}
