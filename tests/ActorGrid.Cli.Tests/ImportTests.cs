using ActorGrid.Persistence;
using ActorGrid.Sqlite;

namespace ActorGrid.Cli.Tests;

public sealed class ImportTests : IDisposable
{
    private readonly Journals _journals = new();

    public void Dispose() => _journals.Dispose();

    [Fact]
    public async Task What_was_exported_is_imported_and_exported_again_byte_for_byte()
    {
        await _journals.WriteAsync();
        var (file, again, other) = (_journals.Other("grid.jsonl"), _journals.Other("again.jsonl"), _journals.Other("other.db"));
        Assert.Equal((0, "", ""), await Run.Async("export", "--out", file, "--sqlite", _journals.Path));
        Assert.Equal((0, "The grid 'shop' of 4 shards is imported: 6 events, 0 snapshots, 0 replies, 0 timers, 0 attachments, 0 cursors of subscriptions.\n", ""), await Run.Async("import", "--in", file, "--sqlite", other));
        Assert.Equal((0, "", ""), await Run.Async("export", "--out", again, "--sqlite", other));
        Assert.Equal(await File.ReadAllBytesAsync(file), await File.ReadAllBytesAsync(again));
        Assert.Contains("\"json\":3}", (await Run.Async("replay", "account/alice", "--code", Run.Code, "--sqlite", other)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_used_is_refused()
    {
        await _journals.WriteAsync();
        string file = _journals.Other("grid.jsonl"), other = _journals.Other("other.db");
        await Run.Async("export", "--out", file, "--sqlite", _journals.Path);
        await RefusedAsync(["events in it"], "--in", file, "--sqlite", _journals.Path);
        await RefusedAsync(["Could not find file"], "--in", _journals.Other("none"), "--sqlite", other);
        await using (var running = new SqliteStore(other))
        {
            await running.OpenAsync(new GridIdentity("shop", 4), default);
            await RefusedAsync(["in use by another process"], "--in", file, "--sqlite", other);
        }
        await using (var another = new SqliteStore(_journals.Other("another.db"))) await another.OpenAsync(new GridIdentity("shop", 8), default);
        await RefusedAsync(["belongs to the grid 'shop' of 8 shards"], "--in", file, "--sqlite", _journals.Other("another.db"));
        Assert.Equal(0, (await Run.Async("import", "--in", file, "--sqlite", other)).Code);
        await RefusedAsync([$"The file '{other}' is not empty", "Nothing was written"], "--in", file, "--sqlite", other);
    }

    [Fact]
    public async Task A_file_that_somebody_has_changed_is_refused_with_the_line_and_nothing_is_imported()
    {
        await _journals.WriteAsync();
        string file = _journals.Other("grid.jsonl"), broken = _journals.Other("broken.jsonl"), other = _journals.Other("other.db");
        await Run.Async("export", "--out", file, "--sqlite", _journals.Path);
        string[] lines = await File.ReadAllLinesAsync(file);
        int first = Array.FindIndex(lines, line => line.Contains("\"kind\":\"event\"", StringComparison.Ordinal)), events = 6;
        await BrokenAsync("line 0: it is empty", []);
        await BrokenAsync("line 1: this is no line of an export", ["no JSON", .. lines[1..]]);
        await BrokenAsync("the format is not", [lines[0].Replace("actorgrid-journal", "x", StringComparison.Ordinal), .. lines[1..]]);
        await BrokenAsync("export again", ["""{"format":"actorgrid-journal","version":1,"grid":"shop","shards":4}""", .. lines[1..]]);
        await BrokenAsync("the format has version 3", ["""{"format":"actorgrid-journal","version":3,"grid":"shop","shards":4}""", .. lines[1..]]);
        await BrokenAsync("1 to 65536 shards", ["""{"format":"actorgrid-journal","version":2,"grid":"shop","shards":0}""", .. lines[1..]]);
        await BrokenAsync("line 1: this is no line of an export: it has a field 'more'", [lines[0].Replace("\"shards\":4", "\"shards\":4,\"more\":1", StringComparison.Ordinal), .. lines[1..]]);
        await BrokenAsync("it was cut off", lines[..^1]);
        await BrokenAsync($"line {first + 3}: this is no line", [.. lines[..(first + 2)], lines[first + 2][..30]]);
        await BrokenAsync($"line {first + 1}: the event with the offset 2", [.. lines[..first], lines[first + 1], lines[first], .. lines[(first + 2)..]]);
        await BrokenAsync("is the empty grid 'shop' of 4 shards", lines[..^1]);
        byte[] latin = System.Text.Encoding.Latin1.GetBytes(string.Concat(lines.Select((line, i) => (i == first ? line.Replace("alice", "al\u00efce", StringComparison.Ordinal).Replace("bob", "b\u00f6b", StringComparison.Ordinal) : line) + "\n")));
        await File.WriteAllBytesAsync(broken, latin);
        await RefusedAsync([$"line {first + 1}: this line is not UTF-8", "Nothing was imported."], "--in", broken, "--sqlite", other);
        await BrokenAsync("out of the order", [.. lines[..^1], lines[1], lines[^1]]);
        await BrokenAsync($"line {lines.Length - 1}: this is no line of an export: there should be 7 lines of the kind 'event', and there are 6", [.. lines[..^1], lines[^1].Replace($"\"event\":{events}", "\"event\":7", StringComparison.Ordinal)], shift: 1);
        await BrokenAsync("goes on after its last line", [.. lines, lines[1]]);
        await BrokenAsync("which this version does not know", [.. lines[..first], lines[first].Replace("}}", "},\"extra\":1}", StringComparison.Ordinal), .. lines[(first + 1)..]]);
        await BrokenAsync("'offset' should be its next field, and 'place' is", [.. lines[..first], lines[first].Replace("\"offset\"", "\"place\"", StringComparison.Ordinal), .. lines[(first + 1)..]]);
        await BrokenAsync("there are no lines of the kind 'evil'", [.. lines[..first], lines[first].Replace("\"event\"", "\"evil\"", StringComparison.Ordinal), .. lines[(first + 1)..]]);
        await BrokenAsync("is none of the 2", ["""{"format":"actorgrid-journal","version":2,"grid":"shop","shards":2}""", .. lines[1..]], another: true);
        await BrokenAsync("has more than", [.. lines[..first], new string(' ', ArchiveFormat.LineBytesMax + 2), .. lines[first..]]);

        Assert.Equal(0, (await Run.Async("import", "--in", file, "--sqlite", other)).Code);

        async Task BrokenAsync(string words, string[] content, int shift = 0, bool another = false)
        {
            await File.WriteAllTextAsync(broken, string.Concat(content.Select(line => line + "\n")));
            if (shift > 0) words = words.Replace($"line {lines.Length - 1}", $"line {lines.Length}", StringComparison.Ordinal);
            await RefusedAsync([words, "Nothing was imported."], "--in", broken, "--sqlite", another ? _journals.Other("two.db") : other);
            if (File.Exists(other)) Assert.Equal((0, "", ""), await Run.Async("list", "--sqlite", other));
        }
    }

    private static async Task RefusedAsync(string[] words, params string[] arguments)
    {
        var (code, output, error) = await Run.Async(["import", .. arguments]);
        foreach (string word in words) Assert.Contains(word, error, StringComparison.Ordinal);
        Assert.Equal((2, ""), (code, output));
    }
}
