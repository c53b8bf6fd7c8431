using System.Diagnostics;

namespace ActorGrid.Persistence;

/// <summary>
/// What a shard has decided and not committed yet: the rows of its next append, and the calls to be answered once they are durable. One is
/// gathered while
/// another is in flight.
/// </summary>
internal sealed class PendingAppend
{
    private readonly List<JournalEvent> _events = [];
    private readonly List<ReplyRecord> _replies = [];
    private readonly List<TimerChange> _timers = [];
    private readonly List<AttachmentChange> _attachments = [];
    private readonly List<IEntityCall> _calls = [];
    private readonly List<EntitySlot> _touched = [];
    /// <summary>Its number among the appends of the shard: later ones are greater.</summary>
    public long Number { get; set; }

    public IReadOnlyList<JournalEvent> Events => _events;

    public IReadOnlyList<ReplyRecord> Replies => _replies;

    public IReadOnlyList<TimerChange> Timers => _timers;

    /// <summary>The calls that wait for it, in the order in which they were decided.</summary>
    public IReadOnlyList<IEntityCall> Calls => _calls;

    /// <summary>The entities that it changes or answers for, each once.</summary>
    public IReadOnlyList<EntitySlot> Touched => _touched;

    /// <summary>Where events are encoded.</summary>
    public PayloadArena EventPayloads { get; } = new();

    /// <summary>Where replies are encoded; they outlive the append, in the memory of replies.</summary>
    public PayloadArena ReplyPayloads { get; } = new();

    /// <summary>The span of the first call that has one; none of them may have.</summary>
    public ActivityContext FirstSpan => _calls.Find(static call => call.Trace is not null)?.Trace?.Innermost ?? default;

    public int Rows => _events.Count + _replies.Count + _timers.Count + _attachments.Count;

    public long Bytes { get; private set; }

    public void Add(JournalEvent e)
    {
        CheckSize(e.Payload.Length, JournalLimits.PayloadBytesMax, "event", e.Manifest);
        _events.Add(e);
        Bytes += e.Payload.Length;
    }

    public void Add(ReplyRecord reply)
    {
        CheckSize(reply.Payload.Length, JournalLimits.PayloadBytesMax, "reply to", reply.Command.ToString());
        _replies.Add(reply);
        Bytes += reply.Payload.Length;
    }

    public void Add(TimerChange timer) => _timers.Add(timer);

    public void Add(AttachmentChange attachment)
    {
        _attachments.Add(attachment);
        Bytes += attachment.Payload?.Length ?? 0;
    }

    /// <summary>Lets a call be answered when this is durable.</summary>
    public void Hold(IEntityCall call) => _calls.Add(call);

    public void Touch(EntitySlot slot)
    {
        if (slot.LastAppend == this) return;
        slot.LastAppend = this;
        _touched.Add(slot);
    }

    /// <summary>The rows as they are now, to come back to if a decision fails halfway.</summary>
    public Mark MarkRows() => new(_events.Count, _replies.Count, _timers.Count, _attachments.Count, Bytes);

    public void BackTo(Mark mark)
    {
        Cut(_events, mark.Events);
        Cut(_replies, mark.Replies);
        Cut(_timers, mark.Timers);
        Cut(_attachments, mark.Attachments);
        Bytes = mark.Bytes;
        EventPayloads.Abandon();
        ReplyPayloads.Abandon();
    }

    public ShardAppend ToAppend(ShardId shard, Fence fence, long expectedOffset) =>
        new(shard, fence, expectedOffset, _events, _replies, _timers, _attachments);

    public void Clear()
    {
        _events.Clear();
        _replies.Clear();
        _timers.Clear();
        _attachments.Clear();
        _calls.Clear();
        _touched.Clear();
        Bytes = 0;
        EventPayloads.Reset();
    }

    private static void Cut<T>(List<T> list, int count) => list.RemoveRange(count, list.Count - count);

    private static void CheckSize(int bytes, int bytesMax, string what, string name)
    {
        if (bytes > bytesMax) throw new InvalidOperationException($"The {what} '{name}' has {bytes} bytes; at most {bytesMax} are allowed.");
    }

    internal readonly record struct Mark(int Events, int Replies, int Timers, int Attachments, long Bytes);
}
