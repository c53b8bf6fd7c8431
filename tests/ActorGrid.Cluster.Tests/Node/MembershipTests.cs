using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster.Tests;

public sealed class MembershipTests
{
    [Fact]
    public void AClientOwnsNothingAndReachesEverything()
    {
        var rig = new GridRig();
        var (a, _) = (rig.Start("a"), rig.Start("b"));
        rig.UntilWhole();
        var client = rig.Start("");
        for (int i = 0; i < 20; i++) Assert.Equal(1, rig.Result(client.Mark($"k{i}")));
        Assert.Equal(2, a.Cluster.View.Members.Length);
        Assert.Equal(2, client.Cluster.Services.Reachable.Count);
        // It follows the views.
        var c = rig.Start("c");
        rig.UntilWhole();
        a.Kill();
        rig.UntilWhole();
        for (int i = 0; i < 20; i++) Assert.Equal(2, rig.Result(client.Mark($"k{i}")));
        client.Stop();
        Assert.Equal(1, rig.Result(c.Mark("new")));
    }

    [Fact]
    public void AClientThatReachesNobodySaysSoAndItsAskTellsWhereItWaited()
    {
        var rig = new GridRig();
        var client = rig.Start("");
        var ask = client.Mark("x", TimeSpan.FromSeconds(11));
        rig.Until(() => ask.IsCompleted, TimeSpan.FromSeconds(12), "the ask has ended");
        Assert.Contains("as no node that hosts the type has joined the grid", Assert.IsType<AskTimeoutException>(ask.Exception?.InnerException).Message, StringComparison.Ordinal);
        Assert.Equal(1, Complaints());
        var node = rig.Start("a");
        rig.Until(() => client.Cluster.Services.Reachable.Count == 1, TimeSpan.FromSeconds(5), "the client reaches the node");
        rig.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(1, Complaints());
        node.Kill();
        rig.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(2, Complaints());
        client.Stop();

        int Complaints() => rig.Log.Count(static line => line.Contains("reaches none of the", StringComparison.Ordinal));
    }

    [Fact]
    public void AClientReadsNoLeasesWhenANodeDiesSinceItJudgesNobody()
    {
        var rig = new GridRig();
        var (a, b) = (rig.Start("a"), rig.Start("b"));
        rig.UntilWhole();
        var client = rig.Start("");
        rig.Until(() => client.Cluster.Services.Reachable.Count == 2, TimeSpan.FromSeconds(5), "the client reaches both");
        rig.Advance(TimeSpan.FromSeconds(2));
        b.Kill();
        rig.Until(() => a.Cluster.View.Members.Length == 1, TimeSpan.FromSeconds(10), "the dead one is buried");
        Assert.NotEqual(0, a.ClusterStore.LeaseReads);
        Assert.Equal(0, client.ClusterStore.LeaseReads);
        client.Stop();
    }

    [Fact]
    public void AClientWaitsForTheFirstMembers()
    {
        var rig = new GridRig();
        var client = rig.Start("");
        var ask = client.Mark("x", TimeSpan.FromSeconds(30));
        rig.Advance(TimeSpan.FromSeconds(3));
        Assert.False(ask.IsCompleted);
        rig.Start("a");
        Assert.Equal(1, rig.Result(ask));
    }

    [Fact]
    public void ATypeWithARoleLivesOnNodesOfThatRole()
    {
        var anywhere = EntityType.Create<Tally>("tally", TallyJson.Default);
        var special = EntityType.Create<OtherTally>("special", OtherTallyJson.Default, new EntityOptions { Role = "gold" });
        var rig = new GridRig(types: [anywhere, special]);
        var plain = rig.Start("plain");
        // Nobody plays the role: such asks wait.
        var early = rig.Dispatcher.Start(() => plain.Cluster.Router.AskAsync(EntityId.Create("special", "x"), new OtherMark(), new AskOptions { Timeout = TimeSpan.FromMinutes(1) }));
        rig.Advance(TimeSpan.FromSeconds(2));
        Assert.False(early.IsCompleted);
        var gold = rig.Start("gold", new ClusterOptions { Roles = ["gold"] });
        rig.UntilWhole();
        Assert.Equal(1, rig.Result(early));
        var view = plain.Cluster.View;
        Assert.All(view.Shards.Skip(16), s => Assert.Equal(gold.Cluster.Incarnation, s.Owner));
        Assert.Equal(1, rig.Result(plain.Mark("x")));
        Assert.Equal(2, rig.Result(rig.Dispatcher.Start(() => plain.Cluster.Router.AskAsync(EntityId.Create("special", "x"), new OtherMark()))));
    }

