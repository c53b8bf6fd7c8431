using System.Runtime.ExceptionServices;
using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace Sessions;

/// <summary>
/// Sends events at a rate and writes down in the ledger what it is about to send and what was acknowledged.
/// </summary>
/// <remarks>
/// <para>Open loop: every event is due at a time of its own, whatever became of those before it, and its latency counts from then. So a
/// stall of the grid is in the latency of all the events that were due meanwhile, and not only of those that happened to be under way (no
/// coordinated omission). Without a rate there is no due time: events follow each other as closely as the number outstanding allows, and
/// latency counts from the sending.</para>
/// <para>Events are planned in blocks, a block ahead, so the disk that the ledger waits for is not in anyone's latency.</para>
/// </remarks>
/// <param name="options">The load.</param>
/// <param name="traffic">Makes the events.</param>
/// <param name="send">Sends one and completes with its acknowledgement.</param>
/// <param name="ledger">The ledger.</param>
/// <param name="progress">Is told how it goes.</param>
/// <param name="time">The clock.</param>
internal sealed class LoadGenerator(
    LoadOptions options, Traffic traffic, Func<Planned, Task> send, LedgerWriter ledger, LoadProgress progress, TimeProvider time)
{
    private const int BlockMax = 1_000;
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    private readonly SemaphoreSlim _slots = new(options.Outstanding);
    private readonly CancellationTokenSource _failed = new();
    private readonly Queue<Planned> _planned = [];
    private Exception? _failure;
    private long _sent;

    /// <summary>Runs until it is cancelled; then waits for all that is under way, each to its deadline. A failure ends it at once: what is
    /// under way then stays open in the ledger.</summary>
    /// <exception cref="IOException">The ledger cannot be written.</exception>
    /// <exception cref="StoreException">The store of the grid cannot be written.</exception>
    /// <exception cref="EntityException">The grid refused an event for good.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        var nextBlock = PlanAsync();
        try
        {
            using (var end = CancellationTokenSource.CreateLinkedTokenSource(stop, _failed.Token)) await SendUntilAsync(end.Token);
            for (int slot = 0; slot < options.Outstanding; slot++) await _slots.WaitAsync(_failed.Token);
        }
        catch (OperationCanceledException) when (_failed.IsCancellationRequested)
        {
            // Nobody waits for what is under way.
        }
        if (_failure is not null) ExceptionDispatchInfo.Throw(_failure);
        await ledger.AppendAsync([.. _planned.Concat(await nextBlock).Select(p => new Dropped(p.Number))]);

        async Task SendUntilAsync(CancellationToken end)
        {
            try
            {
                await nextBlock;
                long start = time.GetTimestamp();
                while (true)
                {
                    foreach (var planned in await nextBlock) _planned.Enqueue(planned);
                    nextBlock = PlanAsync();
                    for (; _planned.TryPeek(out var planned); _planned.Dequeue())
                    {
                        long due = await WaitUntilDueAsync(start, end);
                        await _slots.WaitAsync(end);
                        _ = SendAsync(planned, options.Rate > 0 ? due : time.GetTimestamp());
                    }
                }
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                // The end of the load, not a failure of it.
            }
        }
    }

    /// <summary>The next block, once it is on disk: what was sent is in the ledger even if the power fails.</summary>
    private async Task<Planned[]> PlanAsync()
    {
        // At a low rate a tenth of a second is enough: a command id should not be old when it is sent.
        int size = options.Rate > 0 ? (int)Math.Clamp(options.Rate / 10, 1, BlockMax) : BlockMax;
        var block = new Planned[size];
        for (int i = 0; i < size; i++) block[i] = traffic.Next();
        await ledger.AppendAsync(block);
        return block;
    }

    /// <summary>Waits for the time at which the next event is due, if there is one, and returns it.</summary>
    private async Task<long> WaitUntilDueAsync(long start, CancellationToken end)
    {
        end.ThrowIfCancellationRequested();
        if (options.Rate == 0) return start;
        long due = start + (long)(_sent++ * time.TimestampFrequency / options.Rate);
        while (time.GetElapsedTime(time.GetTimestamp(), due) is { Ticks: > 0 } wait)
        {
            // Timers tick in milliseconds: a shorter wait would spin.
            await Task.Delay(wait < ShortestWait ? ShortestWait : wait, time, end);
        }
        return due;
    }

    /// <summary>Sends one event and sees it through; never throws, since nobody awaits it: a failure ends the load.</summary>
    private async Task SendAsync(Planned planned, long due)
    {
        Exception? failure = null;
        progress.Sent(behind: time.GetElapsedTime(due));
        try
        {
            await send(planned);
            progress.Latency.Record(time.GetElapsedTime(due));
            await ledger.AppendAsync(new Acknowledged(planned.Number));
        }
        catch (Exception e) when (e is AskTimeoutException or OutcomeUnknownException or OwnershipLostException or OverloadedException)
        {
            // Whether it was written is open; the ledger says so by having no more than the plan.
            failure = e;
        }
        catch (Exception e)
        {
            failure = e;
            Interlocked.CompareExchange(ref _failure, e, null);
            await _failed.CancelAsync();
        }
        finally
        {
            progress.Ended(failure);
            _slots.Release();
        }
    }
}
