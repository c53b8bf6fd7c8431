using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using ActorGrid.Persistence;

namespace ActorGrid.Cli;

/// <summary>Writes rows as lines. Payloads that are JSON, and text, stay readable, where that gives back the same bytes; the others are base64.</summary>
/// <param name="write">Takes a line, with its end.</param>
internal sealed class ArchiveLineWriter(Func<ReadOnlyMemory<byte>, ValueTask> write) : IDisposable
{
    private const int BufferBytesMax = 1 << 20;

    // What is not ASCII stays readable; the lines go to a terminal or a file, and into no page.
    private readonly Utf8JsonWriter _json = new(Stream.Null, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    private readonly long[] _counts = new long[ArchiveFormat.Kinds.Length];
    private ArrayBufferWriter<byte> _buffer = new();

    /// <summary>Writes the first line.</summary>
    public ValueTask BeginAsync(GridIdentity grid)
    {
        BeginLine();
        _json.WriteString("format", ArchiveFormat.Name);
        _json.WriteNumber("version", ArchiveFormat.Version);
        _json.WriteString("grid", grid.Name);
        _json.WriteNumber("shards", grid.ShardCount);
        return EndLineAsync();
    }

    /// <summary>Writes a row.</summary>
    public async ValueTask WriteAsync(ArchiveRow row)
    {
        _counts[(int)row.Kind]++;
        BeginLine(ArchiveFormat.Kinds[(int)row.Kind]);
        var rest = WriteFields(row);
        await EndLineAsync();
        while (!rest.IsEmpty)
        {
            BeginLine(ArchiveFormat.More);
            rest = WritePiece(rest);
            await EndLineAsync();
        }
    }

    /// <summary>Writes the last line.</summary>
    public ValueTask EndAsync()
    {
        BeginLine(ArchiveFormat.End);
        for (int kind = 0; kind < _counts.Length; kind++) _json.WriteNumber(ArchiveFormat.Kinds[kind], _counts[kind]);
        return EndLineAsync();
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    /// <summary>Writes the fields after the kind, and gives what of the payload is to go into further lines.</summary>
    private ReadOnlyMemory<byte> WriteFields(ArchiveRow row)
    {
        switch (row)
        {
            case ArchivedHorizon horizon:
                _json.WriteNumber("before", horizon.RepliesForgottenBeforeUnixMs);
                break;
            case ArchivedRole role:
                _json.WriteString("role", role.Role);
                _json.WriteNumber("first", role.FirstShard);
                break;
            case ArchivedEntityType type:
                _json.WriteString("type", type.Type);
                _json.WriteString("role", type.Role);
                break;
            case ArchivedShard shard:
                _json.WriteNumber("shard", shard.Shard.Value);
                _json.WriteString("epoch", shard.Fence.Epoch.ToString());
                _json.WriteString("owner", shard.Fence.Owner);
                _json.WriteNumber("offset", shard.LastOffset);
                _json.WriteNumber("youngest", shard.YoungestReplyIssuedAtUnixMs);
                WriteRemoved(shard.RemovedTo);
                break;
            case ArchivedEvent(var shard, var (e, offset, epoch)):
                _json.WriteNumber("shard", shard.Value);
                _json.WriteNumber("offset", offset);
                _json.WriteString("epoch", epoch.ToString());
                Write(e.Entity);
                _json.WriteNumber("sequence", e.Sequence);
                _json.WriteString("name", e.Manifest);
                WriteTime(e.AtUnixMs);
                WritePayload(e.Payload.Span);
                break;
            case ArchivedSnapshot(var snapshot, var removedTo):
                Write(snapshot.Entity);
                _json.WriteNumber("sequence", snapshot.Sequence);
                _json.WriteString("epoch", snapshot.Epoch.ToString());
                WriteTime(snapshot.AtUnixMs);
                WriteRemoved(removedTo);
                WritePayload(snapshot.Payload.Span);
                break;
            case ArchivedReply { Reply: var reply }:
                _json.WriteString("command", reply.Command.ToString());
                Write(reply.Entity);
                _json.WriteNumber("outcome", (int)reply.Kind);
                WritePayload(reply.Payload.Span);
                break;
            case ArchivedTimer(var shard, var timer):
                Write(timer.Entity);
                _json.WriteString("timer", timer.Name);
                _json.WriteNumber("shard", shard.Value);
                _json.WriteNumber("due", timer.DueUnixMs);
                _json.WriteNumber("set", timer.SetSequence);
                _json.WriteString("name", timer.Manifest);
                WritePayload(timer.Payload.Span);
                break;
            case ArchivedAttachment attachment:
                Write(attachment.Entity);
                _json.WriteString("attachment", attachment.Name);
                _json.WriteNumber("bytes", attachment.Payload.Length);
                if (attachment.Payload.Length > ArchiveFormat.PieceBytesMax) return WritePiece(attachment.Payload);
                WritePayload(attachment.Payload.Span);
                break;
            case ArchivedCursor(var key, var cursor):
                _json.WriteString("subscription", key.Name);
                _json.WriteNumber("shard", key.Shard.Value);
                _json.WriteNumber("version", cursor.Version);
                _json.WriteString("epoch", cursor.Epoch.ToString());
                _json.WriteNumber("offset", cursor.Offset);
                _json.WriteNumber("given", cursor.GivenTo);
                _json.WriteNumber("issued", cursor.IssuedAtUnixMs);
                break;
        }
        return default;
    }

    private void WriteRemoved(long removedTo)
    {
        if (removedTo != 0) _json.WriteNumber("removed", removedTo);
    }

    private void Write(EntityId entity)
    {
        _json.WriteString("type", entity.Type);
        _json.WriteString("key", entity.Key);
    }

    /// <summary>A time that no calendar has is a number: whatever is stored has to come back.</summary>
    private void WriteTime(long unixMs)
    {
        if (unixMs >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && unixMs <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()) _json.WriteString("at", DateTimeOffset.FromUnixTimeMilliseconds(unixMs));
        else _json.WriteNumber("at", unixMs);
    }

    private void WritePayload(ReadOnlySpan<byte> payload)
    {
        // Around a value there can be white space, which a reader of the line would not take for a part of it.
        if (JsonLines.IsJson(payload) && payload[0] > ' ' && payload[^1] > ' ')
        {
            _json.WritePropertyName("json");
            _json.WriteRawValue(payload, skipInputValidation: true);
        }
        else if (payload.Length <= ArchiveFormat.TextBytesMax && Utf8.IsValid(payload))
        {
            _json.WriteString("text", payload);
        }
        else
        {
            _json.WriteBase64String("base64", payload);
        }
    }

    private ReadOnlyMemory<byte> WritePiece(ReadOnlyMemory<byte> payload)
    {
        int length = Math.Min(payload.Length, ArchiveFormat.PieceBytesMax);
        _json.WriteBase64String("base64", payload.Span[..length]);
        return payload[length..];
    }

    private void BeginLine(string? kind = null)
    {
        // One large line is no reason to hold on to so much.
        if (_buffer.Capacity > BufferBytesMax) _buffer = new ArrayBufferWriter<byte>();
        _buffer.ResetWrittenCount();
        _json.Reset(_buffer);
        _json.WriteStartObject();
        if (kind is not null) _json.WriteString("kind", kind);
    }

    private async ValueTask EndLineAsync()
    {
        _json.WriteEndObject();
        await _json.FlushAsync();
        _buffer.Write("\n"u8);
        await write(_buffer.WrittenMemory);
    }
}
