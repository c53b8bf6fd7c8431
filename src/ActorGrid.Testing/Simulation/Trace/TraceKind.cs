namespace ActorGrid.Testing;

/// <summary>What a <see cref="TraceEntry"/> tells of.</summary>
internal enum TraceKind : byte
{
    /// <summary>A fault, or the end of one; the subject says it in words.</summary>
    Fault,

    /// <summary>Something that a script, a client or a checker has to say. Not part of the hash.</summary>
    Note,

    /// <summary>An entry of a node's log. Not part of the hash.</summary>
    Log,

    /// <summary>A process started (A: which life of its machine).</summary>
    Started,

    /// <summary>A process ended.</summary>
    Ended,

    /// <summary>A call reached the store and was performed (A: the call).</summary>
    StorePerformed,

    /// <summary>A call of the store failed, or its answer was lost (A: the call, B: the fault).</summary>
    StoreFault,

    /// <summary>A shard's append was performed (A: the offset after which, B: its status; the subject is the fence).</summary>
    Appended,

    /// <summary>A fence was raised, or not (A: the last offset, B: 1 if raised; the subject is the fence that holds now).</summary>
    FenceRaised,

    /// <summary>The view was written, or not (A: its version, B: 1 if it was; the subject is the view).</summary>
    ViewWritten,

    /// <summary>A lease was opened, renewed or ended (A: its number, B: 1 if it is revoked; the subject says which).</summary>
    Lease,

    /// <summary>A link opened at one of its ends (A: its number, B: the machine at the other end).</summary>
    LinkOpened,

    /// <summary>A link closed at one of its ends (A: its number, B: the machine at the other end).</summary>
    LinkClosed,

    /// <summary>A link could not be opened (A: why; the subject is the endpoint).</summary>
    DialFailed,

    /// <summary>A frame was sent (A: a hash of it, B: the machine that it goes to; the subject is the frame).</summary>
    FrameSent,

    /// <summary>A frame was delivered (A: a hash of it, B: the machine that it comes from; the subject is the frame).</summary>
    FrameDelivered,
}
