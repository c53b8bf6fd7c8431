namespace ActorGrid.Persistence;

/// <summary>The entities of a shard and type in the order of their last use: a list linked through the entities, so that a use costs a few
/// writes.</summary>
internal sealed class IdleOrder
{
    private EntitySlot? _oldest;
    private EntitySlot? _youngest;

    /// <summary>Puts an entity last, from wherever it was.</summary>
    public void Touch(EntitySlot slot, long nowMs)
    {
        slot.LastUsedMs = nowMs;
        if (slot == _youngest) return;
        Remove(slot);
        slot.Older = _youngest;
        if (_youngest is null) _oldest = slot;
        else _youngest.Younger = slot;
        _youngest = slot;
    }

    public void Remove(EntitySlot slot)
    {
        if (slot.Older is null && slot.Younger is null && slot != _oldest) return;
        if (slot.Older is null) _oldest = slot.Younger;
        else slot.Older.Younger = slot.Younger;
        if (slot.Younger is null) _youngest = slot.Older;
        else slot.Younger.Older = slot.Older;
        slot.Older = null;
        slot.Younger = null;
    }

    /// <summary>The entity that has been idle for longest and may leave, if it was last used before a time. Looks at a bounded number,
    /// those in use go last again.</summary>
    public EntitySlot? FindIdle(long usedBeforeMs, long nowMs)
    {
        for (int looks = 0; looks < 32; looks++)
        {
            if (_oldest is not { } slot || slot.LastUsedMs >= usedBeforeMs) return null;
            if (slot.MayLeave) return slot;
            // Somebody waits for it, or it is to stay: it counts as used now, so it is not looked at again for a while.
            Touch(slot, nowMs);
        }
        return null;
    }
}
