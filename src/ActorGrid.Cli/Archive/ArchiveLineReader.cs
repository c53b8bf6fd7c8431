using System.Runtime.CompilerServices;
using System.Text.Json;
using ActorGrid.Persistence;

namespace ActorGrid.Cli;

/// <summary>Reads what <see cref="ArchiveLineWriter"/> wrote, from whoever's hand it comes: each line as it is asked for, and whether all are there. What the rows say is checked by who writes them.</summary>
internal sealed class ArchiveLineReader(Stream source)
{
    private readonly LineReader _lines = new(source, ArchiveFormat.LineBytesMax);
    private readonly long[] _counts = new long[ArchiveFormat.Kinds.Length];
    private string _type = "", _key = "", _name = "";
    private (string, Epoch) _epoch = ("", default);

    /// <summary>The number of the line that was read last.</summary>
    public long Line => _lines.Number;

    /// <summary>How many rows of a kind have been read.</summary>
    public long CountOf(ArchiveKind kind) => _counts[(int)kind];

    /// <summary>Reads the first line.</summary>
    /// <exception cref="InvalidDataException">It is not the first line of an export, or of one that is not known.</exception>
    public async Task<GridIdentity> ReadGridAsync(CancellationToken cancellationToken)
    {
        var line = await _lines.ReadAsync(cancellationToken) ?? throw new InvalidDataException("it is empty.");
        return Parse(line, static line =>
        {
            var fields = new LineFields(line);
            if (fields.Text("format") != ArchiveFormat.Name) throw new FormatException($"the format is not '{ArchiveFormat.Name}'.");
            int version = fields.Int("version");
            if (version == 1) throw new FormatException("version 1 of the format has events and nothing else, so it cannot be imported: export again, with this version of the command.");
            if (version != ArchiveFormat.Version) throw new FormatException(FormattableString.Invariant($"the format has version {version}, and this version of the command reads {ArchiveFormat.Version}: use the one that wrote it."));
            var grid = new GridIdentity(fields.Text("grid"), fields.Int("shards"));
            fields.End();
            return grid;
        });
    }

