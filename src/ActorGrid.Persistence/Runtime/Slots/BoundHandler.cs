using System.Buffers;
using System.Text;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>A handler with the codecs of its command and reply.</summary>
internal abstract class BoundHandler<TState, TEvent>(string name, Type commandType)
    where TState : notnull
    where TEvent : class
{
    public string Name { get; } = name;

    /// <summary>A recorded reply begins with the name of its command and a line feed, so that an id used for another command is
    /// noticed.</summary>
    public byte[] ReplyPrefix { get; } = Encoding.UTF8.GetBytes(name + "\n");

    public Type CommandType { get; } = commandType;

    /// <summary>Decides a call on the tentative state of an entity, writes the rows, and holds the reply.</summary>
    public abstract void Run(Decider<TState, TEvent> decider, IEntityCall call, CommandContext at);

    /// <summary>Holds the reply that was recorded.</summary>
    public abstract void HoldRecorded(IEntityCall call, ReadOnlyMemory<byte> payload);

    public abstract void EncodeCommand(object command, IBufferWriter<byte> output);

    public abstract object DecodeCommand(ReadOnlySpan<byte> payload);
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
    private static readonly Action<string, IBufferWriter<byte>> EncodeReason = static (reason, output) => Encoding.UTF8.GetBytes(reason, output);
    private readonly Action<TReply, IBufferWriter<byte>> _encodeReply = (reply, output) => replyCodec?.Encode(reply, output);

    public override void Run(Decider<TState, TEvent> decider, IEntityCall call, CommandContext at)
    {
        var ask = call as PendingAsk<TReply>;
        // A timer that fires is a call whose reply nobody waits for.
        bool isAwaited = ask is not null || call is RemoteCall;
        var effect = decide(decider.State, (TCommand)call.Command, at);
        switch (effect.Kind)
        {
            case EffectKind.Answer:
                if (isAwaited) Hold(decider, call, ask, effect.Answer!);
                break;
            case EffectKind.Reject:
                string reason = (string)effect.Body!;
                if (!isAwaited) break;
                call.HoldRejection(reason);
                decider.Record(ReplyKind.Rejected, this, reason, EncodeReason);
                break;
            case EffectKind.Persist:
                var body = (PersistBody<TState, TEvent, TReply>)effect.Body!;
                decider.Persist(body.Single, body.Several, body.Last);
                var reply = body.Reply(decider.State);
                if (isAwaited) Hold(decider, call, ask, reply);
                break;
            default:
                throw new InvalidOperationException($"The handler of '{Name}' returned no effect.");
        }
    }

    public override void HoldRecorded(IEntityCall call, ReadOnlyMemory<byte> payload)
    {
        if (call is RemoteCall remote) remote.Hold(payload);
        else ((PendingAsk<TReply>)call).Hold(replyCodec is null ? (TReply)(object)default(Done) : replyCodec.Decode(payload.Span));
    }

    /// <summary>Holds a reply, and records it if anything was decided that must not be decided again.</summary>
    private void Hold(Decider<TState, TEvent> decider, IEntityCall call, PendingAsk<TReply>? ask, TReply reply)
    {
        ask?.Hold(reply);
        if (decider.HasRows || call.MayRunTwice) decider.Record(ReplyKind.Accepted, this, reply, _encodeReply);
        // What is recorded is what is sent: those bytes stay as they are.
        if (ask is null) ((RemoteCall)call).Hold(decider.RecordedInClear is { } recorded ? recorded[ReplyPrefix.Length..] : Encode(reply));
    }

    private ReadOnlyMemory<byte> Encode(TReply reply)
    {
        var buffer = ScratchBuffer.Rent();
        try
        {
            _encodeReply(reply, buffer);
            return buffer.WrittenSpan.ToArray();
        }
        finally
        {
            ScratchBuffer.Return(buffer);
        }
    }

    public override void EncodeCommand(object command, IBufferWriter<byte> output) => commandCodec.Encode((TCommand)command, output);

    public override object DecodeCommand(ReadOnlySpan<byte> payload) => commandCodec.Decode(payload);
}
