namespace ActorGrid.Persistence;

/// <summary>How an ask ended at its owner. The numbers go over the wire: do not change them.</summary>
internal enum AskStatus : byte
{
    /// <summary>The payload is the encoded reply.</summary>
    Replied = 0,

    /// <summary>The payload is the reason.</summary>
    Rejected = 1,

    /// <summary>A handler or a codec threw; nothing was persisted.</summary>
    Failed = 2,

    /// <summary>The node does not own the shard, or not any more: to be sent again, under the same id.</summary>
    NotOwner = 3,
    Quarantined = 4,
    Overloaded = 5,
    OutcomeUnknown = 6,
    InvalidId = 7,
    StoreFailed = 8,

    /// <summary>It came after its deadline, and was not executed. Nobody waits any more.</summary>
    Expired = 9,

    /// <summary>The address or the command cannot be meant.</summary>
    Invalid = 10,
}
