using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>A handler with the codecs of its command and reply.</summary>
internal abstract class BoundHandler<TState, TEvent>(string name, Type commandType)
{
    public string Name { get; } = name;

    public Type CommandType { get; } = commandType;
}

internal sealed class BoundHandler<TSelf, TState, TEvent, TCommand, TReply>(
    string name, Func<TState, TCommand, CommandContext, Effect<TSelf, TReply>> decide, MessageCodec<TCommand> commandCodec, MessageCodec<TReply>? replyCodec)
    : BoundHandler<TState, TEvent>(name, typeof(TCommand))
    where TSelf : Entity<TSelf, TState, TEvent>
    where TState : notnull
    where TEvent : class
    where TCommand : ICommand<TSelf, TReply>
    where TReply : notnull
{
    public Func<TState, TCommand, CommandContext, Effect<TSelf, TReply>> DecideOn { get; } = decide;

    public MessageCodec<TCommand> CommandCodec { get; } = commandCodec;

    /// <summary>Null for <see cref="Done"/>, which has nothing to write.</summary>
    public MessageCodec<TReply>? ReplyCodec { get; } = replyCodec;
}
