namespace ActorGrid.Actors;

/// <summary>Something that is to happen at a time unless it is done before, see <see cref="Deadlines"/>.</summary>
public interface IDeadline
{
    /// <summary>Whether there is nothing left to happen. Once true it stays true. Read from any thread.</summary>
    bool IsDone { get; }

    /// <summary>Called on the dispatcher when the time has come, at most once for each time it was added. It must be quick, must not throw, and may race with what makes
    /// <see cref="IsDone"/> true.</summary>
    void Expire();

    /// <summary>Called instead of <see cref="Expire"/> when its time will never come, because the set is disposed. Under the same rules, but on whatever
    /// thread disposes the set or adds to it afterwards. Does nothing unless overridden.</summary>
    void Abandon()
    {
    }
}
