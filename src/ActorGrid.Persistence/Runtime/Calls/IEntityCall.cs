namespace ActorGrid.Persistence;

/// <summary>A command on its way through a shard. The shard alone touches it, but for <see cref="IsDone"/>.</summary>
internal interface IEntityCall : IShardMessage
{
    EntityId Entity { get; }

    EntityType Type { get; }

    object Command { get; }

    CommandId Id { get; }

    /// <summary>What is known of the id beside the replies in memory.</summary>
    IdNovelty Novelty { get; set; }

    /// <summary>Whether nobody waits any more. Read from any thread.</summary>
    bool IsDone { get; }

    CallStage Stage { get; set; }

    /// <summary>Its spans; null if nobody wants them.</summary>
    CallTrace? Trace { get; }

    /// <summary>Whether its reply rests on the memory of this node, and on no append that was sent after it was asked.</summary>
    bool IsFromMemory { get; set; }

    /// <summary>Whether an attempt of it that was lost may still be executed, after this one. Then what is decided here is recorded even if
    /// it changes nothing, so that the lost one, should it come, finds that and changes nothing either.</summary>
    bool MayRunTwice { get; set; }

    /// <summary>Keeps a rejection until <see cref="Release"/>.</summary>
    void HoldRejection(string reason);

    /// <summary>Keeps a failure until <see cref="Release"/>.</summary>
    void HoldFailure(CommandFailedException failure);

    /// <summary>Sends what was held.</summary>
    void Release();

    void Fail(Exception reason);

    /// <summary>It came too late to be executed; nobody waits.</summary>
    void Drop();
}

/// <summary>Why an id may be taken for new.</summary>
internal enum IdNovelty : byte
{
    /// <summary>It may have been recorded.</summary>
    Unknown = 0,

    /// <summary>It was issued for this call: nobody else has it.</summary>
    JustIssued,

    /// <summary>The store did not have it. Whoever has it since then is in memory, or came after this call.</summary>
    LookedUp,
}

/// <summary>Where a call is, for the error of one that came too late.</summary>
internal enum CallStage : byte
{
    Queued = 0,
    Recovering,
    LookingUp,
    Committing,
    AwaitingKey,
}
