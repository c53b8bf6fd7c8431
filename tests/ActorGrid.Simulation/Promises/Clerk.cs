using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>Writes to one ledger and reads it, and holds each answer against all before it.</summary>
internal sealed class Clerk(SimulatedGrid grid, string key)
{
    private readonly LedgerHistory _history = new(Script.LedgerId(key));
    private readonly List<Task> _work = [];
    private int _lastNumber;
    private bool _isEnough;

    public string Key => key;

    /// <summary>The ask of <see cref="Begin"/> that took longest.</summary>
    public TimeSpan Slowest { get; private set; }

    /// <summary>When <see cref="Begin"/> had its last answer.</summary>
    public TimeSpan LastAnswerAt { get; private set; }

    /// <summary>How many asks of <see cref="Begin"/> were answered.</summary>
    public int Answers { get; private set; }

    public SimulatedNode Owner => grid.OwnerOf(key);

    public LedgerHistory History => _history;

    /// <summary>A new number, said to be on its way.</summary>
    public int Next()
    {
        int number = ++_lastNumber;
        _history.Sent(number);
        return number;
    }

    /// <summary>Adds a number; from the client, if no node is given.</summary>
    /// <returns>Its place.</returns>
    public async Task<int> AddAsync(SimulatedNode? from = null, AskOptions? options = null)
    {
        int number = Next(), known = _history.Known;
        int place = await RefFrom(from).AskAsync(new Add(number), options);
        _history.Acknowledge(number, place, known);
        return place;
    }

    public async Task<int> CountAsync(SimulatedNode? from = null, AskOptions? options = null)
    {
        int known = _history.Known;
        int count = await RefFrom(from).AskAsync(new Count(), options);
        _history.Counted(count, known);
        return count;
    }

    /// <summary>Holds all numbers against all that is known.</summary>
    public async Task<int[]> CheckAsync()
    {
        int[] numbers = await RefFrom(null).AskAsync(new List());
        _history.Check(numbers);
        return numbers;
    }

    /// <summary>Adds and counts by turns from now on; each ask has to be answered.</summary>
    /// <param name="from">Where the asks come from; null: the client.</param>
    /// <param name="every">The pause between them; default 25 ms.</param>
    public Clerk Begin(SimulatedNode? from = null, TimeSpan? every = null)
    {
        _work.Add(WorkAsync(from, every ?? TimeSpan.FromMilliseconds(5)));
        return this;
    }

    /// <summary>Ends what <see cref="Begin"/> began, and checks the ledger.</summary>
    public async Task EndAsync()
    {
        _isEnough = true;
        foreach (var work in _work) await work;
        await CheckAsync();
    }

    public EntityRef<Ledger> RefFrom(SimulatedNode? from) => from is null ? grid.Entity<Ledger>(key) : grid.Entity<Ledger>(key, from);

    private async Task WorkAsync(SimulatedNode? from, TimeSpan every)
    {
        try
        {
            while (!_isEnough)
            {
                await MeasureAsync(() => AddAsync(from));
                await MeasureAsync(() => CountAsync(from));
                await grid.DelayAsync(every);
            }
        }
        catch (Exception e)
        {
            // The run ends here and now, and not when somebody comes to look.
            grid.World.Fail(e is PromiseBrokenException ? e : new PromiseBrokenException($"An ask of {_history.Entity} has failed: {e}", entity: _history.Entity));
        }
    }

    private async Task MeasureAsync(Func<Task> ask)
    {
        var askedAt = grid.Elapsed;
        await ask();
        LastAnswerAt = grid.Elapsed;
        Answers++;
        if (LastAnswerAt - askedAt > Slowest) Slowest = LastAnswerAt - askedAt;
    }
}
