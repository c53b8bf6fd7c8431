using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>The database that all nodes of a world share: it outlives them all. Calls to it take time, and go wrong as it is told.</summary>
internal sealed class SimulatedDatabase(World world, GridIdentity grid) : IAsyncDisposable
{
    private readonly List<Action> _late = [];
    private readonly Dictionary<SimulatedProcess, IClusterStore> _connections = [];
    private readonly Dictionary<int, int> _outages = [];
    private int _outagesOfAll;
    private IClusterStore? _nobody;

    public InMemoryStore Memory { get; } = new();

    public InMemoryClusterStore Cluster { get; } = new(grid);

    public GridIdentity Grid => grid;

    public List<IStoreObserver> Observers { get; } = [];

    /// <summary>How often calls go wrong.</summary>
    public StoreFaultRates Rates { get; set; } = StoreFaultRates.None;

    /// <summary>What becomes of a call, for scripts that let one certain call go wrong; null: chance decides.</summary>
    public Func<SimulatedProcess, StoreOperation, StoreFault>? Script { get; set; }

    /// <summary>The least time that half a round trip takes.</summary>
    public TimeSpan DelayMin { get; set; } = TimeSpan.FromMicroseconds(100);

    /// <summary>The most that it takes, as a rule.</summary>
    public TimeSpan DelayMax { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>How long the slowest answers take.</summary>
    public TimeSpan SlowestAnswer { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How late a commit may land whose caller has had an error.</summary>
    public TimeSpan LatestCommit { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Incarnations whose session with the database looks gone although they live.</summary>
    public HashSet<Guid> LooksGone { get; } = [];

    /// <summary>The stores of one life of a process.</summary>
    public SimulatedStore Connect(SimulatedProcess process) => new(this, process);

    /// <summary>Nobody (or one machine) can reach it; as often as it is said it has to be taken back.</summary>
    public void BeginOutage(SimulatedMachine? machine)
    {
        if (machine is null) _outagesOfAll++;
        else _outages[machine.Number] = _outages.GetValueOrDefault(machine.Number) + 1;
    }

    /// <summary>Takes back one <see cref="BeginOutage"/>.</summary>
    public void EndOutage(SimulatedMachine? machine)
    {
        if (machine is null) _outagesOfAll--;
        else _outages[machine.Number]--;
    }

    public ValueTask DisposeAsync() => Memory.DisposeAsync();

    internal TimeSpan NextDelay() => world.Random.Between(DelayMin, DelayMax);

    internal StoreFault DrawFault(SimulatedProcess process, StoreOperation operation)
    {
        bool isAway = _outagesOfAll > 0 || process.Machine.Clock.IsSuspended || _outages.GetValueOrDefault(process.Machine.Number) > 0;
        // Who cannot reach it is refused at once, or waits for an answer that does not come.
        if (isAway) return world.Random.Chance(0.5) ? StoreFault.Refused : StoreFault.RequestLost;
        if (Script?.Invoke(process, operation) is { } scripted and not StoreFault.None) return scripted;
        return operation == StoreOperation.Open ? StoreFault.None : Rates.Draw(world.Random);
    }

    internal IClusterStore ConnectionOf(SimulatedProcess process)
    {
        if (_connections.TryGetValue(process, out var connection)) return connection;
        // What a dead process had sent may still be performed, but ties no lease to anybody.
        if (process.IsDead) return _nobody ??= Cluster.Connect();
        _connections.Add(process, connection = Cluster.Connect());
        return connection;
    }

    /// <summary>The store learns sooner or later that a process, or its machine, has gone.</summary>
    internal void OnProcessGone(SimulatedProcess process, bool isLost)
    {
        if (!_connections.TryGetValue(process, out var connection)) return;
        var after = isLost
            ? world.Random.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8))
            : world.Random.Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(60));
        world.After(after, () =>
        {
            _connections.Remove(process);
            Cluster.Disconnect(connection);
        });
    }

    internal void AddLate<T>(StoreCall<T> call) => _late.Add(call.Land);

    internal void OnPerforming(StoreOperation operation)
    {
        // A commit that was under way ends before the fence is raised, or never.
        if (operation == StoreOperation.RaiseFences && _late.Count > 0 && world.Random.Chance(0.5)) LandLate();
    }

    internal void OnPerformed(StoreOperation operation)
    {
        bool isRead = operation is StoreOperation.Read or StoreOperation.ReadView or StoreOperation.ReadLeases;
        if (isRead && _late.Count > 0 && world.Random.Chance(0.5)) LandLate();
    }

    private void LandLate()
    {
        // Landing is itself performing: the list is taken first.
        var late = _late.ToArray();
        _late.Clear();
        foreach (var land in late) land();
    }
}
