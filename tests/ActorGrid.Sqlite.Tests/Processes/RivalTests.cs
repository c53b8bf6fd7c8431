using System.Globalization;
using System.Text;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite.Tests;

/// <summary>Processes that share a file, take shards from each other, and are killed at any moment.</summary>
public sealed class RivalTests : IAsyncLifetime
{
    private const int Processes = 3, Kills = 4;

    private readonly SharedFile _file = new();
    private readonly List<ChildProcess> _children = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var child in _children) child.Dispose();
        await _file.DisposeAsync();
    }

    [Fact]
    public async Task Whatever_was_acknowledged_to_any_process_is_there_once_after_kills()
    {
        var random = new Random(7);
        for (int i = 0; i < Processes + Kills; i++)
        {
            if (i >= Processes)
            {
                // Let all write for a moment of any length, and kill one; the others go on.
                await Task.WhenAll(_children.TakeLast(Processes).Select(child => child.FirstLineAsync()));
                await _children[i - 1].LinesAsync(random.Next(1, 50));
                _children[i - Processes].Kill();
            }
            _children.Add(new ChildProcess("rival", _file.FilePath, i.ToString(CultureInfo.InvariantCulture)));
        }
        await Task.WhenAll(_children.Select(child => child.FirstLineAsync()));
        foreach (var child in _children) child.Kill();
        var acknowledged = (await Task.WhenAll(_children.Select(child => child.EndAsync()))).SelectMany(lines => lines).ToArray();

        Assert.Equal("ok", TestGrid.Query(_file.FilePath, "PRAGMA integrity_check"));
        // By one process alone, and by one of several.
        await using (var store = await TestGrid.OpenAsync(_file.FilePath)) await CheckAsync(store, acknowledged);
        await CheckAsync(await _file.OpenAsync(), acknowledged);
    }

    private static async Task CheckAsync(SqliteStore store, string[] acknowledged)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var stored = new Dictionary<(int Shard, long Offset), string>();
        for (int shard = 0; shard < TestGrid.Identity.ShardCount; shard++)
        {
            var sequences = new Dictionary<EntityId, long>();
            var events = (await store.Journal.ReadShardAsync(new ShardId(shard), 0, int.MaxValue, default)).Events;
            for (int i = 0; i < events.Count; i++)
            {
                var e = events[i].Event;
                Assert.Equal(i + 1, events[i].Offset);
                Assert.Equal(sequences[e.Entity] = sequences.GetValueOrDefault(e.Entity) + 1, e.Sequence);
                string name = Encoding.UTF8.GetString(e.Payload.Span);
                Assert.True(names.Add(name), $"{name} is stored twice.");
                stored.Add((shard, events[i].Offset), name);
            }
        }
        Assert.True(acknowledged.Length > 20, $"Only {acknowledged.Length} appends were acknowledged.");
        foreach (string line in acknowledged)
        {
            string[] words = line.Split(' ');
            int shard = int.Parse(words[0], CultureInfo.InvariantCulture);
            long first = long.Parse(words[1], CultureInfo.InvariantCulture);
            for (int i = 2; i < words.Length; i++) Assert.Equal(words[i], stored[(shard, first + i - 2)]);
        }
    }
}
