using ActorGrid.Actors;
using ActorGrid.Cluster;
using ActorGrid.Jobs;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>Five nodes, all faults, callers everywhere; each seed draws what it leaves out and how hard it hits, and whether there are jobs, a role, a singleton, a topic, a rolling
/// upgrade, a subscription, an entity that has to be repaired, encryption with a key store that fails now and then, and retention of events.</summary>
internal sealed class MixedScenario
{
    private const int NodeCount = 5;
    private const string Role = "books";

    private readonly SeededRandom _draw;
    private readonly TimeSpan _duration;
    private readonly TimeSpan _pace;
    private readonly int _clients;
    private readonly bool _reminds;
    private readonly LedgerHistory[] _ledgers;
    private readonly JobHistory _jobs = new();
    private readonly int _submitters;
    private readonly SeededRandom _drawExtras;
    private readonly int _playersOfRole;
    private readonly SingletonChecker? _singleton;
    private readonly TopicHistory? _topic;
    private readonly Upgrade? _upgrade;
    private readonly InMemoryKeyStore? _keys;
    private readonly SeededRandom? _drawCopies;
    private Copies? _copies;
    private readonly SeededRandom? _drawMishaps;
    private Mishaps? _mishaps;
    private readonly RetentionHistory? _retention;
    private PlacementChecker? _placement;
    private int _asks;
    private int _unknown;
    private int _lastNumber;
    private TimeSpan _healing;

    public MixedScenario(int seed)
    {
        _draw = new SeededRandom((ulong)seed * 0x5851F42D4C957F2D + 1);
        _duration = TimeSpan.FromSeconds(_draw.Next(6, 14));
        _pace = TimeSpan.FromMilliseconds(_draw.Next(20, 200));
        _clients = _draw.Next(3, 9);
        _submitters = _draw.Chance(0.4) ? _draw.Next(1, 4) : 0;
        _drawExtras = new SeededRandom((ulong)seed * 0x9E3779B97F4A7C15 + 1);
        _playersOfRole = _drawExtras.Chance(0.2) ? _drawExtras.Next(2, NodeCount) : NodeCount;
        _singleton = _drawExtras.Chance(0.25) ? new SingletonChecker(LedgerOf(0)) : null;
        _topic = _drawExtras.Chance(0.25) ? new TopicHistory() : null;
        _upgrade = _drawExtras.Chance(0.2) ? new Upgrade(NodeCount) : null;
        _keys = DrawKeys(seed);
        _drawCopies = Draw(seed, 0xA0761D6478BD642F, 0.25);
        _drawMishaps = Draw(seed, 0xE7037ED1A0B428DB, 0.15);
        _retention = RetentionHistory.Draw(seed);
        Options = DrawOptions();
        _reminds = Options.Faults.ClockJumps == 0;
        _ledgers = [.. Enumerable.Range(0, _draw.Next(1, 12)).Select(i => new LedgerHistory(LedgerOf(i)))];
    }

    public SimulatedGridOptions Options { get; }

    /// <summary>What the run has seen.</summary>
    public Coverage CoverageOf(SimulatedGrid grid) => new()
    {
        Asks = _asks,
        Acknowledged = _ledgers.Sum(l => l.Acknowledged),
        Unknown = _unknown,
        Faults = grid.FaultCounts.Values.Sum(),
        HandOffs = grid.Journal.HandOffs,
        TakeOvers = grid.Journal.TakeOvers,
        MembersGone = grid.Journal.MembersGone,
        FencedOff = grid.Journal.FencedOff,
        Commits = grid.Journal.Commits,
        Jobs = _jobs.Results,
        Messages = _topic?.Arrived ?? 0,
        Activations = _singleton?.Activations ?? 0,
        Upgrades = _placement?.Upgrades ?? 0,
        Events = _copies?.History.Events ?? 0,
        Repetitions = _copies?.History.Repetitions ?? 0,
        Quarantined = _mishaps?.Refusals ?? 0,
        Repairs = _mishaps?.Repairs ?? 0,
        Removed = grid.Journal.Removed,
        Views = grid.Journal.View.Version,
        Steps = grid.World.Steps,
        Frames = grid.World.Network.FramesDelivered,
        Virtual = grid.Elapsed,
        Healing = _healing,
    };

