using ActorGrid.Actors;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>A subscription that copies each ledger into another one, by a command under the id of each event: in the copy it shows what was left out, given out of order, or took effect twice.</summary>
internal sealed class Copies
{
    /// <summary>The name of the subscription.</summary>
    public const string Name = "copies";

    private const string Prefix = "copy-of-";

    private readonly SimulatedGrid _grid;
    private readonly SeededRandom _draw;

    /// <summary>What fails for long is not to make the runs long.</summary>
    public static SubscriptionOptions Options { get; } = new() { Retry = new Backoff { First = TimeSpan.FromMilliseconds(50), Max = TimeSpan.FromSeconds(1) } };

    public Copies(SimulatedGrid grid, SeededRandom draw)
    {
        _grid = grid;
        _draw = draw;
        History = new SubscriptionHistory(grid, Name, "ledger");
        grid.World.Database!.Observers.Add(History);
    }

    public SubscriptionHistory History { get; }

    /// <summary>The handler of the subscription, on whichever node; it fails now and then.</summary>
    public async Task CopyAsync(IGrid node, EventEnvelope<LedgerEvent> e, CancellationToken cancellationToken)
    {
        History.Given(e);
        if (_draw.Chance(0.02)) throw new InvalidOperationException("Not now.");
        if (!e.Entity.Key.StartsWith(Prefix, StringComparison.Ordinal))
        {
            await node.Entity<Ledger>(Prefix + e.Entity.Key).AskAsync(new Add(((Added)e.Event).Number), new AskOptions { CommandId = e.CommandId }, cancellationToken);
        }
        History.Done(e);
    }

    /// <summary>Waits on a grid that is whole until all that was committed was given, and the copies are exact.</summary>
    public async Task CheckAsync(IReadOnlyList<string> keys, Func<string, Task<int[]>> read)
    {
        // What an append has left in doubt may turn out to be committed whenever somebody asks.
        for (var until = _grid.Elapsed + TimeSpan.FromMinutes(2); ; await _grid.DelayAsync(TimeSpan.FromMilliseconds(100)))
        {
            string? missing = History.Missing();
            for (int i = 0; missing is null && i < keys.Count; i++)
            {
                int[] copy = await read(Prefix + keys[i]), numbers = await read(keys[i]);
                if (!numbers.SequenceEqual(copy)) missing = $"{keys[i]} is [{string.Join(", ", numbers)}], and its copy [{string.Join(", ", copy)}]";
            }
            if (missing is null) return;
            if (_grid.Elapsed > until) throw new PromiseBrokenException(missing);
        }
    }
}
