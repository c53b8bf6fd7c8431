using ActorGrid.Persistence;
using Microsoft.Win32.SafeHandles;

namespace ActorGrid.Sqlite.Tests;

/// <summary>Who may write next. Each turn of the test stands for one of another process: the locks know openings, not processes.</summary>
public sealed class TurnTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly SharedFile _file = new() { BusyTimeout = TimeSpan.FromMilliseconds(200) };
    private readonly List<Turn> _turns = [];

    public Task InitializeAsync()
    {
        Directory.CreateDirectory(Presence.FolderOf(_file.FilePath));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        foreach (var turn in _turns) turn.Dispose();
        await _file.DisposeAsync();
    }

    [Fact]
    public void One_has_the_turn_at_a_time()
    {
        Turn bulk = Open(), other = Open(), urgent = Open(isUrgent: true);
        Assert.True(bulk.TryTake());
        Assert.False(other.TryTake());
        Assert.False(urgent.TryTake());
        bulk.Leave();
        Assert.True(urgent.TryTake());
        Assert.False(bulk.TryTake());
        urgent.Leave();
        Assert.True(other.TryTake());
    }

    [Fact]
    public async Task Who_has_just_had_its_turn_goes_behind_who_waits()
    {
        Turn first = Open(), second = Open();
        first.Take();
        var waiting = Task.Run(second.Take);
        await UntilItWaitsAsync("queue");
        first.Leave();
        Assert.False(first.TryTake());
        await waiting.WaitAsync(Patience);
        second.Leave();
        Assert.True(first.TryTake());
    }

    [Fact]
    public async Task Urgent_ones_go_before_all_bulk_that_waits()
    {
        Turn holder = Open(), urgent = Open(isUrgent: true);
        holder.Take();
        var order = new List<string>();
        var bulk = Enumerable.Range(0, 3).Select(_ => Open()).Select(turn => Task.Run(() => TakeAndLeave(turn, "bulk"))).ToArray();
        await UntilItWaitsAsync("queue");
        var first = Task.Run(() => TakeAndLeave(urgent, "urgent"));
        await UntilItWaitsAsync("urgent");
        holder.Leave();
        await Task.WhenAll([.. bulk, first]).WaitAsync(Patience);
        Assert.Equal(["urgent", "bulk", "bulk", "bulk"], order);

        void TakeAndLeave(Turn turn, string name)
        {
            turn.Take();
            order.Add(name);
            turn.Leave();
        }
    }

    [Fact]
    public async Task Whoever_cannot_have_its_turn_in_time_is_told_and_goes_on_when_it_is_free()
    {
        var store = await _file.OpenAsync();
        long offset = await TestGrid.RaiseAsync(store);
        await store.Cluster.OpenLeaseAsync(TestGrid.First.Owner, default);
        var stopped = Open();
        stopped.Take();
        var refused = await TestGrid.AppendAsync(store, offset);
        Assert.Equal(AppendStatus.Refused, refused.Status);
        Assert.True(refused.Error!.IsTransient);
        Assert.Contains("turn to write", refused.Error.Message, StringComparison.Ordinal);
        Assert.True((await Assert.ThrowsAsync<StoreException>(() => store.Cluster.RenewLeaseAsync(TestGrid.First.Owner, [], default))).IsTransient);
        // What is only read waits for no turn.
        Assert.Single(await store.Cluster.ReadLeasesAsync(default));
        Assert.Equal(0, await TestGrid.CountAsync(store));
        stopped.Leave();
        while (await TestGrid.AppendAsync(store, offset) is { Status: not AppendStatus.Committed } outcome) Assert.Equal(AppendStatus.Refused, outcome.Status);
        Assert.Equal(1, (await store.Cluster.RenewLeaseAsync(TestGrid.First.Owner, [], default)).Number);
        // Nobody who gave up keeps what came too late.
        var other = await _file.OpenAsync();
        Assert.Equal(1, await TestGrid.CountAsync(other));
        Assert.Equal(AppendStatus.Committed, (await TestGrid.AppendAsync(other, 1)).Status);
    }

    [Theory]
    [InlineData("turn", true)]
    [InlineData("turn", false)]
    [InlineData("urgent", true)]
    [InlineData("urgent", false)]
    public void A_lock_that_fails_leaves_the_others_free(string broken, bool onlyTries)
    {
        using var failing = WithBroken(broken);

        Assert.Throws<IOException>(() =>
        {
            if (onlyTries) failing.TryTake();
            else failing.Take();
        });

        Assert.False(failing.IsHeld);
        Assert.True(Open().TryTake());
    }

    [Fact]
    public void A_fault_of_one_wait_is_not_told_of_the_next()
    {
        using var taker = new TurnTaker(WithBroken("turn"), _file.FilePath, TimeSpan.FromMilliseconds(200));
        using var queue = LockFile.Open(Path.Combine(Presence.FolderOf(_file.FilePath), "queue"));
        Assert.True(queue.TryTake());
        Assert.Equal(SQLitePCL.raw.SQLITE_BUSY, Assert.Throws<SqliteFault>(taker.Take).Code);
        queue.Release();
        Assert.Equal(SQLitePCL.raw.SQLITE_IOERR, Assert.Throws<SqliteFault>(taker.Take).Code);

        Assert.True(queue.TryTake());

        Assert.Equal(SQLitePCL.raw.SQLITE_BUSY, Assert.Throws<SqliteFault>(taker.Take).Code);
    }

    [Fact]
    public async Task A_store_that_is_closed_while_another_keeps_the_turn_does_not_hang()
    {
        var store = await _file.OpenAsync();
        var stopped = Open();
        stopped.Take();
        await Assert.ThrowsAsync<StoreException>(() => TestGrid.RaiseAsync(store));
        await store.DisposeAsync().AsTask().WaitAsync(Patience);
    }

    /// <summary>A turn for bulk, of whose locks one fails.</summary>
    private Turn WithBroken(string broken)
    {
        string folder = Presence.FolderOf(_file.FilePath);
        return new Turn(Lock("turn"), Lock("urgent"), Lock("queue"));

        // Nothing is open under this number.
        LockFile Lock(string name) => name == broken ? new LockFile(name, new SafeFileHandle(1 << 20, ownsHandle: false)) : LockFile.Open(Path.Combine(folder, name));
    }

    private Turn Open(bool isUrgent = false)
    {
        var turn = new Turn(Presence.FolderOf(_file.FilePath), isUrgent);
        _turns.Add(turn);
        return turn;
    }

    /// <summary>Until somebody has the lock by way of which the turn is taken.</summary>
    private async Task UntilItWaitsAsync(string name)
    {
        using var probe = LockFile.Open(Path.Combine(Presence.FolderOf(_file.FilePath), name));
        long started = TimeProvider.System.GetTimestamp();
        while (probe.TryTake())
        {
            probe.Release();
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"Nobody waits by way of '{name}'.");
            await Task.Yield();
        }
    }
}
