using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>
/// The asks of this node that wait for one shard, and when they are sent again. However many wait, an owner that has refused is asked with one of them
/// first; the others follow when that one was answered, or was not refused for a while: all of them, or, if the owner was full, two for each that it answers.
/// </summary>
/// <remarks>A state machine without a clock: it is told the time.</remarks>
internal sealed class ParkedShard(ShardId shard)
{
    private static readonly Backoff Pauses = new() { First = TimeSpan.FromMilliseconds(20), Max = TimeSpan.FromMilliseconds(500) };

    /// <summary>A refusal takes a round trip; a probe that was not refused for so long counts as taken in.</summary>
    private static readonly TimeSpan ProbeMin = TimeSpan.FromMilliseconds(20);

    /// <summary>For so long after all were sent it is remembered how often the shard was refused before.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest pause that an owner can wish for: twice the longest that it says when it is full.</summary>
    private static readonly TimeSpan WishMax = TimeSpan.FromSeconds(2);

    /// <summary>How many go for each that was answered by an owner that was full: what is under way doubles with each round trip, until that is full again.</summary>
    private const int GroupOfFull = 2;

    private enum Phase
    {
        /// <summary>Nothing is sent until the pause is over.</summary>
        Pausing,

        /// <summary>One was sent.</summary>
        Probing,

        /// <summary>Nothing is known against sending.</summary>
        Flowing,
    }

    private Phase _phase = Phase.Flowing;
    private TimeSpan _dueAt;
    private TimeSpan _pause;
    private int _failures;
    private bool _needsProbe;

    /// <summary>Whether the owner was full when it refused last.</summary>
    private bool _wasFull;

    /// <summary>Whether the owner has served any since the last pause. Then its places become free, and how long to stay away, which it says by how long it has been full, is no measure.</summary>
    private bool _hasServed;

    public ShardId Shard => shard;

    /// <summary>The asks, in the order in which they are sent.</summary>
    public Queue<IPendingAsk> Asks { get; private set; } = new();

    /// <summary>The owner that all of this is about; empty: the shard has none.</summary>
    public Guid Owner { get; private set; }

    /// <summary>How often in a row it has failed.</summary>
    public int Failures => _failures;

    /// <summary>Whether a new ask waits behind the others.</summary>
    public bool IsHolding => _phase != Phase.Flowing;

    /// <summary>The shard has another owner, or something else has changed: all may be sent.</summary>
    public void Begin(Guid owner, TimeSpan now)
    {
        (Owner, _phase, _failures, _needsProbe, _dueAt) = (owner, Phase.Flowing, 0, false, now + Memory);
        (_wasFull, _hasServed) = (false, false);
    }

    /// <summary>The owner would not have an ask. Many that were sent together may come back so; they count once.</summary>
    /// <param name="now">The time.</param>
    /// <param name="random">Spreads the pauses.</param>
    /// <param name="pause">For how long it wants to see nobody, if it is full; no more than <see cref="WishMax"/> of it counts, and none once it takes some of those that wait.</param>
    public void Refused(TimeSpan now, Random random, TimeSpan pause = default)
    {
        if (_phase == Phase.Pausing) return;
        _needsProbe = true;
        _wasFull = pause > TimeSpan.Zero;
        Pause(now, random, _hasServed ? default : pause < WishMax ? pause : WishMax);
    }

    /// <summary>An ask cannot be sent at the moment.</summary>
    /// <param name="progressed">Whether others were sent just before.</param>
    /// <param name="needsProbe">Whether the next is to go alone.</param>
    /// <param name="now">The time.</param>
    /// <param name="random">Spreads the pauses.</param>
    public void Blocked(bool progressed, bool needsProbe, TimeSpan now, Random random)
    {
        if (progressed) _failures = 0;
        _needsProbe |= needsProbe;
        Pause(now, random);
    }

    /// <summary>How many are to be sent now.</summary>
    public int NextGroup => _wasFull ? GroupOfFull : int.MaxValue;

    /// <summary>One was sent alone, or some with others left.</summary>
    public void Probed(TimeSpan now)
    {
        (_phase, _needsProbe) = (Phase.Probing, false);
        var patience = _pause / 4;
        _dueAt = now + (patience > ProbeMin && !_wasFull ? patience : ProbeMin);
    }

    /// <summary>All were sent.</summary>
    public void Flowed(TimeSpan now) => (_phase, _dueAt, _wasFull) = (Phase.Flowing, now + Memory, false);

    /// <summary>The owner has answered one.</summary>
    /// <param name="isFull">Whether the answer is that it has no room, which whoever asked is told.</param>
    /// <returns>Whether others are to be sent now.</returns>
    public bool Answered(bool isFull)
    {
        if (isFull) _wasFull = true;
        else _hasServed = true;
        if (_phase != Phase.Probing) return false;
        if (!isFull) _failures = 0;
        return true;
    }

    /// <summary>What is to be done at this time.</summary>
    public ParkedStep Next(TimeSpan now) => (_phase, now >= _dueAt) switch
    {
        (_, false) => ParkedStep.Wait,
        (Phase.Pausing, _) => _needsProbe && Asks.Count > 0 ? ParkedStep.Probe : ParkedStep.Flush,
        (Phase.Probing, _) => ParkedStep.Flush,
        _ => Asks.Count > 0 ? ParkedStep.Flush : ParkedStep.Forget,
    };

    /// <summary>Drops the asks that nobody waits for any more.</summary>
    /// <returns>How many there were.</returns>
    public int DropDone()
    {
        int before = Asks.Count;
        if (Asks.Any(ask => ask.IsDone)) Asks = new Queue<IPendingAsk>(Asks.Where(ask => !ask.IsDone));
        return before - Asks.Count;
    }

    private void Pause(TimeSpan now, Random random, TimeSpan atLeast = default)
    {
        _phase = Phase.Pausing;
        _pause = Pauses.Delay(_failures++, random);
        if (_pause < atLeast) _pause = atLeast;
        _dueAt = now + _pause;
        _hasServed = false;
    }
}

/// <summary>What is to be done about a shard that asks wait for.</summary>
internal enum ParkedStep
{
    Wait,

    /// <summary>Send one.</summary>
    Probe,

    /// <summary>Send all, or the next group.</summary>
    Flush,

    /// <summary>None is left.</summary>
    Forget,
}
