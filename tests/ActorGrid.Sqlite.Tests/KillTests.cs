using System.Diagnostics;
using System.Globalization;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite.Tests;

/// <summary>A process that is killed at any moment has lost nothing that it had acknowledged.</summary>
public sealed class KillTests : IAsyncLifetime
{
    private readonly TemporaryFile _file = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _file.DisposeAsync();

    [Fact]
    public async Task Whatever_was_acknowledged_before_the_kill_is_there_after_it()
    {
        var random = new Random(11);
        await TestGrid.MakeAsync(_file.FilePath);
        long stored = 10;
        for (int round = 0; round < 6; round++)
        {
            long acknowledged = KillAfter(random.Next(1, 60));
            Assert.Equal("ok", TestGrid.Query(_file.FilePath, "PRAGMA integrity_check"));
            await using var store = await TestGrid.OpenAsync(_file.FilePath);
            long last = await TestGrid.RaiseAsync(store);
            Assert.InRange(acknowledged, stored, last);
            Assert.Equal(last, await TestGrid.CountAsync(store));
            var shard = (await store.Journal.ReadShardAsync(TestGrid.Shard, 0, int.MaxValue, default)).Events;
            Assert.Equal(Enumerable.Range(1, (int)last).Select(i => (long)i), shard.Select(e => e.Offset));
            stored = last;
        }
    }

    /// <summary>What the child does: appends for ever, and prints each offset once it is acknowledged.</summary>
    internal static async Task<int> AppendForEverAsync(string path)
    {
        await using var store = await TestGrid.OpenAsync(path);
        long offset = await TestGrid.RaiseAsync(store);
        for (int count = 1; ; count = (count * 7 % 97) + 1)
        {
            var outcome = await TestGrid.AppendAsync(store, offset, count);
            if (outcome.Status != AppendStatus.Committed) return 1;
            offset += count;
            Console.WriteLine(offset.ToString(CultureInfo.InvariantCulture));
            await Console.Out.FlushAsync();
        }
    }

    /// <summary>Starts the child, kills it after some acknowledgements, and returns the last one that it printed.</summary>
    private long KillAfter(int acknowledgements)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [typeof(KillTests).Assembly.Location, "append", _file.FilePath]) { RedirectStandardOutput = true };
        if (!Path.GetFileNameWithoutExtension(start.FileName).Equals("dotnet", StringComparison.OrdinalIgnoreCase)) start.FileName = "dotnet";
        using var child = Process.Start(start)!;
        long last = 0;
        for (int i = 0; child.StandardOutput.ReadLine() is { } line; i++)
        {
            last = long.Parse(line, CultureInfo.InvariantCulture);
            if (i == acknowledgements) child.Kill();
        }
        Assert.True(child.WaitForExit(TimeSpan.FromSeconds(30)), "The child outlived its kill.");
        Assert.NotEqual(1, child.ExitCode);
        return last;
    }
}
