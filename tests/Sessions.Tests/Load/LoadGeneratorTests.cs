using ActorGrid.Actors;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace Sessions.Tests;

public sealed class LoadGeneratorTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly TemporaryDirectory _directory = new();
    private readonly MemoryGrid _grid = new();
    private readonly LoadProgress _progress = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(5_000)]
    public async Task A_load_that_is_stopped_leaves_nothing_open(double rate)
    {
        await RunAsync(Options(rate), _grid.SendAsync, stopAfter: 500);

        var expected = Expectations.Read(_directory.Path);
        Assert.Empty(expected.Undecided);
        Assert.Equal(_progress.Acknowledged, expected.Acknowledged);
        Assert.InRange(expected.Acknowledged, 500, long.MaxValue);
        Assert.Equal(0, _progress.Outstanding);
        Assert.True((await new Verification(_directory.Path, _grid.SendAsync, _grid.QueryAsync, _ => { }).RunAsync()).IsProven);
    }

    [Fact]
    public async Task No_more_events_are_under_way_than_allowed()
    {
        int underWay = 0, most = 0;

        await RunAsync(Options(rate: 0), async _ =>
        {
            int now = Interlocked.Increment(ref underWay);
            InterlockedMax(ref most, now);
            await Task.Yield();
            Interlocked.Decrement(ref underWay);
        }, stopAfter: 2_000);

        Assert.InRange(most, 1, Options(0).Outstanding);
    }

    [Fact]
    public async Task An_event_without_an_answer_stays_open_in_the_ledger()
    {
        var late = new AskTimeoutException("session", TimeSpan.FromSeconds(1));

        await RunAsync(Options(rate: 0), p => p.Number == 3 ? throw late : _grid.SendAsync(p), stopAfter: 100);

        Assert.Equal(3, Assert.Single(Expectations.Read(_directory.Path).Undecided).Number);
        Assert.Equal(1, _progress.Unanswered);
    }

    [Fact]
    public async Task A_failure_ends_the_load_and_is_thrown()
    {
        var broken = new InvalidOperationException("broken");

        Assert.Same(broken, await Assert.ThrowsAsync<InvalidOperationException>(
            () => RunAsync(Options(rate: 0), _ => throw broken, stopAfter: int.MaxValue)));
    }

    [Fact]
    public async Task A_full_disk_ends_the_load_at_once_and_is_shown()
    {
        var full = new StoreException("The disk is full.", isTransient: false);
        var never = new TaskCompletionSource();

        // The first events never get an answer, and are not waited for.
        Assert.Same(full, await Assert.ThrowsAsync<StoreException>(
            () => RunAsync(Options(rate: 0), p => p.Number <= 3 ? never.Task : Task.FromException(full), stopAfter: int.MaxValue)));

        var reading = LoadReading.Start.Next(_progress, TimeSpan.FromSeconds(1));
        Assert.InRange(reading.Unanswered, 1, long.MaxValue);
        Assert.EndsWith("last failure: The disk is full.", reading.ToLine(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Latency_counts_from_when_an_event_was_due()
    {
        // The first event holds the only slot for 200 ms, and then the clock stands still: those that were due meanwhile, one a millisecond,
        // were late by the rest of it, although each was answered at once. The end of the load may let one more than 100 pass.
        var clock = new ManualClock();
        var options = Options(rate: 1_000) with { Outstanding = 1 };

        await RunAsync(options, p =>
        {
            if (p.Number == 1) clock.Advance(TimeSpan.FromMilliseconds(200));
            return Task.CompletedTask;
        }, stopAfter: 100, clock);

        var latencies = _progress.Latency.Read();
        Assert.InRange(latencies.Count, 100, 101);
        Assert.InRange(latencies.Percentile(0.1), TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(103));
        Assert.InRange(latencies.Percentile(100), TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(202));
    }

    [Fact]
    public void A_seed_decides_the_events_but_not_their_ids()
    {
        var one = new Traffic(Options(0), 1, TimeProvider.System);
        var other = new Traffic(Options(0), 1, TimeProvider.System);
        for (int i = 0; i < 100; i++)
        {
            Planned a = one.Next(), b = other.Next();
            Assert.Equal((a.Session, a.Activity), (b.Session, b.Activity));
            Assert.NotEqual(a.Id, b.Id);
        }
    }

    private static LoadOptions Options(double rate) => new(Sessions: 20, rate, TimeSpan.FromHours(1), Outstanding: 16, Skew: 1, Seed: 5);

    private async Task RunAsync(LoadOptions options, Func<Planned, Task> send, int stopAfter, TimeProvider? clock = null)
    {
        using var stop = new CancellationTokenSource();
        int sent = 0;
        await using var ledger = new LedgerWriter(_directory.Path);
        var traffic = new Traffic(options, firstNumber: 1, TimeProvider.System);
        var generator = new LoadGenerator(options, traffic, SendAsync, ledger, _progress, clock ?? TimeProvider.System);
        await generator.RunAsync(stop.Token).WaitAsync(Patience);

        async Task SendAsync(Planned planned)
        {
            await send(planned);
            if (Interlocked.Increment(ref sent) == stopAfter) await stop.CancelAsync();
        }
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref most)) < value && Interlocked.CompareExchange(ref most, value, seen) != seen)
        {
        }
    }
}
