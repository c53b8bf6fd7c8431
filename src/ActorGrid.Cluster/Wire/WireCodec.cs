using System.Buffers;
using System.Diagnostics;
using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>
/// The bytes of a message: the version of the layout, the kind, and the parts in their order. Numbers are in network order and of a fixed size; a text is
/// UTF-8 behind 2 bytes of length, a payload comes last behind 4. Each message has one encoding only: what is left over at the end is an error.
/// </summary>
internal static class WireCodec
{
    /// <summary>Version, kind, and all parts of fixed size of any message.</summary>
    private const int FixedBytesMax = 96;

    private enum Kind : byte
    {
        Heartbeat = 1,
        ViewWanted,
        ViewGiven,
        AskSent,
        AskAnswered,
        HandoverSent,
        ServiceSent,
    }

    /// <summary>The most bytes that <see cref="Encode(WireMessage, Span{byte})"/> needs.</summary>
    /// <exception cref="ArgumentException">The message carries more than <see cref="WireLimits.PayloadBytesMax"/>.</exception>
    public static int BytesMax(WireMessage message) => message switch
    {
        AskSent ask => AskBytesMax(ask.Entity, ask.Command, ask.Payload.Length),
        AskAnswered answer => AnswerBytesMax(answer.Payload.Length),
        ViewGiven view => FixedBytesMax + Checked(view.Encoded.Length),
        HandoverSent handover => FixedBytesMax + Checked(handover.Payload.Length),
        ServiceSent service => ServiceBytesMax(service.Service, service.Payload.Length),
        _ => FixedBytesMax,
    };

    public static int AskBytesMax(EntityId entity, string command, int payloadLength) =>
        FixedBytesMax + ((entity.Type.Length + entity.Key.Length + command.Length) * 3) + Checked(payloadLength);

    public static int AnswerBytesMax(int payloadLength) => FixedBytesMax + Checked(payloadLength);

    public static int ServiceBytesMax(string service, int payloadLength) => FixedBytesMax + (service.Length * 3) + Checked(payloadLength);

    /// <summary>Appends the bytes of a message.</summary>
    /// <exception cref="ArgumentException">A part is longer than its bound.</exception>
    public static void Encode(WireMessage message, IBufferWriter<byte> output) => output.Advance(Encode(message, output.GetSpan(BytesMax(message))));

    /// <summary>Writes the bytes of a message.</summary>
    /// <returns>How many there are.</returns>
    /// <exception cref="ArgumentException">A part is longer than its bound.</exception>
    public static int Encode(WireMessage message, Span<byte> output)
    {
        switch (message)
        {
            case AskSent ask:
                return EncodeAsk(ask.Request, ask.Entity, ask.Command, ask.Payload.Span, ask.Id, ask.RemainingMs, ask.Relays, ask.MayRunTwice, ask.Span, output);
            case AskAnswered answer:
                return EncodeAnswer(answer.Request, answer.Status, answer.Payload.Span, answer.ViewVersion, output);
            case ServiceSent service:
                return EncodeService(service.Service, service.Payload.Span, output);
        }
        var writer = Begin(output, KindOf(message));
        switch (message)
        {
            case Heartbeat beat:
                writer.Int64(beat.ViewVersion);
                writer.Int64(beat.LeaseNumber);
                writer.Flag(beat.HearsYou);
                break;
            case ViewWanted wanted:
                writer.Int64(wanted.HaveVersion);
                break;
            case ViewGiven given:
                writer.Payload(given.Encoded.Span);
                break;
            case HandoverSent handover:
                writer.Int32(handover.Shard.Value);
                writer.Int64(handover.Term);
                writer.Int64(handover.Offset);
                writer.Int32(handover.Position);
                writer.Flag(handover.IsLast);
                writer.Payload(handover.Payload.Span);
                break;
        }
        return writer.Written;
    }

    /// <summary>As <see cref="Encode(WireMessage, Span{byte})"/> of an <see cref="AskSent"/>, for which no object has to be made.</summary>
    public static int EncodeAsk(
        long request, EntityId entity, string command, ReadOnlySpan<byte> payload, CommandId id, int remainingMs, byte relays, bool mayRunTwice,
        ActivityContext span, Span<byte> output)
    {
        var writer = Begin(output, Kind.AskSent);
        writer.Int64(request);
        writer.Id(id);
        writer.Int32(remainingMs);
        writer.Byte(relays);
        writer.Flag(mayRunTwice);
        writer.Span(span);
        writer.Text(entity.Type, WireLimits.TypeBytesMax);
        writer.Text(entity.Key, WireLimits.KeyBytesMax);
        writer.Text(command, WireLimits.CommandBytesMax);
        writer.Payload(payload);
        return writer.Written;
    }

