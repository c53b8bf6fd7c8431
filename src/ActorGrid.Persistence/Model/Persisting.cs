namespace ActorGrid.Persistence;

/// <summary>
/// Events to persist, and what goes with them in the same commit. It becomes an effect only with <see cref="Reply{TReply}(Func{TState,
/// TReply})"/>,
/// so a handler cannot forget to answer.
/// </summary>
/// <remarks>An immutable value: each method returns a new one.</remarks>
/// <typeparam name="TEntity">The entity that decides.</typeparam>
/// <typeparam name="TState">Its state.</typeparam>
/// <typeparam name="TEvent">Its events.</typeparam>
public readonly struct Persisting<TEntity, TState, TEvent>
    where TEntity : Entity
    where TState : notnull
    where TEvent : class
{
    private readonly TEvent? _single;
    private readonly IReadOnlyList<TEvent>? _several;
    private readonly SideEffect? _last;

    internal Persisting(TEvent? single, IReadOnlyList<TEvent>? several, SideEffect? last)
    {
        _single = single;
        _several = several;
        _last = last;
    }

    /// <summary>Sets a durable reminder: after the delay the entity gets the command, once in effect, even if the node was down when it
    /// came due.</summary>
    /// <param name="name">Names the reminder among those of the entity, 1 to 200 characters, not beginning with <c>$</c>; one of the same
    /// name is replaced.</param>
    /// <param name="delay">From the time of the decision on; zero or more.</param>
    /// <param name="command">What the entity is told then. Its reply goes nowhere.</param>
    /// <typeparam name="TReply">The reply of the command.</typeparam>
    public Persisting<TEntity, TState, TEvent> ThenRemind<TReply>(string name, TimeSpan delay, ICommand<TEntity, TReply> command)
        where TReply : notnull
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        ArgumentNullException.ThrowIfNull(command);
        return With(new RemindEffect(_last, ReminderName.Check(name), delay, due: null, command));
    }

    /// <summary>Sets a durable reminder at a point in time; one that lies in the past comes due at once.</summary>
    /// <param name="name">Names the reminder among those of the entity, 1 to 200 characters, not beginning with <c>$</c>; one of the same
    /// name is replaced.</param>
    /// <param name="due">When it comes due, from 1970 on, by the clock of the node.</param>
    /// <param name="command">What the entity is told then. Its reply goes nowhere.</param>
    /// <typeparam name="TReply">The reply of the command.</typeparam>
    public Persisting<TEntity, TState, TEvent> ThenRemind<TReply>(string name, DateTimeOffset due, ICommand<TEntity, TReply> command)
        where TReply : notnull
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(due, DateTimeOffset.UnixEpoch);
        ArgumentNullException.ThrowIfNull(command);
        return With(new RemindEffect(_last, ReminderName.Check(name), TimeSpan.Zero, due, command));
    }

    /// <summary>Cancels the reminder of that name; if none is set, nothing happens.</summary>
    public Persisting<TEntity, TState, TEvent> ThenCancelReminder(string name) => With(new CancelReminderEffect(_last, ReminderName.Check(name)));

    /// <summary>Keeps bytes in a row of their own, written in the same commit: for what is too large for events. One of the same name is
    /// replaced.</summary>
    /// <param name="name">The name among the entity's attachments, 1 to 200 characters.</param>
    /// <param name="payload">At most <see cref="JournalLimits.AttachmentBytesMax"/> bytes, left unchanged by the caller from now
    /// on.</param>
    public Persisting<TEntity, TState, TEvent> ThenAttach(string name, ReadOnlyMemory<byte> payload)
    {
        if (payload.Length > JournalLimits.AttachmentBytesMax)
        {
            throw new ArgumentException(
                $"The attachment '{name}' has {payload.Length} bytes; at most {JournalLimits.AttachmentBytesMax} are allowed.", nameof(payload));
        }
        return With(new AttachEffect(_last, ReminderName.CheckLength(name), payload));
    }

    /// <summary>Removes the attachment of that name, if there is one.</summary>
    public Persisting<TEntity, TState, TEvent> ThenDetach(string name) => With(new AttachEffect(_last, ReminderName.CheckLength(name), payload: null));

    /// <summary>From this commit on the entity is recovered when its shard starts, and is not passivated, until <see
    /// cref="ThenRest"/>.</summary>
    public Persisting<TEntity, TState, TEvent> ThenStayActive() => With(new ActivityEffect(_last, active: true));

    /// <summary>Ends <see cref="ThenStayActive"/>.</summary>
    public Persisting<TEntity, TState, TEvent> ThenRest() => With(new ActivityEffect(_last, active: false));

    /// <summary>Answers with what follows from the state after the events. It is computed at the decision and sent once all is
    /// durable.</summary>
    /// <param name="reply">A pure function.</param>
    /// <typeparam name="TReply">The reply of the command.</typeparam>
    public Effect<TEntity, TReply> Reply<TReply>(Func<TState, TReply> reply)
        where TReply : notnull
    {
        ArgumentNullException.ThrowIfNull(reply);
        return Effect<TEntity, TReply>.OfPersist(new PersistBody<TState, TEvent, TReply>(_single, _several ?? [], _last, reply));
    }

    /// <summary>Answers <see cref="Done"/> once all is durable.</summary>
    public Effect<TEntity, Done> Reply() => Reply(static _ => default(Done));

    private Persisting<TEntity, TState, TEvent> With(SideEffect effect) => new(_single, _several, effect);
}
