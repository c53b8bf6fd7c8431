using System.Text;
using ActorGrid.Persistence;

namespace ActorGrid.Cli.Tests;

/// <summary>Whatever the bytes of a row are, they come back from the lines as they were.</summary>
public sealed class ArchiveLinesTests
{
    private static readonly GridIdentity Grid = new("sh\u00f6p", 4);
    private static readonly EntityId Alice = EntityId.Create("account", "alice \" \\ \u00e9\U0001F600\u2028");

    [Theory]
    [InlineData("{\"Amount\":1}", "json")]
    [InlineData("{\"A\":\"\\u0041 \\/ \u00e9\"}", "json")]
    [InlineData("[1.50, -0, 1e5 ]", "json")]
    [InlineData("\"text\"", "json")]
    [InlineData("3", "json")]
    [InlineData("null", "json")]
    [InlineData(" {}", "text")]
    [InlineData("{} ", "text")]
    [InlineData("{}\n{\"a\":1}", "text")]
    [InlineData("deposit\n3", "text")]
    [InlineData("{oops", "text")]
    [InlineData("{\"a\":1,}", "text")]
    [InlineData("\ufeff{}", "text")]
    [InlineData("{\"a\":\"\\ud800\"}", "text")]
    [InlineData("a\0b", "text")]
    [InlineData("", "text")]
    public async Task A_payload_that_is_text_stays_readable(string payload, string form) => await ComesBackAsync(Encoding.UTF8.GetBytes(payload), form);

    [Fact]
    public async Task A_payload_that_is_none_is_base64()
    {
        await ComesBackAsync([0xFF], "base64");
        await ComesBackAsync([.. "{\"a\":\""u8, 0xC3, .. "\"}"u8], "base64");
        await ComesBackAsync([.. EncryptedLike()], "base64");
        await ComesBackAsync(Encoding.UTF8.GetBytes(new string('x', ArchiveFormat.TextBytesMax + 1)), "base64");

        static IEnumerable<byte> EncryptedLike() => Enumerable.Range(0, 256).Select(i => (byte)i);
    }

    [Fact]
    public async Task A_payload_as_deep_as_a_reader_takes_comes_back()
    {
        await ComesBackAsync(Encoding.UTF8.GetBytes(new string('[', 64) + new string(']', 64)), "json");
        await ComesBackAsync(Encoding.UTF8.GetBytes(new string('[', 65) + new string(']', 65)), "text");
    }

    [Fact]
    public async Task The_largest_payload_of_an_event_fits_on_a_line()
    {
        byte[] largest = new byte[JournalLimits.PayloadBytesMax];
        largest.AsSpan().Fill((byte)'7');
        await ComesBackAsync(largest, "json");
        largest[^1] = 0xFF;
        await ComesBackAsync(largest, "base64");
    }

    [Fact]
    public async Task A_large_attachment_goes_on_over_lines()
    {
        byte[] payload = new byte[(2 * ArchiveFormat.PieceBytesMax) + 5];
        new Random(7).NextBytes(payload);
        byte[] file = await WriteAsync([new ArchivedAttachment(Alice, "result", payload), new ArchivedAttachment(Alice, "small", new byte[] { 1 })]);
        Assert.Equal(6, file.Count(b => b == '\n'));
        var rows = await ReadAsync(file);
        Assert.Equal(2, rows.Count);
        Assert.True(((ArchivedAttachment)rows[0]).Payload.Span.SequenceEqual(payload));

        // One that says it is larger than any may be costs nothing.
        string line = """{"kind":"attachment","type":"a","key":"b","attachment":"n","bytes":2147483647,"base64":"AAAA"}""";
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync([.. file[..(Array.IndexOf(file, (byte)'\n') + 1)], .. Encoding.UTF8.GetBytes(line + "\n")]));
        Assert.Contains("0 to 268,435,456 bytes", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(-1)]
    [InlineData(1_700_000_000_123)]
    [InlineData(253_402_300_799_999)]
    [InlineData(253_402_300_800_000)]
    public async Task Any_time_comes_back(long unixMs)
    {
        var rows = await ReadAsync(await WriteAsync([new ArchivedSnapshot(new SnapshotRecord(Alice, 3, new Epoch(5, 7), unixMs, "{}"u8.ToArray()))]));
        Assert.Equal(unixMs, Assert.IsType<ArchivedSnapshot>(Assert.Single(rows)).Snapshot.AtUnixMs);
    }

    private static async Task ComesBackAsync(byte[] payload, string form)
    {
        var row = new ArchivedEvent(new ShardId(3), new StoredEvent(new JournalEvent(Alice, 5, "put\n", 1_700_000_000_123, payload), 9, new Epoch(2, 1)));
        byte[] file = await WriteAsync([row]);
        Assert.Equal(3, file.Count(b => b == '\n'));
        Assert.True(file.AsSpan().IndexOf(Encoding.UTF8.GetBytes($",\"{form}\":")) > 0, $"It is not {form}.");
        var read = Assert.IsType<ArchivedEvent>(Assert.Single(await ReadAsync(file)));
        Assert.True(read.Stored.Event.Payload.Span.SequenceEqual(payload));
        Assert.Equal(row with { Stored = row.Stored with { Event = row.Stored.Event with { Payload = default } } }, read with { Stored = read.Stored with { Event = read.Stored.Event with { Payload = default } } });
    }

    private static async Task<byte[]> WriteAsync(IEnumerable<ArchiveRow> rows)
    {
        using var file = new MemoryStream();
        using var lines = new ArchiveLineWriter(line => file.WriteAsync(line));
        await lines.BeginAsync(Grid);
        foreach (var row in rows) await lines.WriteAsync(row);
        await lines.EndAsync();
        return file.ToArray();
    }

    private static async Task<List<ArchiveRow>> ReadAsync(byte[] file)
    {
        using var source = new MemoryStream(file);
        var reader = new ArchiveLineReader(source);
        Assert.Equal(Grid, await reader.ReadGridAsync(default));
        var rows = new List<ArchiveRow>();
        await foreach (var row in reader.ReadAsync(default)) rows.Add(row);
        return rows;
    }
}
