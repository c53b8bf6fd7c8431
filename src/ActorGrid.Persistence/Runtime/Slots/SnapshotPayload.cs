using System.Buffers;
using System.Text.Json;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>
/// The form of a snapshot: a line of JSON with the timers that are set, then the state as its codec writes it. The line has no line feed
/// inside, so the first one
/// ends it, whatever the codec of the state is.
/// </summary>
internal static class SnapshotPayload
{
    private const int Version = 1;

    public static ReadOnlyMemory<byte> Encode<TState>(TState state, TimerSet timers, MessageCodec<TState> codec)
        where TState : notnull
    {
        var output = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(output)) JsonSerializer.Serialize(writer, new SnapshotHeader(Version, timers.All), TimerJson.Default.SnapshotHeader);
        output.GetSpan(1)[0] = (byte)'\n';
        output.Advance(1);
        codec.Encode(state, output);
        return output.WrittenMemory;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CodecException">The bytes are no snapshot, or one of a newer version.</exception>
    public static (TState State, TimerSet Timers) Decode<TState>(ReadOnlySpan<byte> payload, MessageCodec<TState> codec)
        where TState : notnull
    {
        int end = payload.IndexOf((byte)'\n');
        if (end < 0) throw new CodecException("The snapshot has no header line.");
        SnapshotHeader header;
        try
        {
            header = JsonSerializer.Deserialize(payload[..end], TimerJson.Default.SnapshotHeader) ?? throw new CodecException("The header of the snapshot is empty.");
        }
        catch (JsonException e)
        {
            throw new CodecException($"The header of the snapshot is damaged: {e.Message}", e);
        }
        if (header.Version != Version) throw new CodecException($"The snapshot has version {header.Version}; this version of ActorGrid reads {Version}.");
        return (codec.Decode(payload[(end + 1)..]), TimerSet.Of(header.Timers));
    }
}

internal sealed record SnapshotHeader(int Version, IReadOnlyList<SetTimer> Timers);
