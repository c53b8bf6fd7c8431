using ActorGrid.Cluster;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>"A shard that moves by plan takes its states along; they are used only if nothing was written since. Commands that arrive meanwhile wait, up to
/// their deadline. The death of either node, at any step, loses nothing."</summary>
public sealed class MovesByPlan
{
    private static readonly TimeSpan LongerThanALease = TimeSpan.FromSeconds(6);

    /// <summary>The last thing that happens before somebody dies.</summary>
    public enum Step
    {
        /// <summary>The view says where the shard is to go.</summary>
        Planned,

        /// <summary>The view says that it is the next owner's.</summary>
        Released,

        /// <summary>The old owner has sent the states.</summary>
        StatesSent,

        /// <summary>The next owner has got them.</summary>
        StatesArrived,

        /// <summary>The next owner has raised its fence.</summary>
        FenceRaised,

        /// <summary>The next owner has written something.</summary>
        Written,
    }

    public enum Victim
    {
        OldOwner,
        NextOwner,
        Both,
    }

    public enum Death
    {
        Killed,
        Lost,
        Asleep,
        CutOff,
    }

    public static IEnumerable<object[]> Cases => Enum.GetValues<Step>().SelectMany(_ => Enum.GetValues<Victim>(), (step, victim) => new object[] { step, victim });

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_death_of_either_node_at_any_step_loses_nothing(Step step, Victim victim)
    {
        foreach (var death in Enum.GetValues<Death>())
        {
            Stage.Play(Stage.Ledgers(shards: 4), grid => StopAtAsync(grid, step, victim, death), seeds: 2);
        }
    }

    [Fact]
    public void It_takes_its_states_along() => Stage.Play(Stage.Ledgers(shards: 1), async grid =>
    {
        var clerk = new Clerk(grid, "a");
        for (int i = 0; i < 3; i++) await clerk.AddAsync();
        var old = clerk.Owner;
        bool came = false;
        grid.Watch(entry => came |= entry is { Kind: TraceKind.Log, Subject: string words } && words.Contains("with 1 states", StringComparison.Ordinal));
        await old.StopAsync();
        await clerk.CheckAsync();
        Assert.NotEqual(old, clerk.Owner);
        Assert.True(came, "The next owner was not given the state of the ledger.");
    });

    [Fact]
    public void States_that_come_too_late_are_not_waited_for_and_not_used() => Stage.Play(Stage.Ledgers(shards: 1), async grid =>
    {
        var clerk = new Clerk(grid, "a").Begin();
        await grid.DelayAsync(TimeSpan.FromSeconds(1));
        var old = clerk.Owner;
        IDisposable? cut = null;
        grid.After(entry => entry.Written() is { } view && view.Shards[0].Term > 1 && view.Find(view.Shards[0].Owner)?.Endpoint != old.Name, () => cut = grid.Cut([old], grid.Others(old)));
        var left = old.StopAsync();
        await grid.UntilAsync(() => cut is not null, "the shard is released", TimeSpan.FromSeconds(5));
        await grid.DelayAsync(TimeSpan.FromSeconds(1));
        cut!.Dispose();
        await left;
        await clerk.EndAsync();
    });

    private static async Task StopAtAsync(SimulatedGrid grid, Step step, Victim victim, Death death)
    {
        // Every other run moves shards to a node that joins, the rest away from one that leaves.
        bool joins = grid.Seed % 2 == 0;
        if (joins) await grid.Nodes[2].StopAsync();
        var clerks = Enumerable.Range(0, grid.Options.ShardCount).Select(i => new Clerk(grid, KeyOf(grid, i)).Begin()).ToList();
        await grid.DelayAsync(TimeSpan.FromMilliseconds(300));
        var move = new Move();
        var undo = new List<Action>();
        bool struck = false;
        grid.After(entry => move.IsAt(step, entry, grid), () => grid.World.After(TimeSpan.FromMilliseconds(3 * grid.Random.NextDouble() * grid.Random.Next(2)), Strike));
        var leaving = joins ? grid.Nodes[2].StartAsync() : LeaveAsync(grid.Nodes[grid.Random.Next(3)]);
        await grid.UntilAsync(() => struck, $"a shard moves as far as {step}", TimeSpan.FromSeconds(15));
        await grid.DelayAsync(LongerThanALease + TimeSpan.FromSeconds(1));
        foreach (var action in undo) action();
        foreach (var node in grid.Nodes) node.BeginStart();
        await IgnoreDeathAsync(leaving);
        foreach (var clerk in clerks) await clerk.EndAsync();

        void Strike()
        {
            struck = true;
            var (old, next) = (move.Old!, move.Next!);
            foreach (var node in victim switch { Victim.OldOwner => [old], Victim.NextOwner => [next], _ => new[] { old, next } })
            {
                grid.Note($"{node} is now {death}");
                if (death == Death.Killed) node.Kill();
                else if (death == Death.Lost) node.Lose();
                else if (death == Death.Asleep) node.Pause(LongerThanALease);
                else undo.Add(grid.Cut([node], grid.Others(node)).Dispose);
            }
        }
    }

    private static string KeyOf(SimulatedGrid grid, int shard) => Enumerable.Range(0, 1000).Select(i => $"s{i}").First(key => grid.ShardOf(key).Value == shard);

    private static Task LeaveAsync(SimulatedNode node) => node.StopAsync();

    private static async Task IgnoreDeathAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (ProcessDiedException)
        {
            // That was the point.
        }
    }

    /// <summary>The first shard that moves, seen on the trace.</summary>
    private sealed class Move
    {
        private ShardId _shard;
        private long _term;

        public SimulatedNode? Old { get; private set; }

        public SimulatedNode? Next { get; private set; }

        public bool IsAt(Step step, TraceEntry entry, SimulatedGrid grid)
        {
            if (Old is null) Find(entry, grid);
            if (Old is null) return false;
            return step switch
            {
                Step.Planned => true,
                Step.Released => entry.Written() is { } view && view[_shard].Term == _term,
                Step.StatesSent => entry.Kind == TraceKind.FrameSent && IsHandover(entry),
                Step.StatesArrived => entry.Kind == TraceKind.FrameDelivered && IsHandover(entry),
                Step.FenceRaised => entry.Kind == TraceKind.FenceRaised && IsOfNext(entry),
                _ => entry.Kind == TraceKind.Appended && IsOfNext(entry),
            };
        }

        private bool IsHandover(TraceEntry entry) => entry.Message() is HandoverSent handover && handover.Shard == _shard && handover.Term == _term;

        private bool IsOfNext(TraceEntry entry) => entry.Shard == _shard.Value && entry.Machine == Next!.Machine.Number;

        private void Find(TraceEntry entry, SimulatedGrid grid)
        {
            if (entry.Written() is not { } view) return;
            for (int i = 0; i < view.Shards.Length; i++)
            {
                var shard = view.Shards[i];
                if (!shard.IsMoving) continue;
                (_shard, _term) = (new ShardId(i), shard.Term + 1);
                Old = grid.Nodes.Single(node => node.Name == view.Find(shard.Owner)!.Endpoint);
                Next = grid.Nodes.Single(node => node.Name == view.Find(shard.Next)!.Endpoint);
                return;
            }
        }
    }
}