    /// <summary>Runs a seed.</summary>
    /// <returns>Null, or how it failed.</returns>
    public static Exception? Run(int seed, bool isRecorded, out SimulatedGrid grid, out Coverage coverage)
    {
        var scenario = new MixedScenario(seed);
        var failure = SimulatedGrid.TryRun(seed, scenario.Options, scenario.PlayAsync, isRecorded, out grid);
        coverage = scenario.CoverageOf(grid);
        return failure;
    }

    /// <summary>Runs a seed that failed once more, and explains it.</summary>
    public static SimulationFailedException Explain(SimulatedGrid grid, Exception failure)
    {
        var again = Run(grid.Seed, isRecorded: true, out var second, out _);
        return SimulationFailedException.Of(second, failure, again, Repetition.Of(grid, second, isFixed: true, difference: ""));
    }

    private async Task PlayAsync(SimulatedGrid grid)
    {
        Surround(grid.World);
        _placement = new PlacementChecker(grid.Journal.View, (type, machine) => type != "ledger" || machine.Number < grid.Nodes[0].Machine.Number + _playersOfRole);
        grid.World.Database!.Observers.Add(_placement);
        if (_drawCopies is not null) _copies = new Copies(grid, _drawCopies);
        if (_drawMishaps is not null) _mishaps = new Mishaps(grid, _drawMishaps);
        var until = grid.Elapsed + _duration;
        var clients = Enumerable.Range(0, _clients).Select(_ => CallAsync(grid, until)).ToList();
        clients.AddRange(Enumerable.Range(0, _submitters).Select(_ => SubmitAsync(grid, until)));
        if (_topic is not null) clients.Add(WatchedAsync(grid, () => _topic.PublishAsync(grid, _drawExtras, until)));
        if (_upgrade is not null) clients.Add(WatchedAsync(grid, () => _upgrade.RunAsync(grid, _drawExtras, until)));
        if (_mishaps is not null) clients.AddRange([WatchedAsync(grid, () => _mishaps.CallAsync(until)), WatchedAsync(grid, () => _mishaps.MendAsync(until)), WatchedAsync(grid, () => _mishaps.MendAsync(until))]);
        await grid.DelayAsync(_duration);
        var calmAt = grid.Elapsed;
        await grid.CalmAsync();
        _healing = grid.Elapsed - calmAt;
        foreach (var client in clients) await client;
        if (_upgrade is not null) await _upgrade.EndAsync(grid);
        if (_singleton is not null) await _singleton.CheckAsync(grid);
        if (_topic is not null) await _topic.CheckAsync(grid);
        await _jobs.CheckAsync(grid);
        if (_mishaps is not null) await _mishaps.CheckAsync();
        // Reminders that are due by now have to fire.
        if (_reminds) await grid.DelayAsync(TimeSpan.FromSeconds(4));
        foreach (var ledger in _ledgers)
        {
            int known = ledger.Known;
            var from = grid.Nodes[_draw.Next(grid.Nodes.Count)];
            ledger.Listed(await ReadAsync(grid, grid.Entity<Ledger>(ledger.Entity.Key, from)), known);
            ledger.Check(await ReadAsync(grid, grid.Entity<Ledger>(ledger.Entity.Key)));
        }
        if (_copies is not null) await _copies.CheckAsync([.. _ledgers.Select(ledger => ledger.Entity.Key)], key => ReadAsync(grid, grid.Entity<Ledger>(key)));
        if (_retention is null) return;
        foreach (var ledger in _ledgers) await _retention.CheckAsync(grid, ledger.Entity, await ReadAsync(grid, grid.Entity<Ledger>(ledger.Entity.Key)));
        if (_keys is not null) _keys.OnCall = null;
        await RetentionHistory.CheckAsync(grid, EntityType.Create<Ledger>("ledger", LedgerJson.Default, new EntityOptions { Keys = _keys }));
    }

