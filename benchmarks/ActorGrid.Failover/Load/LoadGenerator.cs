using System.Collections.Concurrent;
using ActorGrid.Actors;

namespace ActorGrid.Failover;

/// <summary>
/// Makes the load on its schedule, whatever becomes of the asks that are under way (an open loop): a grid that does not answer gets no fewer asks for it, and no wait goes uncounted.
/// </summary>
/// <param name="options">The load.</param>
/// <param name="add">Adds a number to an entity.</param>
/// <param name="read">Reads an entity.</param>
internal sealed class LoadGenerator(LoadOptions options, Func<int, int, Task<Reading>> add, Func<int, Task<Reading>> read)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly ConcurrentQueue<Ask> _ended = [];
    private readonly ConcurrentQueue<string> _failures = [];
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One for the loop itself, so that it is not drained before the loop has ended.
    private int _underWay = 1;

    /// <summary>Runs until the token is cancelled, then waits for what is under way.</summary>
    public async Task<AskLog> RunAsync(CancellationToken stop)
    {
        // A thread of its own: the pool is busy with the answers, and would send late.
        var sender = new Thread(() => Send(stop)) { IsBackground = true, Name = "load" };
        sender.Start();
        await _drained.Task;
        return new AskLog([.. _ended.OrderBy(a => a.Due)], [.. _failures]);
    }

    private void Send(CancellationToken stop)
    {
        var start = HostClock.Now;
        for (long place = 0; !stop.IsCancellationRequested; Thread.Sleep(Tick))
        {
            for (long due = options.DueBefore(HostClock.Now - start); place < due; place++)
            {
                var (entity, number, at) = options.At(place);
                Interlocked.Increment(ref _underWay);
                _ = AskAsync(entity, number, start + at);
            }
        }
        EndOne();
    }

    /// <summary>Sees one ask through; never throws, since nobody awaits it.</summary>
    private async Task AskAsync(int entity, int number, TimeSpan due)
    {
        var sent = HostClock.Now;
        try
        {
            var reading = await (number > 0 ? add(entity, number) : read(entity));
            _ended.Enqueue(new Ask(entity, number, due, sent, HostClock.Now, Outcome.Answered, reading));
        }
        catch (Exception e)
        {
            var outcome = e is AskTimeoutException ? Outcome.TimedOut : Outcome.Failed;
            _ended.Enqueue(new Ask(entity, number, due, sent, HostClock.Now, outcome, default));
            if (_failures.Count < AskLog.FailuresMax) _failures.Enqueue($"{e.GetType().Name}: {e.Message}");
        }
        EndOne();
    }

    private void EndOne()
    {
        if (Interlocked.Decrement(ref _underWay) == 0) _drained.TrySetResult();
    }
}
