using ActorGrid.Persistence;

namespace ActorGrid.Sqlite.Tests;

/// <summary>The write-ahead log that processes share, and the library that writes it.</summary>
public sealed class LogBoundTests
{
    [Fact]
    public async Task A_log_that_is_never_without_a_reader_is_begun_anew_all_the_same()
    {
        await using var file = new SharedFile { LogBytesMax = 2 << 20 };
        var store = await file.OpenAsync();
        long offset = await TestGrid.RaiseAsync(store), most = 0;
        using var end = new CancellationTokenSource();
        var reading = Task.Factory.StartNew(() => ReadForEver(file.FilePath, end.Token), default, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        for (int i = 0; i < 80; i++)
        {
            Assert.Equal(AppendStatus.Committed, (await TestGrid.AppendAsync(store, offset, 100, 4000)).Status);
            offset += 100;
            most = Math.Max(most, new FileInfo(file.FilePath + "-wal").Length);
        }
        await end.CancelAsync();
        await reading;
        Assert.InRange(most, 1 << 20, 16 << 20);
        Assert.Equal(offset, await TestGrid.CountAsync(store));
    }

    [Theory]
    [InlineData(3_036_000, true)]
    [InlineData(3_037_000, false)]
    public void A_library_that_is_too_old_is_refused(int version, bool isRefused)
    {
        var error = Record.Exception(() => LibraryVersion.Check(version));
        Assert.Equal(isRefused, error is StoreException);
        if (isRefused) Assert.Contains("3.36.0", error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3_044_005, true)]
    [InlineData(3_044_006, false)]
    [InlineData(3_045_000, true)]
    [InlineData(3_050_004, true)]
    [InlineData(3_050_007, false)]
    [InlineData(3_051_002, true)]
    [InlineData(3_051_003, false)]
    [InlineData(3_053_000, false)]
    public void Libraries_are_known_that_need_turns_to_be_safe(int version, bool needsTurns) => Assert.Equal(needsTurns, LibraryVersion.NeedsTurns(version));

    /// <summary>Reads over two connections in turn; one begins before the other ends.</summary>
    private static void ReadForEver(string path, CancellationToken end)
    {
        using Database one = Database.Open(path, readOnly: true, TimeSpan.Zero), other = Database.Open(path, readOnly: true, TimeSpan.Zero);
        other.Execute("BEGIN; SELECT count(*) FROM shard");
        while (!end.IsCancellationRequested)
        {
            one.Execute("BEGIN; SELECT count(*) FROM shard");
            other.Execute("COMMIT");
            other.Execute("BEGIN; SELECT count(*) FROM shard");
            one.Execute("COMMIT");
        }
    }
}
