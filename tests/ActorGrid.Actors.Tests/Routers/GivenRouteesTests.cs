using ActorGrid.Testing;

namespace ActorGrid.Actors.Tests;

/// <summary>Routers over actors that there are already.</summary>
public sealed class GivenRouteesTests
{
    [Fact]
    public void A_router_hands_on_to_those_given_leaves_out_who_stops_and_stops_nobody()
    {
        var sim = new Sim();
        var got = new List<string>();
        ActorRef<int>[] routees = [.. new[] { "a", "b", "c" }.Select(name => sim.Spawn<int>((m, _) => { got.Add($"{name}{m}"); return default; }, name))];
        RouterRef<int> router = sim.System.SpawnRouter(routees, name: "router");
        for (int i = 0; i < 4; i++) router.Tell(i);
        sim.Run();
        Assert.Equal(["a0", "a3", "b1", "c2"], got.Order());
        routees[1].Stop();
        sim.Run();
        Assert.Equal(2, router.RouteeCount);
        got.Clear();
        for (int i = 4; i < 8; i++) router.Tell(i);
        sim.Run();
        Assert.Equal(4, got.Count);
        Assert.DoesNotContain(got, one => one.StartsWith('b'));
        router.Stop();
        sim.Run();
        Assert.False(routees[0].HasStopped);
        router.Tell(9);
        Assert.Equal(1, sim.System.DeadLetters.Count);
    }

    [Fact]
    public void A_router_may_be_a_child_and_its_routees_routers()
    {
        var sim = new Sim();
        var got = new List<int>();
        ActorRef<int> outer = null!;
        sim.Spawn<int>((_, _) => default, "parent", with: a => a.OnStart = c =>
        {
            ActorRef<int> inner = c.SpawnPool(() => Sim.Make<int>((m, _) => { got.Add(m); return default; }), new PoolOptions(2), "inner");
            outer = c.SpawnRouter([inner], name: "outer");
            return default;
        });
        sim.Run();
        Assert.Equal("/parent/outer", outer.Path);
        for (int i = 0; i < 10; i++) outer.Tell(i);
        sim.Run();
        Assert.Equal(Enumerable.Range(0, 10), got.Order());
    }

    [Fact]
    public void The_smallest_mailbox_is_found_among_those_that_count()
    {
        var sim = new Sim();
        var got = new List<string>();
        var bounded = new SpawnOptions { MailboxCapacity = 10 };
        ActorRef<int>[] routees = [Spawn("a"), Spawn("b")];
        ActorRef<int> router = sim.System.SpawnRouter(routees, routing: Routing<int>.SmallestMailbox);
        sim.Run();
        for (int i = 0; i < 6; i++) routees[0].Tell(i);
        for (int i = 0; i < 6; i++) router.Tell(i);
        sim.Run();
        Assert.Equal(6, got.Count(one => one == "b"));

        ActorRef<int> Spawn(string name) => sim.Spawn<int>((_, _) => { got.Add(name); return default; }, name, bounded);
    }

    [Fact]
    public void Who_has_stopped_is_the_last_to_have_the_smallest_mailbox()
    {
        var sim = new Sim();
        var aside = new ManualDispatcher();
        int got = 0;
        ActorRef<int>[] routees = [Spawn(), Spawn()];
        ActorRef<int> router = sim.System.SpawnRouter(routees, routing: Routing<int>.SmallestMailbox);
        sim.Run();
        routees[1].Stop();
        // The router's own actor does not run, and so does not hear of it.
        aside.RunUntilIdle();
        for (int i = 0; i < 5; i++) router.Tell(i);
        aside.RunUntilIdle();
        Assert.Equal(5, got);
        Assert.Equal(0, sim.System.DeadLetters.Count);

        ActorRef<int> Spawn() => sim.Spawn<int>((_, _) => { got++; return default; }, options: new SpawnOptions { MailboxCapacity = 10, Dispatcher = aside });
    }

    [Fact]
    public void What_cannot_be_routed_is_refused()
    {
        var sim = new Sim();
        ActorRef<int> plain = sim.Spawn<int>((_, _) => default, "plain");
        Assert.Contains("index 1", Assert.Throws<ArgumentException>(() => sim.System.SpawnRouter([plain, null!])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => sim.System.SpawnRouter<int>([]));
        Assert.Contains("/plain", Assert.Throws<ArgumentException>(() => sim.System.SpawnRouter([plain], routing: Routing<int>.SmallestMailbox)).Message, StringComparison.Ordinal);
        // Nothing is left behind that would keep the system from stopping.
        sim.Dispatcher.Run(() => sim.System.StopAsync());
    }
}
