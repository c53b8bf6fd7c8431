using System.Globalization;
using System.Text.RegularExpressions;
using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>Puts the entries of a trace into words, one after the other, and says what they have to do with an entity or a shard.</summary>
/// <param name="grid">The grid, after its run.</param>
/// <param name="shard">The shard; -1: none, all that happened to the grid counts.</param>
/// <param name="entity">The entity; null: all of the shard.</param>
internal sealed partial class Narrator(SimulatedGrid grid, int shard, EntityId? entity)
{
    private readonly HashSet<(int Machine, long Request)> _requests = [];
    private readonly HashSet<CommandId> _sent = [];
    private readonly HashSet<int> _clients = [.. grid.Clients.Select(static client => client.Machine.Number)];
    private ShardOwnership _ownership;

    /// <summary>The line of an entry; null: it concerns something else.</summary>
    public TraceLine? Tell(in TraceEntry entry) => entry.Kind switch
    {
        TraceKind.Fault => Line(entry, Relevance.Core, $"FAULT {entry.Subject}"),
        TraceKind.Note => TellNote(entry),
        TraceKind.Log => TellLog(entry),
        TraceKind.Started => Line(entry, Relevance.Core, entry.A == 1 ? "PROCESS STARTS" : $"PROCESS STARTS, the {entry.A}. on this machine"),
        TraceKind.Ended => Line(entry, Relevance.Core, entry.A == 1 ? "MACHINE LOST" : "PROCESS ENDS"),
        TraceKind.StoreFault => Line(entry, Relevance.Near, $"{(StoreOperation)entry.A} will go wrong: {(StoreFault)entry.B}"),
        TraceKind.Appended => TellAppend(entry),
        TraceKind.FenceRaised when entry.Shard == shard =>
            Line(entry, Relevance.Core, $"fence {(entry.B == 1 ? "raised to" : "NOT raised, it is")} {entry.Subject}, last offset {entry.A}"),
        TraceKind.ViewWritten => TellView(entry),
        TraceKind.Lease when entry.A == 0 || entry.B == 1 => Line(entry, Relevance.Around, $"lease {entry.Subject}{(entry.B == 1 ? ", but it is revoked" : "")}"),
        TraceKind.LinkClosed => Line(entry, Relevance.Around, $"link to {NameOf(entry.B)} closed"),
        TraceKind.DialFailed when entry.A == (long)DialFailure.Refused => Line(entry, Relevance.Around, $"{entry.Subject} refuses", $"{entry.Subject} refuses"),
        TraceKind.FrameSent or TraceKind.FrameDelivered => TellFrame(entry),
        _ => null,
    };

    /// <summary>A line of words about an entry.</summary>
    public TraceLine Line(in TraceEntry entry, Relevance relevance, string words, string? sort = null) =>
        new(entry.Ticks, entry.Machine < 0 ? "" : NameOf(entry.Machine), words, sort ?? $"{entry.Machine} {words}", relevance);

    private string NameOf(long machine) => grid.World.Machines[(int)machine].Name;

    private TraceLine TellNote(in TraceEntry entry)
    {
        if (entry.Subject is not EntityNote note) return Line(entry, Relevance.Core, $"{entry.Subject}");
        // The number of an ask tells it from others, but not from one over again.
        string sort = note.Ask == 0 ? $"{entry.Machine} {note}" : $"{entry.Machine} {note with { Ask = -1 }}";
        return Line(entry, entity is { } id && note.Entity != id ? Relevance.Near : Relevance.Core, note.ToString(), sort);
    }

