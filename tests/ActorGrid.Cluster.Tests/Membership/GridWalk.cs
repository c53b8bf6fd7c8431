using System.Globalization;

namespace ActorGrid.Cluster.Tests;

/// <summary>
/// A walk by chance through what may befall a grid: nodes start, are killed, pause, are cut off from each other or from the store, leave; clocks drift, answers get lost,
/// views are old. Only the pure core and the store are real. After every step at most one node may answer for a shard.
/// </summary>
internal sealed class GridWalk(int seed, IAllocationStrategy strategy)
{
    private const int Hosts = 5;
    private readonly Random _random = new(seed);
    private readonly List<WalkNode> _nodes = [];
    private readonly HashSet<(int, int)> _cutPairs = [];
    private readonly HashSet<string> _dark = [];
    private readonly List<string> _trace = [];
    private int _life;

    public InMemoryClusterStore Store { get; } = new(GridModel.Grid);

    public IAllocationStrategy Strategy => strategy;

    public TimeSpan Time { get; private set; } = TimeSpan.FromMinutes(1);

    public IReadOnlyDictionary<DepartureCause, int> Deaths => _deaths;

    private readonly Dictionary<DepartureCause, int> _deaths = [];

    public bool Chance(double probability) => _random.NextDouble() < probability;

    public int NextLife() => ++_life;

    public WalkNode? Find(Guid incarnation) => _nodes.FirstOrDefault(node => !node.IsDead && node.Incarnation == incarnation);

    /// <summary>Whether somebody, be it the operating system, answers at an endpoint whose node has died.</summary>
    public bool AnswersFor(string? endpoint) => endpoint is not null && !_dark.Contains(endpoint);

    public bool Reach(WalkNode a, WalkNode b) =>
        a.Runs && b.Runs && !a.IsCut && !b.IsCut && !a.IsRefusing && !b.IsRefusing && !_cutPairs.Contains((Math.Min(a.Host, b.Host), Math.Max(a.Host, b.Host)));

    public void Written(Proposal proposal)
    {
        foreach (var departure in proposal.Next.Departures.Where(departure => departure.Version == proposal.Next.Version))
        {
            _deaths[departure.Cause] = _deaths.GetValueOrDefault(departure.Cause) + 1;
        }
        Note(string.Create(CultureInfo.InvariantCulture, $"view {proposal.Next.Version}: {proposal}"));
    }

    /// <summary>Walks, then lets all faults cease, and asserts that the grid is whole again.</summary>
    public void Run(int steps)
    {
        try
        {
            for (int i = 0; i < Hosts; i++) Start(i);
            for (int i = 0; i < steps; i++)
            {
                Befall();
                Step();
            }
            Heal();
            for (int i = 0; i < 3000 && !IsWhole(); i++) Step();
            Assert.True(IsWhole(), "The grid is not whole again long after the faults have ceased.");
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Seed {seed} with {strategy.GetType().Name}:\n{string.Join('\n', _trace.TakeLast(60))}", e);
        }
    }

    private void Step()
    {
        Time += TimeSpan.FromMilliseconds(_random.Next(60));
        var node = _nodes[_random.Next(_nodes.Count)];
        switch (_random.Next(10))
        {
            case 0 or 1 or 2:
                foreach (var any in _nodes) any.Look();
                break;
            case 3 or 4:
                node.Renew();
                break;
            case 5:
                node.ReadView();
                break;
            case 6:
                node.ReadLeases();
                node.Propose();
                break;
            case 7:
                node.Propose();
                break;
            default:
                node.Attend();
                break;
        }
        _nodes.RemoveAll(any => any.IsDead);
        if (_nodes.Count == 0) Start(0);
        AssertOneAnswers();
    }

    private void Befall()
    {
        if (!Chance(0.03)) return;
        var node = _nodes[_random.Next(_nodes.Count)];
        int kind = _random.Next(10);
        Note(string.Create(CultureInfo.InvariantCulture, $"{Time}: {kind} befalls {node.Host} ({node.Incarnation})"));
        switch (kind)
        {
            case 0:
                node.Die();
                break;
            case 1:
                Darken(node);
                break;
            case 2:
                for (int host = 0; host < Hosts; host++)
                {
                    if (_nodes.All(other => other.Host != host || other.IsDead)) Start(host);
                }
                break;
            case 3:
                node.IsPaused = !node.IsPaused;
                break;
            case 4:
                node.IsCut = !node.IsCut;
                break;
            case 5:
                node.HasNoStore = !node.HasNoStore;
                break;
            case 6:
                int other1 = _random.Next(Hosts), other2 = _random.Next(Hosts);
                if (!_cutPairs.Add((Math.Min(other1, other2), Math.Max(other1, other2)))) _cutPairs.Clear();
                break;
            case 7 when Chance(0.2):
                foreach (var any in _nodes) any.Die();
                for (int host = 0; host < Hosts; host++) Start(host);
                break;
            case 7 when Chance(0.2):
                foreach (var any in _nodes.ToArray()) Darken(any);
                Start(_random.Next(Hosts));
                break;
            case 9:
                node.IsRefusing = !node.IsRefusing;
                break;
            case 8:
                node.WantsToLeave = true;
                break;
        }
        _nodes.RemoveAll(any => any.IsDead);
        if (_nodes.Count == 0) Start(0);
    }

    /// <summary>The whole machine goes: nobody refuses for it, and the store does not notice.</summary>
    private void Darken(WalkNode node)
    {
        node.Die(isUnseen: true);
        _dark.Add(GridModel.Node(node.Host).Endpoint);
    }

    private void Heal()
    {
        Note("The faults cease.");
        _cutPairs.Clear();
        foreach (var node in _nodes) (node.IsPaused, node.IsCut, node.IsRefusing, node.HasNoStore) = (false, false, false, false);
    }

    private void Start(int host)
    {
        _dark.Remove(GridModel.Node(host).Endpoint);
        _nodes.Add(new WalkNode(this, host, NextLife(), 0.96 + (_random.NextDouble() * 0.08)));
    }

    private bool IsWhole()
    {
        var view = _nodes[0].View;
        return _nodes.TrueForAll(node => !node.WantsToLeave && node.View.Find(node.Incarnation) is { Status: MemberStatus.Up } && node.View.Version == view.Version)
            && view.Members.Length == _nodes.Count && view.Revoked.IsEmpty && AllocationPlan.Fresh(view, Strategy).Moves.IsEmpty
            && Enumerable.Range(0, view.Shards.Length).All(shard => _nodes.Any(node => node.Serving.Contains(shard)));
    }

    private void AssertOneAnswers()
    {
        var answering = new Dictionary<int, WalkNode>();
        foreach (var node in _nodes.Where(node => node.MayAnswer))
        {
            foreach (int shard in node.Serving)
            {
                if (answering.TryAdd(shard, node)) continue;
                Assert.Fail($"At {Time} {node.Host} ({node.Incarnation}) and {answering[shard].Host} ({answering[shard].Incarnation}) both answer for shard {shard}.");
            }
        }
    }

    private void Note(string what) => _trace.Add(what);
}
