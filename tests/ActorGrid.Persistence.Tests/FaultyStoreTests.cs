using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

/// <summary>The store that fails by script does what its script says, and nothing else.</summary>
public sealed class FaultyStoreTests : IAsyncLifetime
{
    private static readonly ShardId Shard = new(0);
    private static readonly Fence First = new(new Epoch(1, 0), new Guid("aaaaaaaa-0000-0000-0000-000000000001"));
    private static readonly EntityId Alice = EntityId.Create("account", "alice");
    private readonly FaultyStore _store = new(new InMemoryStore());

    public async Task InitializeAsync()
    {
        await _store.OpenAsync(new GridIdentity("test", 1), default);
        await RaiseAsync(First);
    }

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Theory]
    [InlineData(AppendFault.None, AppendStatus.Committed, 1)]
    [InlineData(AppendFault.Refuse, AppendStatus.Refused, 0)]
    [InlineData(AppendFault.LoseAppend, AppendStatus.Unknown, 0)]
    [InlineData(AppendFault.LoseAnswer, AppendStatus.Unknown, 1)]
    public async Task An_append_ends_as_scripted(AppendFault fault, AppendStatus status, int stored)
    {
        _store.OnAppend = _ => fault;
        Assert.Equal(status, (await AppendAsync()).Status);
        Assert.Equal(stored, await CountAsync());
        Assert.Equal(stored, await CountAsync());
    }

    [Fact]
    public async Task A_late_append_misleads_who_reads_without_a_new_fence()
    {
        _store.OnAppend = static _ => AppendFault.CommitLate;
        Assert.Equal(AppendStatus.Unknown, (await AppendAsync()).Status);
        Assert.Equal(1, _store.LateCount);
        Assert.Equal(0, await CountAsync());
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task A_late_append_is_seen_by_who_raises_the_fence_first()
    {
        _store.OnAppend = static _ => AppendFault.CommitLate;
        await AppendAsync();
        Assert.Equal(1, (await RaiseAsync(First with { Epoch = new Epoch(1, 1) })).LastOffset);
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task Held_appends_end_when_they_are_released_in_order()
    {
        _store.OnAppend = static _ => AppendFault.HoldCommit;
        var commit = AppendAsync();
        Assert.False(commit.IsCompleted);
        Assert.Equal(0, await CountAsync());
        _store.ReleaseNext();
        Assert.Equal(AppendStatus.Committed, (await commit).Status);
        Assert.Equal(0, _store.HeldCount);
    }

    [Fact]
    public async Task Other_calls_fail_as_scripted()
    {
        _store.OnCall = static call => call == StoreCall.Read ? CallFault.Fail : CallFault.LoseAnswer;
        Assert.True((await Assert.ThrowsAsync<StoreException>(CountAsync)).IsTransient);
        var next = First with { Epoch = new Epoch(2, 0) };
        await Assert.ThrowsAsync<StoreException>(() => RaiseAsync(next));
        _store.OnCall = static _ => CallFault.None;
        Assert.Equal([(Shard, next)], await _store.Journal.ReadFencesAsync(default));
    }

    private async Task<FenceOutcome> RaiseAsync(Fence fence) => (await _store.Journal.RaiseFencesAsync([new FenceRaise(Shard, fence)], default))[0];

    private async Task<AppendOutcome> AppendAsync() =>
        (await _store.Journal.AppendAsync([new ShardAppend(Shard, First, 0, [new JournalEvent(Alice, 1, "m", 1, default)], [], [], [])], default))[0];

    private async Task<int> CountAsync() => (await _store.Journal.ReadShardAsync(Shard, 0, 10, default)).Events.Count;
}
