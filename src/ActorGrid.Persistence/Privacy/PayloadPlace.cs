using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace ActorGrid.Persistence;

/// <summary>Where a payload of an entity stands in the store. It is authenticated with the payload, so that one that was moved to another place, or whose clear columns were changed, cannot be read.</summary>
internal readonly record struct PayloadPlace
{
    private readonly Kind _kind;
    private readonly string _name, _secondName;
    private readonly long _first, _second, _third, _fourth;

    private PayloadPlace(Kind kind, string name = "", string secondName = "", long first = 0, long second = 0, long third = 0, long fourth = 0)
    {
        (_kind, _name, _secondName) = (kind, name, secondName);
        (_first, _second, _third, _fourth) = (first, second, third, fourth);
    }

    public static PayloadPlace Event(long sequence, string manifest, long atUnixMs) => new(Kind.Event, manifest, first: sequence, second: atUnixMs);

    /// <summary>Also of a state that is handed over, which has the form of a snapshot.</summary>
    public static PayloadPlace Snapshot(long sequence, Epoch epoch, long atUnixMs) =>
        new(Kind.Snapshot, first: sequence, second: atUnixMs, third: epoch.Term, fourth: epoch.Generation);

    public static PayloadPlace Reply(CommandId command, ReplyKind kind) => new(Kind.Reply, first: (long)command.High, second: (long)command.Low, third: (long)kind);

    public static PayloadPlace Timer(string name, long dueUnixMs, long setSequence, string manifest) => new(Kind.Timer, name, manifest, dueUnixMs, setSequence);

    public static PayloadPlace Attachment(string name) => new(Kind.Attachment, name);

    /// <summary>Two places never write the same bytes: numbers have a fixed size, and texts tell theirs.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        const int numbers = 1 + (4 * sizeof(long));
        var span = output.GetSpan(numbers);
        span[0] = (byte)_kind;
        BinaryPrimitives.WriteInt64LittleEndian(span[1..], _first);
        BinaryPrimitives.WriteInt64LittleEndian(span[9..], _second);
        BinaryPrimitives.WriteInt64LittleEndian(span[17..], _third);
        BinaryPrimitives.WriteInt64LittleEndian(span[25..], _fourth);
        output.Advance(numbers);
        Write(_name, output);
        Write(_secondName, output);
    }

    public static void Write(string text, IBufferWriter<byte> output)
    {
        var span = output.GetSpan(sizeof(int) + Encoding.UTF8.GetMaxByteCount(text.Length));
        int length = Encoding.UTF8.GetBytes(text, span[sizeof(int)..]);
        BinaryPrimitives.WriteInt32LittleEndian(span, length);
        output.Advance(sizeof(int) + length);
    }

    /// <summary>The numbers are part of what is stored: do not change them.</summary>
    private enum Kind : byte
    {
        Event = 1,
        Snapshot = 2,
        Reply = 3,
        Timer = 4,
        Attachment = 5,
    }
}