    private TraceLine? TellLog(in TraceEntry entry)
    {
        string text = (string)entry.Subject!;
        var named = ShardInLog().Match(text);
        if (named.Success && int.Parse(named.ValueSpan["shard ".Length..], NumberStyles.None, CultureInfo.InvariantCulture) != shard) return null;
        bool isBad = text.StartsWith("Warning", StringComparison.Ordinal) || text.StartsWith("Error", StringComparison.Ordinal) || text.StartsWith("Critical", StringComparison.Ordinal);
        return Line(entry, isBad ? Relevance.Near : Relevance.Around, $"log: {text}", $"{entry.Machine} {Number().Replace(text, "#")}");
    }

    private TraceLine? TellAppend(in TraceEntry entry)
    {
        if (entry.Subject is not AppendText append) return null;
        bool isOurs = shard < 0 || (entry.Shard == shard && (entity is not { } id || append.Concerns(id)));
        if (isOurs) return Line(entry, Relevance.Core, append.About(entity));
        if (entry.Shard == shard) return Line(entry, Relevance.Around, append.About(entity));
        return grid.Asked.Any(append.Concerns) ? Line(entry, Relevance.Near, append.About(entity: null)) : null;
    }

    private TraceLine TellView(in TraceEntry entry)
    {
        if (entry.B == 0) return Line(entry, Relevance.Around, $"view {entry.A}: not written, there is a newer one", $"{entry.Machine} view not written");
        var view = (ClusterView)entry.Subject!;
        string members = string.Join(' ', view.Members.Select(m => $"{m.Name}:{m.Incarnation.ToString("N")[..4]}{(m.Status == MemberStatus.Up ? "" : $"({m.Status})")}"));
        string revoked = view.Revoked.Length == 0 ? "" : $"; revoked {string.Join(' ', view.Revoked.Select(r => r.Incarnation.ToString("N")[..4]))}";
        string owner = "";
        var relevance = Relevance.Near;
        if (shard >= 0 && shard < view.Shards.Length)
        {
            var ownership = view.Shards[shard];
            owner = $"; shard {shard}: {NameOf(view, ownership.Owner)} term {ownership.Term}{(ownership.IsMoving ? $", moves to {NameOf(view, ownership.Next)}" : "")}";
            if (ownership != _ownership) relevance = Relevance.Core;
            _ownership = ownership;
        }
        return Line(entry, relevance, $"view {entry.A}: {members}{revoked}{owner}");
    }

    private static string NameOf(ClusterView view, Guid incarnation) =>
        incarnation == Guid.Empty ? "nobody" : view.Find(incarnation)?.Name ?? incarnation.ToString("N")[..4];

    private TraceLine? TellFrame(in TraceEntry entry)
    {
        if (entry.Subject is not byte[] frame) return null;
        bool isSent = entry.Kind == TraceKind.FrameSent;
        string way = $"{(isSent ? "->" : "<-")} {NameOf(entry.B)}:";
        switch (WireCodec.Decode(frame))
        {
            case HandoverSent handover when handover.Shard.Value == shard:
                return Line(entry, isSent ? Relevance.Core : Relevance.Near, $"{way} handover of term {handover.Term} at offset {handover.Offset}, {handover.Payload.Length} bytes");
            case AskSent ask when ask.Entity == entity:
                if (isSent) _requests.Add((entry.Machine, ask.Request));
                // What the client asks, the script has said already.
                bool isFirst = isSent && _sent.Add(ask.Id) && !_clients.Contains(entry.Machine);
                var relevance = !isSent ? Relevance.Around : isFirst ? Relevance.Core : Relevance.Near;
                string what = $"{way} ask {ask.Command} {PayloadText.Of(ask.Payload)}";
                return Line(entry, relevance, $"{what}, id {PayloadText.Of(ask.Id)}, {ask.RemainingMs} ms left", $"{entry.Machine} {what}");
            case AskAnswered answer when _requests.Contains((isSent ? (int)entry.B : entry.Machine, answer.Request)):
                bool isReply = answer.Status == AskStatus.Replied;
                return Line(entry, isSent ? Relevance.Around : Relevance.Near, $"{way} answer: {answer.Status}{(isReply ? $" {PayloadText.Of(answer.Payload)}" : "")}");
            default:
                return null;
        }
    }

    [GeneratedRegex(@"\bshard [0-9]{1,9}\b", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ShardInLog();

    [GeneratedRegex("[0-9]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Number();
}
