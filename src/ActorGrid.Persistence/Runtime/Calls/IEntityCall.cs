namespace ActorGrid.Persistence;

/// <summary>A command on its way through a shard. The shard alone touches it, but for <see cref="IsDone"/>.</summary>
internal interface IEntityCall : IShardMessage
{
    EntityId Entity { get; }

    EntityType Type { get; }

    object Command { get; }

    CommandId Id { get; }

    /// <summary>Whether the id is known to have been recorded nowhere: just issued by this node, or looked up in vain.</summary>
    bool IsNew { get; set; }

    /// <summary>Whether nobody waits any more. Read from any thread.</summary>
    bool IsDone { get; }

    CallStage Stage { get; set; }

    /// <summary>Keeps a rejection until <see cref="Release"/>.</summary>
    void HoldRejection(string reason);

    /// <summary>Sends what was held.</summary>
    void Release();

    void Fail(Exception reason);
}

/// <summary>Where a call is, for the error of one that came too late.</summary>
internal enum CallStage : byte
{
    Queued = 0,
    Recovering,
    LookingUp,
    Committing,
}
