using System.Text.Json;

namespace ActorGrid.Cli.Tests;

public sealed class ReadingTests : IDisposable
{
    private readonly Journals _journals = new();

    public void Dispose() => _journals.Dispose();

    [Fact]
    public async Task List_names_the_types_and_the_entities_of_one()
    {
        await _journals.WriteAsync();
        Assert.Equal((0, "account\t2\n", ""), await Run.Async("list", "--sqlite", _journals.Path));
        Assert.Equal((0, "account/alice\naccount/bob\n", ""), await Run.Async("list", "account", "--sqlite", _journals.Path));
        Assert.Equal((0, """{"type":"account","key":"bob"}""" + "\n", ""), await Run.Async("list", "account", "--after", "alice", "--json", "--sqlite", _journals.Path));
    }

    [Fact]
    public async Task Show_tells_the_events_as_they_are_stored()
    {
        await _journals.WriteAsync();
        var (code, output, _) = await Run.Async("show", "account/bob", "--sqlite", _journals.Path);
        Assert.Equal(0, code);
        Assert.Contains("2\t2023-11-14T22:13:20.002Z\tdeposited\t{oops\n", output, StringComparison.Ordinal);
        (_, output, _) = await Run.Async("show", "account/bob", "--json", "--from", "2", "--limit", "2", "--sqlite", _journals.Path);
        string[] lines = output.TrimEnd().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Equal("e29vcHM=", JsonDocument.Parse(lines[0]).RootElement.GetProperty("base64").GetString());
        Assert.Equal(30, JsonDocument.Parse(lines[1]).RootElement.GetProperty("json").GetProperty("Amount").GetInt32());
        Assert.Equal(1, (await Run.Async("show", "account/nobody", "--sqlite", _journals.Path)).Code);
        (code, _, string error) = await Run.Async("list", "nosuch", "--sqlite", _journals.Path);
        Assert.Equal(1, code);
        Assert.Contains("no entity of the type 'nosuch'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_tells_a_state_or_what_is_at_fault()
    {
        await _journals.WriteAsync();
        string[] rest = ["--code", Run.Code, "--sqlite", _journals.Path];
        Assert.Equal((0, """{"entity":"account/alice","sequence":2,"state":{"json":3}}""" + "\n", ""), await Run.Async(["replay", "account/alice", .. rest]));
        Assert.Contains("\"json\":1}", (await Run.Async(["replay", "account/alice", "--to", "1", .. rest])).Output, StringComparison.Ordinal);
        Assert.Contains("\"json\":1}", (await Run.Async(["replay", "account/alice", "--at", "2023-11-14T22:13:20.001Z", .. rest])).Output, StringComparison.Ordinal);
        Assert.Equal(1, (await Run.Async(["replay", "account/alice", "--to", "9", .. rest])).Code);

        var (code, output, _) = await Run.Async(["replay", "account/bob", .. rest]);

        Assert.Equal(1, code);
        Assert.StartsWith("account/bob is quarantined: event 2 of 4 is at fault:", output, StringComparison.Ordinal);
        Assert.Contains("\n> 2\tdeposited\t{oops\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_that_were_removed_are_told_of_by_each_command()
    {
        await _journals.WriteAsync();
        await _journals.ShortenAsync();
        string[] rest = ["--code", Run.Code, "--sqlite", _journals.Path];
        var (code, output, _) = await Run.Async("show", "account/alice", "--sqlite", _journals.Path);
        Assert.Equal(0, code);
        Assert.Contains("\nevents 1 to 1 were removed, below the snapshot\n2\t", output, StringComparison.Ordinal);
        Assert.Equal((0, "account\t2\n", ""), await Run.Async("list", "--sqlite", _journals.Path));
        Assert.Equal((0, """{"entity":"account/alice","sequence":2,"state":{"json":3}}""" + "\n", ""), await Run.Async(["replay", "account/alice", .. rest]));
        (code, _, string error) = await Run.Async(["replay", "account/alice", "--to", "1", .. rest]);
        Assert.Equal(1, code);
        Assert.Contains("up to event 1 were removed", error, StringComparison.Ordinal);
        Assert.Contains("1 begin with a snapshot, since events were removed", (await Run.Async(["preflight", .. rest])).Output, StringComparison.Ordinal);
        output = (await Run.Async("export", "--sqlite", _journals.Path)).Output;
        Assert.Equal(2, output.Split('\n').Count(line => line.Contains(""","removed":1""", StringComparison.Ordinal)));
        (_, _, error) = await Run.Async(["repair", "account/alice", "--by", "ada", "--why", "x", "--ignore-snapshot", "2", "--unchecked", "--sqlite", _journals.Path]);
        Assert.Contains("cannot be ignored: the events up to event 1 were removed", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preflight_tries_the_code_and_ends_with_a_code_of_its_own()
    {
        await _journals.WriteAsync();
        var (code, output, error) = await Run.Async("preflight", "--code", Run.Code, "--sqlite", _journals.Path);
        Assert.Equal((1, ""), (code, error));
        Assert.Contains("account: 2 entities, 6 events; 1 would be quarantined", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_writes_every_row_and_says_where_it_ends()
    {
        await _journals.WriteAsync();
        string file = _journals.Other("events.jsonl");
        Assert.Equal((0, "", ""), await Run.Async("export", "--out", file, "--sqlite", _journals.Path));
        string[] lines = await File.ReadAllLinesAsync(file);
        Assert.Equal("""{"format":"actorgrid-journal","version":2,"grid":"shop","shards":4}""", lines[0]);
        Assert.Equal("""{"kind":"horizon","before":0}""", lines[1]);
        Assert.Contains(lines, line => line.EndsWith("""
            "sequence":3,"name":"deposited","at":"2023-11-14T22:13:20.003+00:00","json":{"Amount":30}}
            """, StringComparison.Ordinal));
        Assert.Equal("""{"kind":"end","horizon":1,"role":0,"type":0,"shard":2,"event":6,"snapshot":0,"reply":0,"timer":0,"attachment":0,"cursor":0}""", lines[^1]);
        Assert.Equal(6, lines.Count(line => JsonDocument.Parse(line).RootElement is var row && row.TryGetProperty("kind", out var kind) && kind.GetString() == "event"));
        Assert.Equal(string.Join('\n', lines) + "\n", (await Run.Async("export", "--sqlite", _journals.Path)).Output);
        var full = new IOException("The disk is full.");
        Assert.Same(full, await Assert.ThrowsAsync<IOException>(() => ExportCommand.WriteFileAsync(_journals.Other("half.jsonl"), async half =>
        {
            await half.WriteAsync(new byte[10]);
            throw full;
        })));
        Assert.False(File.Exists(_journals.Other("half.jsonl")));
        // What is there is not written over.
        Assert.Equal(2, (await Run.Async("export", "--out", file, "--sqlite", _journals.Path)).Code);
    }

    [Fact]
    public async Task What_cannot_be_meant_is_refused_in_words()
    {
        await Refused("No store is named", "list");
        await Refused("leave one of them out", "list", "--sqlite", "a", "--postgres", "b");
        await Refused("does not exist", "list", "--sqlite", _journals.Path);
        Assert.False(File.Exists(_journals.Path));
        await File.WriteAllTextAsync(_journals.Path, "This is no database, though it is long enough to be taken for the header of one, which has a hundred bytes at the least.");
        await Refused("grid.db", "list", "--sqlite", _journals.Path);
        File.Delete(_journals.Path);
        await _journals.WriteAsync();
        await Refused("is no entity", "show", "account", "--sqlite", _journals.Path);
        await Refused("does not exist", "preflight", "--code", _journals.Other("none.dll"), "--sqlite", _journals.Path);
        await Refused("cannot be loaded", "preflight", "--code", _journals.Path, "--sqlite", _journals.Path);
        await Refused("no public static method", "preflight", "--code", typeof(Persistence.Entity).Assembly.Location, "--sqlite", _journals.Path);
        await Refused("has no method 'X.Y'", "preflight", "--code", Run.Code, "--entry", "X.Y", "--sqlite", _journals.Path);

        static async Task Refused(string words, params string[] arguments)
        {
            var (code, _, error) = await Run.Async(arguments);
            Assert.Contains(words, error, StringComparison.Ordinal);
            Assert.Equal(2, code);
        }
    }
}
