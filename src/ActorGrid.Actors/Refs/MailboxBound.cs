namespace ActorGrid.Actors;

/// <summary>What happens to a message for which a bounded mailbox has no room.</summary>
public enum MailboxOverflow
{
    /// <summary>The new message becomes a dead letter; an ask fails with <see cref="MailboxFullException"/>.</summary>
    DropNewest,

    /// <summary>Tell throws <see cref="MailboxFullException"/>; an ask fails with it.</summary>
    FailSender,
}

/// <summary>Counts the places of a bounded mailbox. A message holds one from before it is sent until its handling begins.</summary>
internal sealed class MailboxBound(int capacity, MailboxOverflow overflow)
{
    public const string Words = "messages in its mailbox";

    private int _taken;
    private Refusals? _refusals;

    public int Capacity => capacity;

    public MailboxOverflow Overflow => overflow;

    /// <summary>How many places are taken at the moment; from any thread.</summary>
    public int Taken => Volatile.Read(ref _taken);

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _taken) <= capacity) return true;
        Interlocked.Decrement(ref _taken);
        return false;
    }

    /// <summary>Takes a place whether there is one or not.</summary>
    public void Force() => Interlocked.Increment(ref _taken);

    /// <summary>Counts a refusal, and makes its error.</summary>
    public MailboxFullException Refuse(ActorCell cell)
    {
        var refusals = LazyInitializer.EnsureInitialized(
            ref _refusals, () => new Refusals(Words, nameof(SpawnOptions.MailboxCapacity), capacity, cell.System.Time, cell.System.Random));
        return new MailboxFullException(cell.Path, capacity, refusals.Next());
    }

    public void Leave() => Interlocked.Decrement(ref _taken);
}
