namespace ActorGrid.Actors;

/// <summary>How an actor differs from the plain one.</summary>
public sealed record SpawnOptions
{
    internal const int StashCapacityDefault = 1000;

    /// <summary>Where the actor runs. Default: the system's dispatcher. Whoever made the dispatcher disposes it, after the system has stopped.</summary>
    public Dispatcher? Dispatcher { get; init; }

    /// <summary>How many messages the mailbox holds, from 1; the one that is being handled is not counted. Default: null, no bound. Signals, timers, watches, and what is piped to oneself
    /// always get in.</summary>
    public int? MailboxCapacity
    {
        get;
        init => field = value is null or >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(MailboxCapacity)} must be 1 or more.");
    }

    /// <summary>What happens to a message for which there is no room. Default: <see cref="MailboxOverflow.DropNewest"/>.</summary>
    public MailboxOverflow Overflow { get; init; }

    /// <summary>Names a group of siblings. Where the parent decides for all of them (<see cref="SupervisionScope.AllForOne"/>), the verdict concerns those of the failed child's group alone.
    /// Children without one are a group, too. Default: null, none.</summary>
    public string? Group { get; init; }

    /// <summary>How many messages the stash holds, from 1. Default 1,000.</summary>
    public int StashCapacity
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(StashCapacity)} must be 1 or more.");
    } = StashCapacityDefault;

    /// <summary>Whether what waits in the mailbox is counted though it has no bound.</summary>
    internal bool IsCounted { get; init; }

    /// <summary>How many levels a priority mailbox has.</summary>
    internal int Levels { get; private init; }

    private Delegate? LevelFunction { get; init; }

    /// <summary>Lets the actor handle its messages by priority: always the first of the most urgent level that has any. Those of one level are handled in the order in which they came.</summary>
    /// <remarks>
    /// <para>A level waits for as long as there is something on a more urgent one, without limit: who never lets up on an urgent level starves the others.</para>
    /// <para>Messages of one sender keep their order within a level only. Timers go by the level of their message. The end of a watched actor comes on the last level, and so after everything that the other
    /// sent; a stop that lets the mailbox be handled first comes there too. Unstashed messages go to the front of the level that they had. A restart keeps what waits. A bounded mailbox that is full refuses
    /// urgent messages as well.</para>
    /// </remarks>
    /// <typeparam name="TMessage">What the actor understands; if that is a reference type, a base type or interface of it will do.</typeparam>
    /// <param name="levels">How many levels there are, 2 to 32.</param>
    /// <param name="levelOf">The level of a message, from 0, the most urgent, to <paramref name="levels"/> - 1; what is beyond counts as the nearest. Called on the actor's turn, once for a message:
    /// it must be quick and pure. If it throws, the message goes to the last level; the first time that is logged.</param>
    /// <returns>Options for actors with such a mailbox.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="levels"/> is less than 2 or more than 32.</exception>
    public SpawnOptions Prioritize<TMessage>(int levels, Func<TMessage, int> levelOf)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(levels, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(levels, MailLanes.LevelsMax);
        ArgumentNullException.ThrowIfNull(levelOf);
        return this with { Levels = levels, LevelFunction = levelOf };
    }

    /// <summary>The function that <paramref name="options"/> prioritize by, if they do.</summary>
    /// <exception cref="ArgumentException">It is for other messages.</exception>
    internal static Func<TMessage, int>? LevelOf<TMessage>(SpawnOptions? options) => options?.LevelFunction switch
    {
        null => null,
        Func<TMessage, int> levelOf => levelOf,
        { } other => throw new ArgumentException(
            $"The options prioritize messages of type {other.GetType().GetGenericArguments()[0].Name}; the actor understands {typeof(TMessage).Name}.", nameof(options)),
    };
}
