namespace ActorGrid.Actors;

/// <summary>Who is in a pool, and what is to become of it. It outlives the pool's restarts. Belongs to the pool's turn; senders read only <see cref="RouterRef{TMessage}.Routees"/>.</summary>
internal sealed class PoolState<TMessage>(RouterRef<TMessage> pool, int wanted)
{
    /// <summary>How many routees there are to be, after a restart too.</summary>
    public int Wanted { get; set; } = wanted;

    /// <summary>Whether all are to come to their end, and then the pool.</summary>
    public bool IsClosing { get; set; }

    /// <summary>Those who get messages, in the order of their slots.</summary>
    public Routee<TMessage>[] Routees => pool.Routees;

    /// <summary>Those who get nothing new and have not stopped yet.</summary>
    public List<Routee<TMessage>> Retiring { get; } = [];

    /// <summary>Spawns as many as are missing. Free slots are filled first.</summary>
    /// <returns>Those that are new.</returns>
    public List<Routee<TMessage>> Fill(Func<ActorRef<TMessage>> spawn)
    {
        var added = new List<Routee<TMessage>>();
        foreach (int slot in Enumerable.Range(0, Wanted).Except(Routees.Select(one => one.Slot)).Take(Wanted - Routees.Length).ToArray())
            added.Add(new Routee<TMessage>(spawn(), slot));
        Add(added);
        return added;
    }

    /// <summary>Gives these nothing new any more.</summary>
    public void Retire(Routee<TMessage>[] leaving)
    {
        pool.Routees = [.. Routees.Except(leaving)];
        Retiring.AddRange(leaving);
    }

    /// <summary>Gives one that was retiring messages again. Its slot is free: none is spawned as long as one can be taken back.</summary>
    public void TakeBack(Routee<TMessage> routee)
    {
        Retiring.Remove(routee);
        Add([routee]);
    }

    /// <summary>Lets go of one that has stopped.</summary>
    public void Forget(ActorRef stopped)
    {
        pool.LeaveOut(stopped);
        Retiring.RemoveAll(one => one.Ref == stopped);
    }

    /// <summary>Lets go of all: the pool's own end, or that of one of its lives, has stopped them.</summary>
    public void Clear()
    {
        pool.Routees = [];
        Retiring.Clear();
    }

    private void Add(List<Routee<TMessage>> added) => pool.Routees = [.. Routees.Concat(added).OrderBy(one => one.Slot)];
}