    [Fact]
    public void AnUpgradeMovesEachShardOnce()
    {
        var rig = new GridRig(shards: 32);
        foreach (string endpoint in new[] { "a", "b", "c" }) rig.Start(endpoint, new ClusterOptions { Version = 1 });
        rig.UntilWhole();
        var asker = rig.Nodes[0];
        for (int i = 0; i < 20; i++) Assert.Equal(1, rig.Result(asker.Mark($"k{i}")));
        long[] terms = [.. asker.Cluster.View.Shards.Select(s => s.Term)];
        int marks = 1;
        foreach (string endpoint in new[] { "a", "b", "c" })
        {
            rig.Nodes.First(n => n.IsRunning && n.Endpoint == endpoint).Stop();
            asker = rig.Start(endpoint, new ClusterOptions { Version = 2 });
            rig.UntilWhole();
            marks++;
            for (int i = 0; i < 20; i++) Assert.Equal(marks, rig.Result(asker.Mark($"k{i}")));
        }
        // From the old to the new once; and then from the first of the new to the others, which came later.
        Assert.All(asker.Cluster.View.Shards.Select((s, i) => s.Term - terms[i]), moves => Assert.InRange(moves, 1, 3));
    }

    [Fact]
    public void AllLeaveOneAfterTheOtherAndTheGridComesBack()
    {
        var rig = new GridRig();
        foreach (string endpoint in new[] { "a", "b", "c" }) rig.Start(endpoint);
        rig.UntilWhole();
        for (int i = 0; i < 20; i++) Assert.Equal(1, rig.Result(rig.Nodes[0].Mark($"k{i}")));
        foreach (var node in rig.Nodes) node.Stop();
        var again = rig.Start("d");
        rig.UntilWhole();
        Assert.Single(again.Cluster.View.Members);
        for (int i = 0; i < 20; i++) Assert.Equal(2, rig.Result(again.Mark($"k{i}")));
    }

    [Fact]
    public void AllLeaveAtOnce()
    {
        var rig = new GridRig();
        foreach (string endpoint in new[] { "a", "b", "c" }) rig.Start(endpoint);
        rig.UntilWhole();
        List<Task> stops = [.. rig.Nodes.Select(n => rig.Dispatcher.Start(() => n.Cluster.StopAsync()))];
        rig.Until(() => stops.TrueForAll(s => s.IsCompleted), TimeSpan.FromSeconds(20), "all have stopped");
        Assert.All(stops, s => Assert.True(s.IsCompletedSuccessfully));
    }

