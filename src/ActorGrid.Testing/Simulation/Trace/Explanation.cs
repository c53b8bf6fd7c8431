using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>Words about an entity.</summary>
internal sealed record EntityNote(EntityId Entity, string Words)
{
    public override string ToString() => $"{Entity}: {Words}";
}

/// <summary>The trace of a run in words, cut down to what concerns the entity or the shard at fault.</summary>
internal static partial class Explanation
{
    private const int LinesMax = 250;

    public static string Of(SimulatedGrid grid, Exception failure)
    {
        var broken = Find(failure);
        var entity = broken?.Entity ?? (broken is { Shard: >= 0 } ? null : grid.LastAsked);
        int shard = broken is { Shard: >= 0 } ? broken.Shard : ShardOf(grid, entity);
        var lines = new List<string>();
        int links = 0;
        foreach (var entry in grid.World.Trace.Entries)
        {
            if (Describe(grid, entry, shard, entity) is { } words) lines.Add(Line(grid, entry, words));
            if (entry.Kind == TraceKind.LinkOpened) links++;
        }
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"What concerns {(shard < 0 ? "the grid" : $"shard {shard}")}{(entity is { } e ? $" and {e}" : "")}, of {grid.World.Trace.Entries.Count:N0} entries ({links} openings of links left out):\n");
        if (lines.Count > LinesMax) text.Append(CultureInfo.InvariantCulture, $"  ... {lines.Count - LinesMax} earlier lines\n");
        foreach (string line in lines.Skip(Math.Max(0, lines.Count - LinesMax))) text.Append("  ").Append(line).Append('\n');
        text.Append("  ").Append(failure);
        return text.ToString();
    }

    /// <summary>The whole trace, a line for each entry.</summary>
    public static string Whole(SimulatedGrid grid)
    {
        var text = new StringBuilder();
        foreach (var entry in grid.World.Trace.Entries)
        {
            string words = entry.Kind is TraceKind.FrameSent or TraceKind.FrameDelivered
                ? $"{(entry.Kind == TraceKind.FrameSent ? "->" : "<-")} {grid.World.Machines[(int)entry.B].Name}: {WireCodec.Decode((byte[])entry.Subject!)}"
                : Describe(grid, entry, entry.Shard, entity: null) is { } described ? $"{(entry.Shard < 0 ? "" : $"shard {entry.Shard} ")}{described}"
                : $"{entry.Kind} {(entry.Kind is TraceKind.StorePerformed ? (StoreOperation)entry.A : entry.A)} {entry.B} {entry.Subject}";
            text.Append(Line(grid, entry, words)).Append('\n');
        }
        return text.ToString();
    }

    private static PromiseBrokenException? Find(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            if (failure is PromiseBrokenException broken) return broken;
        }
        return null;
    }

    private static int ShardOf(SimulatedGrid grid, EntityId? entity) =>
        entity is { } id ? grid.Journal.View.ShardOf(id).Value : -1;

    private static string Line(SimulatedGrid grid, TraceEntry entry, string words) => string.Create(
        CultureInfo.InvariantCulture, $"{entry.Ticks / (double)TimeSpan.TicksPerSecond,11:0.000000} {(entry.Machine < 0 ? "" : grid.World.Machines[entry.Machine].Name),-8} {words}");

    private static string? Describe(SimulatedGrid grid, TraceEntry entry, int shard, EntityId? entity) => entry.Kind switch
    {
        TraceKind.Fault => $"FAULT {entry.Subject}",
        TraceKind.Note => IsAbout(entry, entity) ? $"{entry.Subject}" : null,
        TraceKind.Log => NamesAnotherShard(entry, shard) ? null : $"log: {entry.Subject}",
        TraceKind.Started => $"process {entry.A} starts",
        TraceKind.Ended => entry.A == 1 ? "MACHINE LOST" : "PROCESS ENDS",
        TraceKind.StoreFault => $"{(StoreOperation)entry.A} will go wrong: {(StoreFault)entry.B}",
        TraceKind.Appended when entry.Shard == shard => $"append: {entry.Subject}",
        TraceKind.FenceRaised when entry.Shard == shard => $"fence {(entry.B == 1 ? "raised to" : "NOT raised, it is")} {entry.Subject}, last offset {entry.A}",
        TraceKind.ViewWritten => Describe(grid, entry, shard),
        TraceKind.Lease when entry.A == 0 || entry.B == 1 => $"lease {entry.Subject}{(entry.B == 1 ? ", but it is revoked" : "")}",
        TraceKind.LinkClosed => $"link {entry.A} to {grid.World.Machines[(int)entry.B].Name} closed",
        TraceKind.DialFailed when entry.A == (long)DialFailure.Refused => $"{entry.Subject} refuses",
        TraceKind.FrameSent or TraceKind.FrameDelivered => DescribeFrame(grid, entry, shard, entity),
        _ => null,
    };

    private static bool IsAbout(TraceEntry entry, EntityId? entity) =>
        entity is not { } id || entry.Subject is not EntityNote note || note.Entity == id;

    /// <summary>Whether what was logged is about a shard, and not about this one.</summary>
    private static bool NamesAnotherShard(TraceEntry entry, int shard)
    {
        var named = ShardInLog().Match((string)entry.Subject!);
        return named.Success && int.Parse(named.ValueSpan["shard ".Length..], NumberStyles.None, CultureInfo.InvariantCulture) != shard;
    }

    [GeneratedRegex(@"\bshard [0-9]{1,9}\b", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ShardInLog();

    private static string Describe(SimulatedGrid grid, TraceEntry entry, int shard)
    {
        if (entry.B == 0) return $"view {entry.A}: not written, there is a newer one";
        var view = (ClusterView)entry.Subject!;
        string members = string.Join(' ', view.Members.Select(m => $"{m.Name}:{m.Incarnation.ToString("N")[..4]}{(m.Status == MemberStatus.Up ? "" : $"({m.Status})")}"));
        string revoked = view.Revoked.Length == 0 ? "" : $"; revoked {string.Join(' ', view.Revoked.Select(r => r.Incarnation.ToString("N")[..4]))}";
        string owner = "";
        if (shard >= 0 && shard < view.Shards.Length)
        {
            var ownership = view.Shards[shard];
            owner = $"; shard {shard}: {NameOf(view, ownership.Owner)} term {ownership.Term}{(ownership.IsMoving ? $", moves to {NameOf(view, ownership.Next)}" : "")}";
        }
        return $"view {entry.A}: {members}{revoked}{owner}";
    }

    private static string NameOf(ClusterView view, Guid incarnation) =>
        incarnation == Guid.Empty ? "nobody" : view.Find(incarnation)?.Name ?? incarnation.ToString("N")[..4];

    private static string? DescribeFrame(SimulatedGrid grid, TraceEntry entry, int shard, EntityId? entity)
    {
        if (entry.Subject is not byte[] frame) return null;
        var message = WireCodec.Decode(frame);
        string? words = message switch
        {
            HandoverSent handover when handover.Shard.Value == shard => $"handover of term {handover.Term} at offset {handover.Offset}, {handover.Payload.Length} bytes",
            AskSent ask when ask.Entity == entity => $"ask {ask.Request} {ask.Command} {ask.Id}, {ask.RemainingMs} ms left",
            AskAnswered answer when entity is not null => $"answer to {answer.Request}: {answer.Status}",
            _ => null,
        };
        if (words is null) return null;
        string other = grid.World.Machines[(int)entry.B].Name;
        return entry.Kind == TraceKind.FrameSent ? $"-> {other}: {words}" : $"<- {other}: {words}";
    }
}
