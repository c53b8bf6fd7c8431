using ActorGrid.Actors;
using ActorGrid.Persistence;
using FsCheck;
using FsCheck.Fluent;

namespace ActorGrid.Cluster.Tests;

/// <summary>Whatever happens to links, views, owners and incarnations: an ask ends, takes effect once at most, and leaves nothing behind.</summary>
public sealed class RoutingProperties
{
    private const int Nodes = 4;

    [Fact]
    public void Every_ask_ends_and_takes_effect_once() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(150), Prop.ForAll(Histories().ToArbitrary(), Holds));

    private static void Holds((int Kind, int A, int B)[] history)
    {
        var world = new World();
        foreach (var (kind, a, b) in history) world.Do(kind, a, b);
        world.Heal();
        foreach (var (ask, _) in world.Asks)
        {
            Assert.True(ask.IsCompleted, "An ask has not ended.");
            if (!ask.IsCompletedSuccessfully) Assert.IsType<AskTimeoutException>(ask.Exception?.InnerException);
        }
        foreach (var replies in world.Asks.Where(a => a.Ask.IsCompletedSuccessfully).GroupBy(a => a.Key, a => a.Ask.Result))
        {
            // Each reply is the total after its own addition, so two equal ones would be one addition answered for two.
            Assert.Equal(replies.Count(), replies.Distinct().Count());
        }
        Assert.InRange(world.Rig.Executed, world.Asks.Count(a => a.Ask.IsCompletedSuccessfully), world.Asks.Count);
        foreach (var node in world.Rig.Nodes)
        {
            Assert.Equal(0, node.Router.Attempts.Count);
            Assert.Equal(0, node.Router.Parked);
            Assert.Empty(node.Router.Holding);
        }
    }

    private static Gen<(int Kind, int A, int B)[]> Histories() =>
        Gen.Choose(0, 15).Zip(Gen.Choose(0, Nodes - 1).Two()).Select(p => (p.Item1, p.Item2.Item1, p.Item2.Item2)).ArrayOf();

    private sealed class World
    {
        private int _lastId = 100;

        public World()
        {
            Rig = RoutingTests.Rig(Nodes);
        }

        public RouterRig Rig { get; }

        public List<(Task<long> Ask, string Key)> Asks { get; } = [];

        public void Do(int kind, int a, int b)
        {
            var (one, other) = (Rig.Nodes[a], Rig.Nodes[b]);
            switch (kind)
            {
                case 0 or 1 or 2:
                    string key = Rig.Key(b);
                    Asks.Add((one.Ask(key), key));
                    break;
                case 3:
                    Rig.Give(one.Standing.IsOver ? null : one);
                    break;
                case 4:
                    // Only some know of it.
                    Rig.Own(one.Standing.IsOver ? null : one);
                    if (!one.Standing.IsOver) one.Shards.Serve(Enumerable.Range(0, 4).Select(i => new ShardId(i)));
                    break;
                case 5:
                    See(one);
                    break;
                case 6:
                    one.Unlink(other);
                    break;
                case 7:
                    Link(one, other);
                    break;
                case 8:
                    one.Shards.IsSlow = !one.Shards.IsSlow;
                    break;
                case 9:
                    one.Shards.Answer();
                    break;
                case 10:
                    // The answers are lost, so its links are, too.
                    one.Shards.ExecuteSilently();
                    foreach (var peer in one.Links.Keys.ToList()) one.Unlink(peer);
                    break;
                case 11:
                    if (one.Links.TryGetValue(other, out var link)) link.IsFull = !link.IsFull;
                    break;
                case 12:
                    if (!one.Standing.IsOver) one.End();
                    else one.Begin(RouterRig.Id(++_lastId));
                    break;
                case 13:
                    one.Shards.Close(new ShardId(b));
                    break;
                case 14:
                    Rig.Run();
                    break;
                default:
                    Rig.Advance(1 << (a + b + 1));
                    break;
            }
        }

        public void Heal()
        {
            foreach (var node in Rig.Nodes.Where(n => n.Standing.IsOver)) node.Begin(RouterRig.Id(++_lastId));
            foreach (var node in Rig.Nodes)
            {
                node.Shards.IsSlow = false;
                foreach (var link in node.Links.Values) link.IsFull = false;
            }
            Rig.LinkAll();
            Rig.Give(Rig.Nodes[0]);
            foreach (var node in Rig.Nodes) node.Shards.Answer();
            Rig.Advance(2000);
            // All that was not too late by then has been answered, long before its deadline.
            foreach (var (ask, _) in Asks) Assert.True(ask.IsCompleted, "An ask still waits, though its shard is served.");
            Rig.Advance(12_000);
        }

        private void See(RouterNode node)
        {
            if (!node.Standing.IsOver && node.Standing.View.Version < Rig.View.Version) node.See(Rig.View);
        }

        private static void Link(RouterNode one, RouterNode other)
        {
            if (one != other && !one.Links.ContainsKey(other) && !one.Standing.IsOver && !other.Standing.IsOver) one.Link(other);
        }
    }
}
