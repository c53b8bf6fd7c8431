using ActorGrid.Persistence;

namespace ActorGrid.Sqlite.Tests;

/// <summary>A full disk: appends are refused, nothing is lost, and all goes on once there is room.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private readonly TemporaryFile _file = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _file.DisposeAsync();

    [Fact]
    public async Task At_the_largest_size_of_the_file_appends_are_refused_and_reads_go_on()
    {
        long offset = 0;
        await using (var store = await TestGrid.OpenAsync(new SqliteStoreOptions { Path = _file.FilePath, PagesMax = 200 }))
        {
            await TestGrid.RaiseAsync(store);
            offset = await FillAsync(store, offset);
            Assert.InRange(offset, 100, 10_000);
            Assert.Equal(offset, await TestGrid.CountAsync(store));
            Assert.Equal(offset, await TestGrid.RaiseAsync(store));
        }
        await using (var store = await TestGrid.OpenAsync(_file.FilePath))
        {
            Assert.Equal(offset, await TestGrid.RaiseAsync(store));
            Assert.Equal(AppendStatus.Committed, (await TestGrid.AppendAsync(store, offset, 500)).Status);
            Assert.Equal(offset + 500, await TestGrid.CountAsync(store));
        }
        Assert.Equal("ok", TestGrid.Query(_file.FilePath, "PRAGMA integrity_check"));
    }

    [SkippableFact]
    public async Task On_a_disk_that_is_really_full_it_goes_on_as_soon_as_there_is_room()
    {
        string disk = Path.Combine(_file.Folder, "disk"), path = Path.Combine(disk, "grid.db"), filler = Path.Combine(disk, "filler");
        using var mount = TemporaryDisk.Mount(disk, megabytes: 8);
        await using (var store = await TestGrid.OpenAsync(path))
        {
            await TestGrid.RaiseAsync(store);
            await File.WriteAllBytesAsync(filler, new byte[6 << 20]);
            long offset = await FillAsync(store, 0);
            Assert.Equal(offset, await TestGrid.CountAsync(store));
            File.Delete(filler);
            for (int i = 0; i < 3; i++, offset += 100)
            {
                Assert.Equal(AppendStatus.Committed, (await TestGrid.AppendAsync(store, offset, 100)).Status);
            }
            Assert.Equal(offset, await TestGrid.CountAsync(store));
        }
        Assert.Equal("ok", TestGrid.Query(path, "PRAGMA integrity_check"));
    }

    [SkippableFact]
    public async Task Opening_on_a_full_disk_is_an_error_that_names_the_file()
    {
        string disk = Path.Combine(_file.Folder, "disk"), path = Path.Combine(disk, "grid.db");
        using var mount = TemporaryDisk.Mount(disk, megabytes: 1);
        await using (var filler = File.Create(Path.Combine(disk, "filler")))
        {
            await Assert.ThrowsAsync<IOException>(async () => await filler.WriteAsync(new byte[2 << 20]));
        }
        var error = await Assert.ThrowsAsync<StoreException>(() => TestGrid.OpenAsync(path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains("full", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Appends until refused, and once more with a single event.</summary>
    private static async Task<long> FillAsync(SqliteStore store, long offset)
    {
        for (int i = 0; i < 10_000; i++)
        {
            var outcome = await TestGrid.AppendAsync(store, offset, 50, 200);
            if (outcome.Status == AppendStatus.Committed)
            {
                offset += 50;
                continue;
            }
            Assert.Equal(AppendStatus.Refused, outcome.Status);
            Assert.Contains("full", outcome.Error!.Message, StringComparison.Ordinal);
            Assert.False(outcome.Error.IsTransient);    // somebody has to make room, so callers are told at once
            return offset;
        }
        throw new InvalidOperationException("The disk never became full.");
    }
}
