using System.Buffers.Binary;
using System.Text;

namespace ActorGrid.Persistence;

/// <summary>The errors of asks as bytes, and back: what a caller is told does not depend on which node it asked.</summary>
internal static class AskFault
{
    private const int TextBytesMax = 4096;

    public static (AskStatus Status, ReadOnlyMemory<byte> Payload) Encode(Exception fault) => fault switch
    {
        CommandFailedException e => (AskStatus.Failed, Text(0, e.InnerException!.Message)),
        OwnershipLostException => (AskStatus.NotOwner, default),
        QuarantinedException e => (AskStatus.Quarantined, Text(e.Sequence, e.InnerException!.Message)),
        OverloadedException e => (AskStatus.Overloaded, Text(e.InHand, e.Message)),
        OutcomeUnknownException e => (AskStatus.OutcomeUnknown, e.InnerException is { } cause ? Text(0, cause.Message) : default),
        InvalidCommandIdException e => (AskStatus.InvalidId, Text(0, e.Message)),
        StoreException e => (AskStatus.StoreFailed, Text(e.IsTransient ? 1 : 0, e.Message)),
        // The exception adds the name of the parameter again where it is made anew.
        ArgumentException e => (AskStatus.Invalid, Text(0, e.Message.Split(" (Parameter '", 2, StringSplitOptions.None)[0])),
        _ => (AskStatus.Failed, Text(0, $"{fault.GetType().Name}: {fault.Message}")),
    };

    /// <summary>The error that a caller gets.</summary>
    /// <exception cref="FormatException">The payload is damaged.</exception>
    public static Exception Decode(AskStatus status, ReadOnlySpan<byte> payload, EntityId entity, CommandId id, string command)
    {
        if (status == AskStatus.OutcomeUnknown && payload.IsEmpty) return new OutcomeUnknownException(entity, id);
        if (payload.Length < sizeof(long)) throw new FormatException($"The error {status} of {entity} has {payload.Length} bytes.");
        long number = BinaryPrimitives.ReadInt64LittleEndian(payload);
        string text = Encoding.UTF8.GetString(payload[sizeof(long)..]);
        return status switch
        {
            AskStatus.Failed => new CommandFailedException(entity, command, new RemoteFaultException(text)),
            AskStatus.Quarantined => new QuarantinedException(entity, number, new RemoteFaultException(text)),
            AskStatus.Overloaded => new OverloadedException(entity, (int)Math.Clamp(number, 0, int.MaxValue), text.Length > 0 ? text : null),
            AskStatus.OutcomeUnknown => new OutcomeUnknownException(entity, id, new RemoteFaultException(text)),
            AskStatus.InvalidId => new InvalidCommandIdException(entity, text),
            AskStatus.StoreFailed => new StoreException(text, number != 0),
            AskStatus.Invalid => new ArgumentException(text, nameof(entity)),
            _ => throw new FormatException($"{status} is not an error of a caller."),
        };
    }

    private static ReadOnlyMemory<byte> Text(long number, string text)
    {
        // A message may be as long as user code likes; its beginning says what happened.
        if (text.Length > TextBytesMax / 3) text = text[..(TextBytesMax / 3)];
        byte[] bytes = new byte[sizeof(long) + Encoding.UTF8.GetByteCount(text)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        Encoding.UTF8.GetBytes(text, bytes.AsSpan(sizeof(long)));
        return bytes;
    }
}
