namespace ActorGrid.Persistence;

internal sealed partial class ShardActor
{
    private static readonly TimeSpan SweepMin = TimeSpan.FromMilliseconds(10), SweepMax = TimeSpan.FromSeconds(30);

    /// <summary>Entities that leave in one sweep at most, so that a sweep is a short turn.</summary>
    private const int LeaveMax = 1000;

    private void StartSweeping()
    {
        if (_node.Types.All.Count == 0) return;
        var every = _node.Types.All.Min(t => t.Options.PassivateAfter) / 4;
        if (every < SweepMin) every = SweepMin;
        if (every > SweepMax) every = SweepMax;
        Context.Timers.StartPeriodic(TickKind.Sweep, every, Tick.Sweep);
    }

    private void Sweep()
    {
        long now = NowMs;
        _replies.Forget(RefusedBefore(now));
        foreach (var type in _node.Types.All)
        {
            long usedBefore = now - (long)type.Options.PassivateAfter.TotalMilliseconds;
            for (int i = 0; i < LeaveMax && _idle[type].FindIdle(usedBefore, now) is { } slot; i++)
            {
                Remove(slot);
                // It was quarantined or forgotten, or it would have stayed.
                if (slot.IsPinned) WantLater(slot.Id);
            }
        }
        if (now - _openedAtMs > CarriedForMs) DropCarried();
    }

    private void EvictIdle()
    {
        EntitySlot? idlest = null;
        long now = NowMs;
        foreach (var type in _node.Types.All)
        {
            if (_idle[type].FindIdle(long.MaxValue, now) is { } slot && (idlest is null || slot.LastUsedMs < idlest.LastUsedMs)) idlest = slot;
        }
        if (idlest is not null) Remove(idlest);
    }
}