    /// <summary>Near or far machines, a fast or a slow database, threads that lose their processor seldom or often.</summary>
    private void Surround(World world)
    {
        if (_draw.Chance(0.4))
        {
            world.Network.DelayMax = _draw.Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(25));
            world.Network.SlowFrames = _draw.NextDouble() * 0.1;
            world.Network.DelayTail = _draw.Between(TimeSpan.FromMilliseconds(30), TimeSpan.FromMilliseconds(400));
        }
        if (_draw.Chance(0.3)) world.Database!.DelayMax = _draw.Between(TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(40));
        world.Stutter = _draw.Chance(0.3) ? _draw.NextDouble() * 0.05 : 0.002;
    }

    /// <summary>Reads a ledger of a grid that is whole. Its shard may still have to find out what became of its last append, and be full until then.</summary>
    private static async Task<int[]> ReadAsync(SimulatedGrid grid, EntityRef<Ledger> ledger)
    {
        var until = grid.Elapsed + grid.Options.WholeWithin;
        while (true)
        {
            try
            {
                return await ledger.AskAsync(new List());
            }
            catch (OverloadedException) when (grid.Elapsed < until)
            {
                await grid.DelayAsync(TimeSpan.FromMilliseconds(100));
            }
        }
    }

    private Task CallAsync(SimulatedGrid grid, TimeSpan until) => WatchedAsync(grid, () => CallManyAsync(grid, until));

    private Task SubmitAsync(SimulatedGrid grid, TimeSpan until) => WatchedAsync(grid, async () =>
    {
        while (grid.Elapsed < until)
        {
            await grid.DelayAsync(_draw.Between(TimeSpan.Zero, TimeSpan.FromSeconds(2)));
            await _jobs.RunAsync(grid, _draw, until);
        }
    });

    private static async Task WatchedAsync(SimulatedGrid grid, Func<Task> caller)
    {
        try
        {
            await caller();
        }
        catch (Exception e)
        {
            // The run ends here and now, and not when somebody comes to look.
            grid.World.Fail(e);
        }
    }

    private async Task CallManyAsync(SimulatedGrid grid, TimeSpan until)
    {
        while (grid.Elapsed < until)
        {
            await grid.DelayAsync(_draw.Between(TimeSpan.Zero, 2 * _pace));
            // Most talk to one ledger, so that it is busy when things happen to it.
            var ledger = _ledgers[_draw.Chance(0.4) ? 0 : _draw.Next(_ledgers.Length)];
            int choice = _draw.Next(100);
            if (choice < 55) await AddAsync(grid, ledger);
            else if (choice < 60 && _reminds) await RemindAsync(grid, ledger);
            else if (choice < 63) await RefuseAsync(grid, ledger);
            else if (choice < 85) await CountAsync(grid, ledger);
            else await ListAsync(grid, ledger);
        }
    }

    private async Task AddAsync(SimulatedGrid grid, LedgerHistory ledger)
    {
        int number = ++_lastNumber;
        int known = ledger.Known;
        ledger.Sent(number);
        bool isUnknown = false, isWritten = false;
        var id = CommandId.New(grid.Time.GetUtcNow(), _draw);
        for (int attempt = 0; attempt < 4; attempt++)
        {
            switch (await AskAsync(grid, ledger, new Add(number), id))
            {
                case (int place, _):
                    ledger.Acknowledge(number, place, known);
                    isWritten = true;
                    // Some callers send what was answered again.
                    if (_draw.Chance(0.95)) return;
                    break;
                case (null, Outcome.NotWritten):
                    break;
                default:
                    isUnknown = true;
                    break;
            }
            // Some callers give up.
            if (_draw.Chance(0.3)) break;
        }
        if (isWritten) return;
        if (isUnknown) _unknown++;
        else ledger.NotWritten(number);
    }

    private async Task RemindAsync(SimulatedGrid grid, LedgerHistory ledger)
    {
        int number = ++_lastNumber;
        ledger.Sent(number);
        var (reply, _) = await AskAsync(grid, ledger, new AddLater(number, _draw.Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(2))));
        if (reply is not null) ledger.Reminded(number);
    }

    private async Task RefuseAsync(SimulatedGrid grid, LedgerHistory ledger) => await AskAsync(grid, ledger, new Refuse());

    private async Task CountAsync(SimulatedGrid grid, LedgerHistory ledger)
    {
        int known = ledger.Known;
        if (await AskAsync(grid, ledger, new Count()) is (int count, _)) ledger.Counted(count, known);
    }

    private async Task ListAsync(SimulatedGrid grid, LedgerHistory ledger)
    {
        int known = ledger.Known;
        if (await AskAsync(grid, ledger, new List()) is (int[] numbers, _)) ledger.Listed(numbers, known);
    }

    /// <summary>Asks from a node by chance, or from the client, and judges how it ends.</summary>
    private async Task<(object? Reply, Outcome Outcome)> AskAsync<TReply>(
        SimulatedGrid grid, LedgerHistory ledger, ICommand<Ledger, TReply> command, CommandId? id = null)
        where TReply : notnull
    {
        int pick = _draw.Next(grid.Nodes.Count + 1);
        var node = pick == grid.Nodes.Count ? grid.Clients[0] : grid.Nodes[pick];
        if (node.Current is not { } life) return (null, Outcome.NotWritten);
        var timeout = TimeSpan.FromMilliseconds(_draw.Next(200, 10_000));
        var options = new AskOptions { CommandId = id, Timeout = timeout };
        _asks++;
        int ask = _asks;
        if (grid.World.Trace.IsRecorded) grid.World.Note(ledger.Entity, $"caller asks {ask}: {command}, timeout {timeout.TotalSeconds:0.000} s, id {id}", node.Machine.Number);
        try
        {
            var reply = await life.Process.RunAsync(() => DeadlineChecker.AskAsync(life, ledger.Entity, command, options));
            if (grid.World.Trace.IsRecorded) grid.World.Note(ledger.Entity, $"caller has the reply to {ask}: {(reply is int[] many ? $"[{string.Join(", ", many)}]" : reply)}", node.Machine.Number);
            return (reply, Outcome.Replied);
        }
        catch (Exception e) when (Outcomes.Of(e) is { } outcome)
        {
            grid.World.Note(ledger.Entity, $"caller has the end of {ask}: {outcome}, {e.Message}", node.Machine.Number);
            return (null, outcome);
        }
    }

    private static EntityId LedgerOf(int number) => EntityId.Create("ledger", $"k{number}");

    private SimulatedGridOptions DrawOptions()
    {
        bool isQuick = _draw.Chance(0.5);
        var cluster = new ClusterOptions
        {
            LeaseDuration = TimeSpan.FromSeconds(isQuick ? 1 : 3),
            LeaseRenewEvery = TimeSpan.FromMilliseconds(isQuick ? 330 : 1000),
            LeaseDrift = TimeSpan.FromMilliseconds(isQuick ? 100 : 300),
            HeartbeatEvery = TimeSpan.FromMilliseconds(isQuick ? 150 : 250),
            SilentAfter = TimeSpan.FromMilliseconds(isQuick ? 500 : 1000),
            MovesMax = _draw.Chance(0.5) ? 64 : _draw.Next(1, 5),
            HandoverBytesMax = _draw.Chance(0.3) ? _draw.Next(200) : 16 << 20,
        };
        var entity = new EntityOptions<int[]>
        {
            SnapshotEvery = _draw.Next(1, 20),
            PassivateAfter = _draw.Between(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(8)),
            Role = _playersOfRole < NodeCount ? Role : "",
            Keys = _keys,
            RemoveEventsAfter = _retention?.After,
        };
        return new SimulatedGridOptions
        {
            Nodes = NodeCount,
            ShardCount = _draw.Next(4, 24),
            Configure = grid => Configure(grid, entity),
            Cluster = node => cluster with { Roles = node < _playersOfRole && _playersOfRole < NodeCount ? [Role] : [], Version = _upgrade?.VersionOf(node) ?? 0 },
            EntityHost = new EntityHostOptions
            {
                CommitLanes = _draw.Next(1, 4),
                RepliesInMemoryMax = _draw.Chance(0.3) ? _draw.Next(1, 20) : 10_000,
                EntitiesInMemoryMax = _draw.Chance(0.2) ? _draw.Next(1, 4) : 10_000,
                CommandsPerShardMax = _draw.Chance(0.1) ? _draw.Next(1, 4) : 10_000,
                AppendRowsMax = _draw.Chance(0.2) ? _draw.Next(1, 5) : 10_000,
            },
            Faults = DrawFaults(),
            WholeWithin = TimeSpan.FromSeconds(30),
            TimeLimit = TimeSpan.FromMinutes(5),
        };
    }

    /// <summary>From a source of its own, so that all other draws are what they are without it.</summary>
    private static SeededRandom? Draw(int seed, ulong source, double chance)
    {
        var draw = new SeededRandom(((ulong)seed * source) + 1);
        return draw.Chance(chance) ? draw : null;
    }

    private static InMemoryKeyStore? DrawKeys(int seed)
    {
        if (Draw(seed, 0xD1342543DE82EF95, 0.25) is not { } draw) return null;
        return new InMemoryKeyStore(seed) { OnCall = (_, _) => draw.Chance(0.1) ? throw new TimeoutException("The vault is sealed.") : default };
    }

    private void Configure(GridBuilder grid, EntityOptions<int[]> entity)
    {
        grid.AddEntity<Ledger>("ledger", LedgerJson.Default, _singleton?.Watched(entity) ?? entity);
        if (_drawMishaps is not null) grid.AddEntity<Fragile>("fragile", FragileJson.Default, new EntityOptions { SnapshotEvery = entity.SnapshotEvery, PassivateAfter = entity.PassivateAfter, Keys = _keys });
        // Its first event comes when the callers have begun.
        if (_drawCopies is not null) grid.AddSubscription<Ledger, LedgerEvent>(Copies.Name, (node, e, token) => _copies!.CopyAsync(node, e, token), Copies.Options);
        if (_retention is { IsSubscribed: true }) grid.AddSubscription<Ledger, LedgerEvent>("seen", (_, e, _) => _retention.OnEventAsync(e));
        // A part that goes down with its process is not the culprit here.
        var jobs = new JobOptions { LossesMax = 1000, Backoff = new Backoff { First = TimeSpan.FromMilliseconds(50), Max = TimeSpan.FromSeconds(1) } };
        if (_topic is not null) grid.AddTopicMessage<Add>("add", LedgerJson.Default);
        if (_submitters > 0) grid.AddJob<SumJob>("sum", SumJson.Default, jobs);
    }

    /// <summary>A run that has everything hides what needs something to be left alone: each kind is there in half of the runs.</summary>
    private SimulationFaults DrawFaults()
    {
        var all = SimulationFaults.All;
        double hard = _draw.Chance(0.15) ? 5 : 0.3 + (2 * _draw.NextDouble());
        return new SimulationFaults
        {
            Kills = Maybe(all.Kills),
            MachineLosses = Maybe(all.MachineLosses),
            Leaves = Maybe(all.Leaves),
            RestartsOfAll = Maybe(all.RestartsOfAll),
            Pauses = Maybe(all.Pauses),
            Suspensions = Maybe(all.Suspensions),
            ClockJumps = Maybe(all.ClockJumps),
            Drifts = Maybe(all.Drifts),
            Partitions = Maybe(all.Partitions),
            OneWayPartitions = Maybe(all.OneWayPartitions),
            LinkResets = Maybe(all.LinkResets),
            RefusedAddresses = Maybe(all.RefusedAddresses),
            LostSessions = Maybe(3),
            StoreOutages = Maybe(all.StoreOutages),
            StoreOutagesOfOne = Maybe(all.StoreOutagesOfOne),
            StoreBursts = Maybe(all.StoreBursts),
            StepStops = Maybe(all.StepStops),
            StoreRefused = Maybe(all.StoreRefused),
            StoreRequestsLost = Maybe(all.StoreRequestsLost),
            StoreAnswersLost = Maybe(all.StoreAnswersLost),
            StoreLateCommits = Maybe(all.StoreLateCommits),
            StoreSlow = Maybe(all.StoreSlow),
        };

        double Maybe(double rate) => _draw.Chance(0.5) ? rate * hard : 0;
    }
}