    [Fact]
    public void AStopInAHurryLeavesTheRestToTheOthers()
    {
        var rig = new GridRig();
        var (a, b) = (rig.Start("a"), rig.Start("b"));
        rig.UntilWhole();
        for (int i = 0; i < 20; i++) Assert.Equal(1, rig.Result(a.Mark($"k{i}")));
        b.Stop(new CancellationToken(canceled: true));
        for (int i = 0; i < 20; i++) Assert.Equal(2, rig.Result(a.Mark($"k{i}")));
        rig.UntilWhole();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void OnceAStopInAHurryWasAskedForNothingIsAnsweredFromMemory(bool isAskedForTwice)
    {
        var rig = new GridRig();
        var (a, b) = (rig.Start("a"), rig.Start("b"));
        rig.UntilWhole();
        string key = Enumerable.Range(0, 100).Select(i => $"k{i}")
            .First(k => b.Cluster.View[b.Cluster.View.ShardOf(Persistence.EntityId.Create("tally", k))].Owner == b.Cluster.Incarnation);
        Assert.Equal(1, rig.Result(a.Mark(key)));
        b.Sleep();
        var asked = b.Get(key);
        rig.Dispatcher.RunUntilIdle();
        // The actor of the node is held up, so it does not even hear of the stop; the host closes the transport all the same.
        if (isAskedForTwice) rig.Dispatcher.Start(() => b.Cluster.StopAsync());
        rig.Dispatcher.Start(() => b.Cluster.StopAsync(new CancellationToken(canceled: true)));
        b.Processor.Wake();
        rig.Dispatcher.RunUntilIdle();
        Assert.False(asked.IsCompletedSuccessfully);
        b.Control.Wake();
        rig.Until(() => asked.IsCompleted, TimeSpan.FromSeconds(15), "the ask has ended");
        Assert.False(asked.IsCompletedSuccessfully);
        b.Stop();
    }

    [Fact]
    public void AStartThatIsCancelledLeavesNothingBehind()
    {
        var rig = new GridRig();
        using var patience = new CancellationTokenSource();
        var a = rig.Begin("a", prepare: n => n.ClusterStore.IsDown = true, cancellationToken: patience.Token);
        rig.Advance(TimeSpan.FromSeconds(5));
        Assert.False(a.Starting.IsCompleted);
        patience.Cancel();
        rig.Until(() => a.Starting.IsCompleted, TimeSpan.FromSeconds(30), "the start has ended");
        Assert.True(a.Starting.IsCanceled, a.Starting.Exception?.ToString());
    }

    [Fact]
    public void WhatCanNeverJoinIsToldWhy()
    {
        var rig = new GridRig();
        rig.Start("a");
        var b = rig.Begin("b", types: [EntityType.Create<Tally>("tally", TallyJson.Default, new EntityOptions { Role = "gold" })]);
        rig.Until(() => b.Starting.IsCompleted, TimeSpan.FromSeconds(30), "the start has ended");
        var e = Assert.IsType<InvalidOperationException>(b.Starting.Exception?.InnerException);
        Assert.Contains("tally", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("b")]
    [InlineData("")]
    public void WhoMeansSomethingElseByALeaseIsToldWhy(string endpoint)
    {
        var rig = new GridRig();
        var a = rig.Start("a");
        var options = new ClusterOptions { LeaseDuration = TimeSpan.FromSeconds(4), LeaseDrift = TimeSpan.FromMilliseconds(100) };
        var b = rig.Begin(endpoint, options);
        rig.Until(() => b.Starting.IsCompleted, TimeSpan.FromSeconds(30), "the start has ended");
        var e = Assert.IsType<InvalidOperationException>(b.Starting.Exception?.InnerException);
        Assert.Contains("Leases last 3000 ms and 300 ms of drift in the grid test", e.Message, StringComparison.Ordinal);
        Assert.Contains("4000 ms and 100 ms of drift here", e.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(ClusterOptions.LeaseDuration), e.Message, StringComparison.Ordinal);
        // Once nobody is in the grid, whoever joins first says what a lease is.
        a.Stop();
        rig.Nodes.Clear();
        Assert.Equal(new LeaseTerms(options.LeaseDuration, options.LeaseDrift), rig.Start("c", options).Cluster.View.Lease);
    }

    [Fact]
    public void OptionsOutOfRangeAreNamed()
    {
        foreach (var (options, name) in new (ClusterOptions, string)[]
        {
            (new() { Name = "" }, nameof(ClusterOptions.Name)),
            (new() { Roles = ["a", "a"] }, nameof(ClusterOptions.Roles)),
            (new() { Weight = 0 }, nameof(ClusterOptions.Weight)),
            (new() { Version = -1 }, nameof(ClusterOptions.Version)),
            (new() { LeaseDuration = TimeSpan.Zero }, nameof(ClusterOptions.LeaseDuration)),
            (new() { LeaseRenewEvery = TimeSpan.FromSeconds(2) }, nameof(ClusterOptions.LeaseRenewEvery)),
            (new() { LeaseDrift = TimeSpan.FromSeconds(-1) }, nameof(ClusterOptions.LeaseDrift)),
            (new() { HeartbeatEvery = TimeSpan.Zero }, nameof(ClusterOptions.HeartbeatEvery)),
            (new() { SilentAfter = TimeSpan.FromMilliseconds(300) }, nameof(ClusterOptions.SilentAfter)),
            (new() { MovesMax = 0 }, nameof(ClusterOptions.MovesMax)),
            (new() { ParkedAsksMax = 0 }, nameof(ClusterOptions.ParkedAsksMax)),
        })
        {
            Assert.StartsWith(name, Assert.Throws<ArgumentException>(options.Check).Message, StringComparison.Ordinal);
        }
    }
}
