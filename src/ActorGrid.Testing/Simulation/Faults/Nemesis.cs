namespace ActorGrid.Testing;

/// <summary>Brings faults on a grid by chance, and takes them back.</summary>
internal sealed partial class Nemesis
{
    private readonly SimulatedGrid _grid;
    private readonly World _world;
    private readonly (double Rate, string Name, Action Strike)[] _kinds;
    private readonly List<Ongoing> _ongoing = [];
    private readonly SimulationFaults _faults;
    private readonly double _total;
    private bool _isCalm = true;

    public Nemesis(SimulatedGrid grid, SimulationFaults faults)
    {
        _grid = grid;
        _world = grid.World;
        _faults = faults;
        // Two false witnesses against one node are outside of what a grid can stand.
        bool liesOfStore = faults.LostSessions > 0 && (faults.RefusedAddresses <= 0 || _world.Random.Chance(0.5));
        _kinds =
        [
            (faults.Kills, "kill", Kill),
            (faults.MachineLosses, "loss of a machine", LoseMachine),
            (faults.Leaves, "leave", Leave),
            (faults.RestartsOfAll, "restart of all", RestartAll),
            (faults.Pauses, "pause", Pause),
            (faults.Suspensions, "suspension", Suspend),
            (faults.ClockJumps, "clock jump", JumpClock),
            (faults.Drifts, "drift", Drift),
            (faults.Partitions, "partition", () => Partition(oneWay: false)),
            (faults.OneWayPartitions, "one-way partition", () => Partition(oneWay: true)),
            (faults.LinkResets, "link reset", ResetLink),
            (liesOfStore ? 0 : faults.RefusedAddresses, "refused address", RefuseAddress),
            (liesOfStore ? faults.LostSessions : 0, "lost session", LoseSession),
            (faults.StoreOutages, "store outage", () => CutStore(null)),
            (faults.StoreOutagesOfOne, "store outage of one", () => CutStore(AnyNode().Machine)),
            (faults.StoreBursts, "burst of store faults", BurstOfStoreFaults),
            (faults.StepStops, "stop at a step", StopAtStep),
        ];
        _total = _kinds.Sum(static kind => kind.Rate);
    }

    /// <summary>How many faults there were, by kind.</summary>
    public SortedDictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);

    /// <summary>From now on faults come.</summary>
    public void Begin()
    {
        _isCalm = false;
        _world.Database!.Rates = _faults.StoreRates;
        _world.Trace.Watcher = OnTrace;
        ArrangeNext();
    }

    /// <summary>No more faults come, and those under way end. Nodes that are down stay so.</summary>
    public void Calm()
    {
        _isCalm = true;
        _steps.Clear();
        _world.Trace.Watcher = null;
        _world.Database!.Rates = StoreFaultRates.None;
        while (_ongoing.Count > 0) _ongoing[^1].End();
        foreach (var machine in _world.Machines) machine.Clock.SetDrift(0);
        _world.Say(TraceKind.Fault, "calm");
    }

    private void ArrangeNext()
    {
        if (_total <= 0) return;
        double minutes = -Math.Log(1 - _world.Random.NextDouble()) / _total;
        _world.After(TimeSpan.FromMinutes(minutes), () =>
        {
            if (_isCalm) return;
            StrikeAny();
            ArrangeNext();
        });
    }

    private void StrikeAny()
    {
        double drawn = _world.Random.NextDouble() * _total;
        foreach (var (rate, name, strike) in _kinds)
        {
            drawn -= rate;
            if (drawn >= 0 || rate <= 0) continue;
            Count(name);
            strike();
            return;
        }
    }

    private void Count(string name) => Counts[name] = Counts.GetValueOrDefault(name) + 1;

    private SimulatedNode AnyNode() => _grid.Nodes[_world.Random.Next(_grid.Nodes.Count)];

    private SimulatedNode? AnyRunning()
    {
        for (int i = 0; i < 8; i++)
        {
            var node = AnyNode();
            if (node.Machine.IsRunning) return node;
        }
        return null;
    }

    /// <summary>Mostly short, sometimes long: evenly distributed by order of magnitude.</summary>
    private TimeSpan Span(double leastSeconds, double mostSeconds) =>
        TimeSpan.FromSeconds(leastSeconds * Math.Pow(mostSeconds / leastSeconds, _world.Random.NextDouble()));

    /// <summary>Lets a fault last for a time, unless calm comes first.</summary>
    private void Last(TimeSpan duration, string words, SimulatedMachine? machine, Action end)
    {
        _world.Say(TraceKind.Fault, _world.Trace.IsRecorded ? $"{words} for {duration.TotalSeconds:0.000} s" : words, machine?.Number ?? -1);
        var ongoing = new Ongoing(this, words, machine, end);
        _ongoing.Add(ongoing);
        _world.After(duration, ongoing.End);
    }

    private sealed class Ongoing(Nemesis nemesis, string words, SimulatedMachine? machine, Action end)
    {
        public void End()
        {
            if (!nemesis._ongoing.Remove(this)) return;
            nemesis._world.Say(TraceKind.Fault, nemesis._world.Trace.IsRecorded ? $"end of: {words}" : words, machine?.Number ?? -1);
            end();
        }
    }
}
