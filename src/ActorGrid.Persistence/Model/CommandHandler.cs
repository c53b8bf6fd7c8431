namespace ActorGrid.Persistence;

/// <summary>A row of an entity's table of handlers.</summary>
internal abstract class CommandHandler<TState, TEvent>(string name, Type commandType)
    where TState : notnull
    where TEvent : class
{
    public string Name { get; } = name;

    public Type CommandType { get; } = commandType;

    /// <summary>This row together with the codecs of its command and reply, ready for the runtime.</summary>
    public abstract BoundHandler<TState, TEvent> Bind(ICodecSource codecs);
}

/// <summary>The typed side of a handler that tests use.</summary>
internal interface IDecidesTyped<TState, TEvent, TReply>
{
    Decision<TState, TEvent, TReply> Decide(TState state, object command, CommandContext at, Func<TState, TEvent, TState> apply);
}

internal sealed class CommandHandler<TSelf, TState, TEvent, TCommand, TReply>(
    string name, Func<TState, TCommand, CommandContext, Effect<TSelf, TReply>> decide)
    : CommandHandler<TState, TEvent>(name, typeof(TCommand)), IDecidesTyped<TState, TEvent, TReply>
    where TSelf : Entity<TSelf, TState, TEvent>
    where TState : notnull
    where TEvent : class
    where TCommand : ICommand<TSelf, TReply>
    where TReply : notnull
{
    public override BoundHandler<TState, TEvent> Bind(ICodecSource codecs) =>
        new BoundHandler<TSelf, TState, TEvent, TCommand, TReply>(
            Name, decide, codecs.Find<TCommand>(Name, "command"), typeof(TReply) == typeof(Done) ? null : codecs.Find<TReply>(Name + ":reply", "reply"));

    public Decision<TState, TEvent, TReply> Decide(TState state, object command, CommandContext at, Func<TState, TEvent, TState> apply)
    {
        var effect = decide(state, (TCommand)command, at);
        if (effect.Kind == EffectKind.None) throw new InvalidOperationException($"The handler of '{Name}' returned no effect.");
        if (effect.Kind == EffectKind.Reject) return new((string)effect.Body!, default, [], state, [], [], [], StaysActive: null);
        if (effect.Kind == EffectKind.Answer) return new(Rejection: null, effect.Answer, [], state, [], [], [], StaysActive: null);

        var body = (PersistBody<TState, TEvent, TReply>)effect.Body!;
        IReadOnlyList<TEvent> events = body.Single is { } single ? [single] : body.Several;
        var after = events.Aggregate(state, apply);
        var effects = SideEffect.InOrder(body.Last);
        return new Decision<TState, TEvent, TReply>(
            Rejection: null, body.Reply(after), events, after,
            [.. effects.OfType<RemindEffect>().Select(r => new Reminder(r.Name, r.DueAt(at.Now), r.Command))],
            [.. effects.OfType<CancelReminderEffect>().Select(c => c.Name)],
            [.. effects.OfType<AttachEffect>().Select(a => (a.Name, a.Payload))],
            effects.OfType<ActivityEffect>().LastOrDefault()?.Active);
    }
}