    /// <summary>Reads the rows, up to the last line.</summary>
    /// <exception cref="InvalidDataException">A line cannot be read, or some are missing.</exception>
    public async IAsyncEnumerable<ArchiveRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var line = await _lines.ReadAsync(cancellationToken) ?? throw new InvalidDataException("it ends without its last line, which counts the others: it was cut off.");
            var (row, bytes) = Parse(line, Read);
            if (row is null) break;
            if (row is ArchivedAttachment attachment && attachment.Payload.Length != bytes) row = attachment with { Payload = await ReadPiecesAsync(attachment, bytes, cancellationToken) };
            _counts[(int)row.Kind]++;
            yield return row;
        }
        if (await _lines.ReadAsync(cancellationToken) is not null) throw new InvalidDataException("it goes on after its last line.");
    }

    private async Task<byte[]> ReadPiecesAsync(ArchivedAttachment attachment, int bytes, CancellationToken cancellationToken)
    {
        if (bytes is < 0 or > JournalLimits.AttachmentBytesMax) throw new InvalidDataException(FormattableString.Invariant($"an attachment has 0 to {JournalLimits.AttachmentBytesMax:N0} bytes, not {bytes:N0}."));
        byte[] whole = new byte[bytes];
        int length = Add(attachment.Payload, 0);
        while (length < bytes)
        {
            var line = await _lines.ReadAsync(cancellationToken) ?? throw new InvalidDataException("it ends in the middle of an attachment.");
            length = Add(Parse(line, ReadMore), length);
        }
        return whole;

        int Add(ReadOnlyMemory<byte> piece, int at)
        {
            if (piece.Length == 0 || piece.Length > bytes - at) throw new InvalidDataException(FormattableString.Invariant($"the attachment '{attachment.Name}' of {attachment.Entity} has other than the {bytes:N0} bytes that it says."));
            piece.CopyTo(whole.AsMemory(at));
            return at + piece.Length;
        }
    }

    private static byte[] ReadMore(ReadOnlySpan<byte> line)
    {
        var fields = new LineFields(line);
        if (fields.Text("kind") != ArchiveFormat.More) throw new FormatException("the payload of the line before should go on here.");
        byte[] piece = fields.Payload();
        fields.End();
        return piece;
    }

    /// <summary>A row, with the bytes that an attachment says it has; no row: it is the last line.</summary>
    private (ArchiveRow? Row, int Bytes) Read(ReadOnlySpan<byte> line)
    {
        var fields = new LineFields(line);
        string kind = fields.Text("kind");
        int bytes = 0;
        ArchiveRow? row = kind switch
        {
            "horizon" => new ArchivedHorizon(fields.Number("before")),
            "role" => new ArchivedRole(fields.Text("role"), fields.Int("first")),
            "type" => new ArchivedEntityType(fields.Text("type"), fields.Text("role")),
            "shard" => new ArchivedShard(new ShardId(fields.Int("shard")), new Fence(fields.Epoch("epoch", ref _epoch), fields.Guid("owner")), fields.Number("offset"), fields.Number("youngest"), fields.NumberIfThere("removed")),
            "event" => ReadEvent(ref fields),
            "snapshot" => ReadSnapshot(ref fields),
            "reply" => ReadReply(ref fields),
            "timer" => ReadTimer(ref fields),
            "attachment" => new ArchivedAttachment(Entity(ref fields), fields.Text("attachment"), (bytes = fields.Int("bytes")) < 0 ? throw new FormatException("'bytes' is negative.") : fields.Payload()),
            "cursor" => new ArchivedCursor(
                new CursorKey(fields.Text("subscription"), new ShardId(fields.Int("shard"))),
                new Cursor(fields.Number("version"), fields.Epoch("epoch", ref _epoch), fields.Number("offset"), fields.Number("given"), fields.Number("issued"))),
            ArchiveFormat.End => null,
            _ => throw new FormatException($"there are no lines of the kind '{kind}'."),
        };
        if (row is null) CheckCounts(ref fields);
        fields.End();
        return (row, bytes);
    }

    private void CheckCounts(ref LineFields fields)
    {
        for (int kind = 0; kind < _counts.Length; kind++)
        {
            long count = fields.Number(ArchiveFormat.Kinds[kind]);
            if (count != _counts[kind]) throw new FormatException(FormattableString.Invariant($"there should be {count:N0} lines of the kind '{ArchiveFormat.Kinds[kind]}', and there are {_counts[kind]:N0}."));
        }
    }

    private ArchivedEvent ReadEvent(ref LineFields fields)
    {
        var shard = new ShardId(fields.Int("shard"));
        long offset = fields.Number("offset");
        var epoch = fields.Epoch("epoch", ref _epoch);
        var e = new JournalEvent(Entity(ref fields), fields.Number("sequence"), fields.Text("name", ref _name), fields.Time("at"), fields.Payload());
        return new ArchivedEvent(shard, new StoredEvent(e, offset, epoch));
    }

    private ArchivedSnapshot ReadSnapshot(ref LineFields fields)
    {
        var entity = Entity(ref fields);
        long sequence = fields.Number("sequence");
        var epoch = fields.Epoch("epoch", ref _epoch);
        long at = fields.Time("at"), removedTo = fields.NumberIfThere("removed");
        return new ArchivedSnapshot(new SnapshotRecord(entity, sequence, epoch, at, fields.Payload()), removedTo);
    }

    private ArchivedReply ReadReply(ref LineFields fields)
    {
        var command = fields.Command("command");
        return new ArchivedReply(new ReplyRecord(Entity(ref fields), command, (ReplyKind)fields.Int("outcome"), fields.Payload()));
    }

    private ArchivedTimer ReadTimer(ref LineFields fields)
    {
        var entity = Entity(ref fields);
        string name = fields.Text("timer");
        var shard = new ShardId(fields.Int("shard"));
        return new ArchivedTimer(shard, new TimerRecord(entity, name, fields.Number("due"), fields.Number("set"), fields.Text("name", ref _name), fields.Payload()));
    }

    private EntityId Entity(ref LineFields fields) => new(fields.Text("type", ref _type), fields.Text("key", ref _key));

    private static T Parse<T>(ReadOnlyMemory<byte> line, LineParser<T> parse)
    {
        try
        {
            return parse(line.Span);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or ArgumentException)
        {
            // The name of a parameter says nothing to whoever reads lines.
            throw new InvalidDataException($"this is no line of an export: {e.Message.Split(" (Parameter '", 2, StringSplitOptions.None)[0]}", e);
        }
    }

    private delegate T LineParser<T>(ReadOnlySpan<byte> line);
}
