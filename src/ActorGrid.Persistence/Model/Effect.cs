namespace ActorGrid.Persistence;

/// <summary>
/// What a handler decided: an answer, a rejection, or events and what goes with them. It is data; nothing has happened yet.
/// Made by the methods of <see cref="Entity{TSelf, TState, TEvent}"/>.
/// </summary>
/// <typeparam name="TEntity">The entity that decides.</typeparam>
/// <typeparam name="TReply">The reply of the command.</typeparam>
public readonly struct Effect<TEntity, TReply>
    where TEntity : Entity
    where TReply : notnull
{
    private Effect(EffectKind kind, TReply? answer, object? body)
    {
        Kind = kind;
        Answer = answer;
        Body = body;
    }

    internal EffectKind Kind { get; }

    internal TReply? Answer { get; }

    /// <summary>The reason of a rejection, or a <see cref="PersistBody{TState, TEvent, TReply}"/>.</summary>
    internal object? Body { get; }

    internal static Effect<TEntity, TReply> OfAnswer(TReply reply) => new(EffectKind.Answer, reply, null);

    internal static Effect<TEntity, TReply> OfPersist<TState, TEvent>(PersistBody<TState, TEvent, TReply> body) => new(EffectKind.Persist, default, body);

    /// <summary>A rejection is an effect of every command, whatever its reply.</summary>
    public static implicit operator Effect<TEntity, TReply>(Rejection rejection) => new(EffectKind.Reject, default, rejection.Reason);
}

/// <summary>The decision not to do what was commanded; the caller gets the reason.</summary>
/// <param name="Reason">Why, for the caller; not empty.</param>
public readonly record struct Rejection(string Reason);

internal enum EffectKind : byte
{
    /// <summary>A default value: the handler returned no effect at all.</summary>
    None = 0,
    Answer,
    Reject,
    Persist,
}

/// <summary>The body of a persisting effect: one object for all of it, since it is made for every write.</summary>
internal sealed record PersistBody<TState, TEvent, TReply>(
    TEvent? Single, IReadOnlyList<TEvent> Several, SideEffect? Last, Func<TState, TReply> Reply);