    /// <summary>As <see cref="Encode(WireMessage, Span{byte})"/> of an <see cref="AskAnswered"/>.</summary>
    public static int EncodeAnswer(long request, AskStatus status, ReadOnlySpan<byte> payload, long viewVersion, Span<byte> output)
    {
        var writer = Begin(output, Kind.AskAnswered);
        writer.Int64(request);
        writer.Byte((byte)status);
        writer.Int64(viewVersion);
        writer.Payload(payload);
        return writer.Written;
    }

    /// <summary>As <see cref="Encode(WireMessage, Span{byte})"/> of a <see cref="ServiceSent"/>.</summary>
    public static int EncodeService(string service, ReadOnlySpan<byte> payload, Span<byte> output)
    {
        var writer = Begin(output, Kind.ServiceSent);
        writer.Text(service, WireLimits.ServiceBytesMax);
        writer.Payload(payload);
        return writer.Written;
    }

    /// <summary>Reads a message. It keeps nothing of <paramref name="frame"/>.</summary>
    /// <exception cref="CodecException">The bytes are not a message of this version: whoever sent them is not one of us.</exception>
    public static WireMessage Decode(ReadOnlySpan<byte> frame)
    {
        if (frame.Length > WireLimits.MessageBytesMax)
        {
            throw new CodecException($"A message has {frame.Length} bytes; at most {WireLimits.MessageBytesMax} are allowed.");
        }
        var reader = new WireReader(frame);
        byte version = reader.Byte();
        if (version != WireLimits.Version) throw new CodecException($"A message has version {version}; this node understands {WireLimits.Version}.");
        var message = Read(ref reader);
        return reader.IsAtEnd ? message : throw new CodecException($"A {message.GetType().Name} is longer than it says.");
    }

    private static WireMessage Read(ref WireReader reader)
    {
        var kind = (Kind)reader.Byte();
        return kind switch
        {
            Kind.Heartbeat => new Heartbeat(reader.LongCount(), reader.LongCount(), reader.Flag()),
            Kind.ViewWanted => new ViewWanted(reader.LongCount()),
            Kind.ViewGiven => new ViewGiven(reader.Payload().ToArray()),
            Kind.AskSent => ReadAsk(ref reader),
            Kind.AskAnswered => ReadAnswer(ref reader),
            Kind.HandoverSent => ReadHandover(ref reader),
            Kind.ServiceSent => new ServiceSent(reader.Name(WireLimits.ServiceBytesMax), reader.Payload().ToArray()),
            _ => throw new CodecException($"There is no message of kind {kind}."),
        };
    }

    private static AskSent ReadAsk(ref WireReader reader)
    {
        long request = reader.Int64();
        var id = reader.Id();
        int remainingMs = reader.Count();
        byte relays = reader.Byte();
        if (relays > WireLimits.RelaysMax) throw new CodecException($"An ask may be passed on {relays} times; at most {WireLimits.RelaysMax} are allowed.");
        bool mayRunTwice = reader.Flag();
        var span = reader.Span();
        var entity = new EntityId(reader.Name(WireLimits.TypeBytesMax), reader.Text(WireLimits.KeyBytesMax));
        if (EntityId.FaultOfKey(entity.Key) is { } fault) throw new CodecException(fault);
        return new AskSent(request, entity, reader.Name(WireLimits.CommandBytesMax), reader.Payload().ToArray(), id, remainingMs, relays, mayRunTwice, span);
    }

    private static AskAnswered ReadAnswer(ref WireReader reader)
    {
        long request = reader.Int64();
        var status = (AskStatus)reader.Byte();
        if (status > AskStatus.Invalid) throw new CodecException($"There is no outcome {status}.");
        long viewVersion = reader.LongCount();
        return new AskAnswered(request, status, reader.Payload().ToArray(), viewVersion);
    }

    private static HandoverSent ReadHandover(ref WireReader reader)
    {
        var shard = new ShardId(reader.Count());
        long term = reader.LongCount();
        long offset = reader.Int64();
        if (offset < -1) throw new CodecException($"A shard has no offset {offset}.");
        return new HandoverSent(shard, term, offset, reader.Count(), reader.Flag(), reader.Payload().ToArray());
    }

    private static WireWriter Begin(Span<byte> output, Kind kind)
    {
        var writer = new WireWriter(output);
        writer.Byte(WireLimits.Version);
        writer.Byte((byte)kind);
        return writer;
    }

    private static Kind KindOf(WireMessage message) => message switch
    {
        Heartbeat => Kind.Heartbeat,
        ViewWanted => Kind.ViewWanted,
        ViewGiven => Kind.ViewGiven,
        HandoverSent => Kind.HandoverSent,
        _ => throw new InvalidOperationException($"{message.GetType().Name} has no encoding."),
    };

    private static int Checked(int payloadLength) => payloadLength <= WireLimits.PayloadBytesMax
        ? payloadLength
        : throw new ArgumentException($"A message carries {payloadLength} bytes; at most {WireLimits.PayloadBytesMax} are allowed.", nameof(payloadLength));
}
