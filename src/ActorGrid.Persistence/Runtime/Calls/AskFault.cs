using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>The errors of asks as bytes, and back: what a caller is told does not depend on which node it asked.</summary>
internal static class AskFault
{
    private const int TextBytesMax = 4096;

    /// <summary>Of a refusal: the text, the pause in ms, what is full, and the option.</summary>
    private const int RefusalFields = 4;
    private const long PauseMsMax = 3_600_000;

    /// <summary>In the place of a sequence number: not quarantined but forgotten. An older node, which does not know that outcome, still reads an answer, and tells its caller in words.</summary>
    private const long ForgottenMark = -1;

    /// <summary>Of a refusal that does not say it: it comes from a node of an older version.</summary>
    private static readonly TimeSpan UnsaidPause = TimeSpan.FromMilliseconds(100);

    public static (AskStatus Status, ReadOnlyMemory<byte> Payload) Encode(Exception fault) => fault switch
    {
        CommandFailedException e => (AskStatus.Failed, Text(0, e.InnerException!.Message)),
        OwnershipLostException => (AskStatus.NotOwner, default),
        QuarantinedException e => (AskStatus.Quarantined, Text(e.Sequence, e.InnerException!.Message)),
        EntityForgottenException e => (AskStatus.Quarantined, Text(ForgottenMark, e.Message)),
        OverloadedException e => (AskStatus.Overloaded, Refusal(e)),
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
            AskStatus.Quarantined when number == ForgottenMark => new EntityForgottenException(entity),
            AskStatus.Quarantined => new QuarantinedException(entity, number, new RemoteFaultException(text)),
            AskStatus.Overloaded => Refused(entity, number, text),
            AskStatus.OutcomeUnknown => new OutcomeUnknownException(entity, id, new RemoteFaultException(text)),
            AskStatus.InvalidId => new InvalidCommandIdException(entity, text),
            AskStatus.StoreFailed => new StoreException(text, number != 0),
            AskStatus.Invalid => new ArgumentException(text, nameof(entity)),
            _ => throw new FormatException($"{status} is not an error of a caller."),
        };
    }

    /// <summary>For how long the sender of that refusal wants to see nobody.</summary>
    public static TimeSpan PauseOf(ReadOnlySpan<byte> refusal) =>
        refusal.Length < sizeof(long) ? UnsaidPause : PauseOf(Encoding.UTF8.GetString(refusal[sizeof(long)..]).Split('\0'));

    private static TimeSpan PauseOf(string[] fields)
    {
        bool isNumber = long.TryParse(fields.Length == RefusalFields ? fields[1] : "", NumberStyles.None, CultureInfo.InvariantCulture, out long ms);
        return isNumber && ms is >= 1 and <= PauseMsMax ? TimeSpan.FromMilliseconds(ms) : UnsaidPause;
    }

    /// <summary>Nodes that know no more than number and text read all of it as the text.</summary>
    private static ReadOnlyMemory<byte> Refusal(OverloadedException e)
    {
        long ms = Math.Clamp((long)Math.Ceiling(e.RetryAfter.TotalMilliseconds), 1, PauseMsMax);
        return Text(e.Limit, string.Create(CultureInfo.InvariantCulture, $"{e.Message}\0{ms}\0{e.Bound}\0{e.Option}"));
    }

    private static OverloadedException Refused(EntityId entity, long limit, string text)
    {
        string[] fields = text.Split('\0');
        var (bound, option) = fields.Length == RefusalFields ? (fields[2], fields[3]) : ("commands in hand", "");
        return new OverloadedException(entity.ToString(), bound, limit, option, PauseOf(fields), fields[0]);
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
