using System.Collections.Immutable;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster.Tests;

/// <summary>
/// A large grid in virtual time: the planner, the store in memory and the codec are the real ones; a node around them does what the real one does with them
/// (reads the leases in its turn, plans, writes in its turn, hands the difference to all others, reads the view when it lost). Each way of a message takes 0.5 to
/// 2 ms, a call of the store 2 to 5 ms, however many there are.
/// </summary>
internal sealed class ScaleGrid
{
    public static readonly MembershipLimits Limits = new();
    private static readonly WeightedRendezvous Strategy = new();
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250), LeasesReadEvery = TimeSpan.FromMilliseconds(200), WitnessReadEvery = TimeSpan.FromMilliseconds(25), RenewEvery = TimeSpan.FromSeconds(1);
    private readonly Random _random;
    private readonly InMemoryClusterStore _store;
    private readonly List<ScaleNode> _nodes = [];
    private readonly Dictionary<Guid, ScaleNode> _byIncarnation = [];
    private readonly PriorityQueue<Action, (TimeSpan, long)> _queue = new();
    private long _order;
    private int _changes;
    private (long Version, ILookup<Guid, ShardId> Shards) _moving = (-1, null!);

    public ScaleGrid(int nodes, int shards, int seed)
    {
        _random = new Random(seed);
        var grid = new GridIdentity("scale", shards);
        _store = new InMemoryClusterStore(grid);
        Span<byte> bytes = stackalloc byte[16];
        var members = ImmutableArray.CreateBuilder<Member>(nodes);
        for (int i = 0; i < nodes; i++)
        {
            _random.NextBytes(bytes);
            members.Add(new Member { Incarnation = new Guid(bytes), Name = $"node-{i}", Endpoint = $"10.0.{i / 250}.{i % 250}:5300", Status = MemberStatus.Up, JoinedAt = 1 });
        }
        var empty = ClusterView.Empty(grid);
        var joined = empty.Change(members: members.MoveToImmutable());
        View = Transitions.Seal(empty, Transitions.Assign(joined, AllocationPlan.Fresh(joined, Strategy).Assignments));
        foreach (var member in View.Members) Add(member);
        Assert.True(Done(_nodes[0].Store.WriteViewAsync(View, [], default)));
        Count = new StoreCount();
        foreach (var node in _nodes) Begin(node);
    }

    public TimeSpan Now { get; private set; } = TimeSpan.FromMinutes(10);

    public StoreCount Count { get; private set; } = new();

    public ClusterView View { get; private set; }

    public List<(TimeSpan At, int Bytes)> Deltas { get; } = [];

    public int PlansMade { get; private set; }

    public IEnumerable<ScaleNode> Alive => _nodes.Where(node => node.DiedAt is null);

    public ScaleNode? Find(Guid incarnation) => _byIncarnation.GetValueOrDefault(incarnation);

    public void ResetCount()
    {
        Count = new StoreCount();
        Deltas.Clear();
    }

    /// <summary>Lets virtual time pass until something holds.</summary>
    /// <returns>How long that took; null if it does not hold in time.</returns>
    public TimeSpan? RunUntil(Func<bool> condition, TimeSpan patience)
    {
        var start = Now;
        // Only a view that was written or has come to a node changes what is waited for.
        for (int seen = -1; seen == _changes || !condition();)
        {
            seen = _changes;
            if (!_queue.TryDequeue(out var action, out var at) || at.Item1 > start + patience) return null;
            Now = at.Item1;
            action();
        }
        return Now - start;
    }

    public void RunFor(TimeSpan time)
    {
        var end = Now + time;
        while (_queue.TryPeek(out _, out var at) && at.Item1 <= end)
        {
            Now = at.Item1;
            _queue.Dequeue()();
        }
        Now = end;
    }

    /// <summary>Nodes die at this moment: their processes are killed, or their machines go dark.</summary>
    public void Kill(int count, bool isHostGone)
    {
        foreach (var node in Alive.OrderBy(_ => _random.Next()).Take(count).ToArray())
        {
            (node.DiedAt, node.IsHostGone) = (Now, isHostGone);
            if (!isHostGone) After(Between(1, 60), () => _store.Disconnect(((CountingStore)node.Store).Inner));
            foreach (var other in Alive) After(isHostGone ? Between(1000, 1250) : Between(2, 6), () => Notice(other, node));
        }
    }

    public void Leave(ScaleNode node)
    {
        node.WantsToLeave = true;
        Consider(node);
    }

    public ScaleNode Join()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        var node = Add(new Member { Incarnation = new Guid(bytes), Name = "node-new", Endpoint = "10.0.99.1:5300", Status = MemberStatus.Joining });
        Begin(node);
        Consider(node);
        return node;
    }

    /// <summary>Owners drain what is to be released as soon as they learn of it: how long user code takes for that is not the matter here.</summary>
    public ImmutableArray<DrainedShard> DrainedBy(ScaleNode node)
    {
        if (_moving.Version != node.View.Version)
        {
            _moving = (node.View.Version, Enumerable.Range(0, node.View.Shards.Length).Where(i => node.View.Shards[i].IsMoving)
                .Select(i => new ShardId(i)).ToLookup(shard => node.View[shard].Owner));
        }
        return [.. _moving.Shards[node.Self.Incarnation].Select(shard => new DrainedShard(shard, node.View[shard].Term))];
    }

    private ScaleNode Add(Member member)
    {
        var connection = _store.Connect();
        Done(connection.OpenLeaseAsync(member.Incarnation, default));
        var node = new ScaleNode(this, _nodes.Count, member, new CountingStore(connection, () => Count), View) { LeaseSince = Now };
        _nodes.Add(node);
        _byIncarnation.Add(member.Incarnation, node);
        return node;
    }

    private void Begin(ScaleNode node)
    {
        After(Between(0, 1000), () => Renew(node));
        After(Between(0, 250), () => OnTick(node));
    }

    private void Renew(ScaleNode node)
    {
        if (node.DiedAt is not null) return;
        After(RenewEvery, () => Renew(node));
        var renewal = Done(node.Store.RenewLeaseAsync(node.Self.Incarnation, [], default));
        After(Call(), () =>
        {
            (node.LeaseNumber, node.LeaseSince) = (renewal.Number, Now);
            if (renewal.ViewVersion > node.View.Version) ReadView(node);
            Consider(node);
        });
    }

    private void OnTick(ScaleNode node)
    {
        if (node.DiedAt is not null) return;
        After(Tick, () => OnTick(node));
        if (node.Misses) Consider(node);
    }

    private void Notice(ScaleNode node, ScaleNode dead)
    {
        if (node.DiedAt is not null || node.View.Find(dead.Self.Incarnation) is null) return;
        node.Notice(dead.Self.Incarnation);
        Consider(node);
    }

    /// <summary>Once for all that comes within a moment, as one message in a mailbox does.</summary>
    private void Consider(ScaleNode node)
    {
        if (node.IsToConsider) return;
        node.IsToConsider = true;
        After(TimeSpan.FromMilliseconds(0.2), () => ConsiderNow(node));
    }

    private void ConsiderNow(ScaleNode node)
    {
        node.IsToConsider = false;
        if (node.DiedAt is not null) return;
        var findings = node.Findings();
        if (Planner.WantsLeases(node.View, findings, Limits, Now)) ReadLeasesInTurn(node);
        else node.WantsLeasesSince = null;
        if (findings.OwnsNothingSince + Limits.Linger - Now is { } stay && stay > TimeSpan.Zero) After(stay, () => Consider(node));
        if (node.IsWriting) return;
        PlansMade++;
        if (Planner.Plan(node.View, findings, Strategy, Limits, Now) is not { } proposal) return;
        if (proposal.Wait <= TimeSpan.Zero && node.Losses > 0)
        {
            proposal = proposal with { Wait = TimeSpan.FromMilliseconds(10) * Math.Min(Planner.RankOfOwn(node.View, node.Self.Incarnation), 20) };
        }
        if (proposal.Wait <= TimeSpan.Zero || IsTurn(node, proposal)) Write(node, proposal);
    }

    private bool IsTurn(ScaleNode node, Proposal proposal)
    {
        var at = Now + proposal.Wait;
        if (node.Turn is { } turn && turn.Version == node.View.Version && turn.At <= at)
        {
            if (Now >= turn.At) return true;
            return false;
        }
        node.Turn = (node.View.Version, at);
        After(proposal.Wait, () => Consider(node));
        return false;
    }

    private void ReadLeasesInTurn(ScaleNode node)
    {
        if (node.WantsLeasesSince is null)
        {
            node.WantsLeasesSince = Now;
            After(node.ReadWait(), () => Consider(node));
        }
        bool isAwaited = node.AwaitsWitness();
        if (isAwaited && Now - node.RowsReadAt < WitnessReadEvery) After(WitnessReadEvery, () => Consider(node));
        if (node.WantsLeasesSince + node.ReadWait() > Now || node.IsReading || Now - node.RowsReadAt < (isAwaited ? WitnessReadEvery : LeasesReadEvery)) return;
        node.IsReading = true;
        var sentAt = Now;
        After(Call(), () =>
        {
            node.IsReading = false;
            node.Rows = Done(node.Store.ReadLeasesAsync(default)).ToDictionary(row => row.Incarnation);
            node.RowsReadAt = sentAt;
            Consider(node);
        });
    }

    private void Write(ScaleNode node, Proposal proposal)
    {
        node.IsWriting = true;
        After(Call(), () =>
        {
            bool won = node.DiedAt is null && Done(node.Store.WriteViewAsync(proposal.Next, proposal.Revocations, default));
            if (won) Deltas.Add((Now, ViewCodec.EncodeDelta(View, proposal.Next).Length));
            if (won) (View, _changes) = (proposal.Next, _changes + 1);
            After(Between(1, 2), () =>
            {
                node.IsWriting = false;
                node.Losses = won ? 0 : node.Losses + 1;
                if (!won)
                {
                    ReadView(node);
                    return;
                }
                Accept(node, proposal.Next);
                foreach (var other in Alive)
                {
                    if (other != node) After(Way(), () => Accept(other, proposal.Next));
                }
            });
        });
    }

    private void ReadView(ScaleNode node)
    {
        if (node.IsWriting) return;
        node.IsWriting = true;
        After(Call(), () =>
        {
            node.IsWriting = false;
            Accept(node, Done(node.Store.ReadViewAsync(default)));
            Consider(node);
        });
    }

    private void Accept(ScaleNode node, ClusterView view)
    {
        if (node.DiedAt is not null || view.Version <= node.View.Version) return;
        bool wasMember = node.View.Find(node.Self.Incarnation) is not null;
        (node.View, _changes) = (view, _changes + 1);
        node.Forget();
        if (wasMember && view.Find(node.Self.Incarnation) is null) node.DiedAt = Now;
        else Consider(node);
    }

    private void After(TimeSpan delay, Action action) => _queue.Enqueue(action, (Now + delay, _order++));

    private TimeSpan Between(double from, double to) => TimeSpan.FromMilliseconds(from + (_random.NextDouble() * (to - from)));

    private TimeSpan Way() => Between(0.5, 2);

    private TimeSpan Call() => Between(2, 5);

    private static T Done<T>(Task<T> task) => task.IsCompletedSuccessfully ? task.Result : throw task.Exception!;

    private static void Done(Task task) => Assert.True(task.IsCompletedSuccessfully);
}
