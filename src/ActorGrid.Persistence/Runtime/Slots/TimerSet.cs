using System.Collections.Immutable;

namespace ActorGrid.Persistence;

/// <summary>The timers that are set in one version of an entity. Immutable; few, so a list is searched faster than anything else.</summary>
internal sealed class TimerSet
{
    public const int CountMax = 1000;
    public static readonly TimerSet Empty = new([]);
    private readonly ImmutableArray<SetTimer> _timers;

    private TimerSet(ImmutableArray<SetTimer> timers)
    {
        _timers = timers;
        IsActive = Find(ReminderName.Active) is not null;
    }

    /// <summary>Whether the entity is to stay in memory.</summary>
    public bool IsActive { get; }

    public IReadOnlyList<SetTimer> All => _timers;

    public static TimerSet Of(IEnumerable<SetTimer> timers)
    {
        ImmutableArray<SetTimer> all = [.. timers];
        return all.IsEmpty ? Empty : new TimerSet(all);
    }

    public SetTimer? Find(string name)
    {
        foreach (var timer in _timers)
        {
            if (timer.Name == name) return timer;
        }
        return null;
    }

    public TimerSet With(SetTimer timer)
    {
        var others = _timers.RemoveAll(t => t.Name == timer.Name);
        return others.Length < CountMax
            ? new TimerSet(others.Add(timer))
            : throw new InvalidOperationException($"The entity has {CountMax} timers set, which is the bound: cancel some, or give some the same name.");
    }

    public TimerSet Without(string name)
    {
        var others = _timers.RemoveAll(t => t.Name == name);
        return others.IsEmpty ? Empty : new TimerSet(others);
    }
}

/// <summary>A timer that is set.</summary>
/// <param name="Name">Its name.</param>
/// <param name="DueUnixMs">When it comes due.</param>
/// <param name="SetSequence">The sequence number of the event that set it.</param>
internal sealed record SetTimer(string Name, long DueUnixMs, long SetSequence);
