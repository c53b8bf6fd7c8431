namespace ActorGrid.Cluster.Tests;

public sealed class FaultTests
{
    private readonly GridRig _rig = new();

    [Fact]
    public void AllNodesRestartAtOnceOnTheSameEndpoints()
    {
        foreach (string endpoint in new[] { "a", "b", "c" }) _rig.Start(endpoint);
        _rig.UntilWhole();
        Fill();
        var old = _rig.Nodes.ToList();
        foreach (var node in old) node.Kill();
        _rig.Advance(TimeSpan.FromSeconds(1));
        var begun = new[] { "a", "b", "c" }.Select(e => _rig.Begin(e)).ToList();
        var took = _rig.TimeUntil(() => begun.TrueForAll(n => n.Starting.IsCompleted), TimeSpan.FromSeconds(10), "all are Up again");
        Assert.True(took < TimeSpan.FromSeconds(1), $"It took {took}.");
        _rig.UntilWhole();
        CheckFilled(begun[1]);
    }

    [Fact]
    public void ANodeOnAnotherHostWaitsForTheLeaseOfWhoeverHadItsEndpoint()
    {
        _rig.Start("a");
        _rig.UntilWhole();
        Fill();
        // For all that the new one can know, the old one has only lost its connection to the store.
        _rig.Nodes[0].Kill();
        var other = _rig.Begin("a", host: "another");
        var took = _rig.TimeUntil(() => other.Starting.IsCompleted, TimeSpan.FromSeconds(10), "the new one is Up");
        Assert.True(took >= new ClusterOptions().LeaseDuration - new ClusterOptions().LeaseRenewEvery, $"It took {took}.");
        Assert.Equal(DepartureCause.Expired, other.Cluster.View.Departures.Last().Cause);
        CheckFilled(other);
    }

    [Fact]
    public void ANodeThatWasTakenForDeadWhileItSleptAnswersNothingAndJoinsAgain()
    {
        var (a, b, c) = (_rig.Start("a"), _rig.Start("b"), _rig.Start("c"));
        _rig.UntilWhole();
        Fill();
        var incarnation = c.Cluster.Incarnation;
        string key = Enumerable.Range(0, 20).Select(i => $"k{i}")
            .First(k => c.Cluster.View[c.Cluster.View.ShardOf(Persistence.EntityId.Create("tally", k))].Owner == incarnation);
        c.Sleep();
        var buffered = c.Get(key, TimeSpan.FromMinutes(1));
        _rig.Until(() => a.Cluster.View.Find(incarnation) is null, TimeSpan.FromSeconds(10), "it is taken for dead");
        Assert.Equal(DepartureCause.Expired, a.Cluster.View.Departures.Last().Cause);
        Assert.Equal(2, _rig.Result(a.Mark(key)));
        c.Wake();
        _rig.UntilWhole();
        Assert.NotEqual(incarnation, c.Cluster.Incarnation);
        // The ask that it had taken before it fell asleep sees what was acknowledged meanwhile.
        Assert.Equal(2, _rig.Result(buffered));
        Assert.InRange(c.Owned, 1, 14);
        Assert.Equal(3, _rig.Result(b.Mark(key)));
    }

    [Fact]
    public void AMachineThatVanishesIsWaitedOut()
    {
        var (a, b, c) = (_rig.Start("a"), _rig.Start("b"), _rig.Start("c"));
        _rig.UntilWhole();
        Fill();
        c.Vanish();
        List<Task<int>> asks = [.. Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? a : b).Mark($"k{i}"))];
        var took = _rig.TimeUntil(() => asks.TrueForAll(t => t.IsCompleted), TimeSpan.FromSeconds(10), "all asks have ended");
        Assert.All(asks, t => Assert.Equal(2, t.Result));
        Assert.True(took >= TimeSpan.FromSeconds(2) && took <= TimeSpan.FromSeconds(5), $"{took}\n{string.Join('\n', _rig.Log)}");
        _rig.UntilWhole();
    }

    [Fact]
    public void ANodeThatIsCutOffFromTheOthersButNotFromTheStoreIsVotedOutAndComesBack()
    {
        var (a, b, c) = (_rig.Start("a"), _rig.Start("b"), _rig.Start("c"));
        _rig.UntilWhole();
        Fill();
        var incarnation = c.Cluster.Incarnation;
        CutOff(c, a, b);
        _rig.Until(() => a.Cluster.View.Find(incarnation) is null, TimeSpan.FromSeconds(10), "it is voted out");
        Assert.Equal(DepartureCause.Silent, a.Cluster.View.Departures.Last().Cause);
        _rig.Until(() => a.Cluster.View.Shards.All(s => s.Owner == a.Cluster.Incarnation || s.Owner == b.Cluster.Incarnation), TimeSpan.FromSeconds(5), "they take over");
        for (int i = 0; i < 20; i++) Assert.Equal(2, _rig.Result((i % 2 == 0 ? a : b).Mark($"k{i}")));
        _rig.Advance(TimeSpan.FromSeconds(5));
        Assert.DoesNotContain(a.Cluster.View.Members, m => m.Name == "c" && m.Status == MemberStatus.Up);
        _rig.Network.Mend();
        _rig.UntilWhole();
        Assert.NotEqual(incarnation, c.Cluster.Incarnation);
        for (int i = 0; i < 20; i++) Assert.Equal(2, _rig.Result(c.Get($"k{i}")));
    }

    [Fact]
    public void TwoNodesThatCannotReachEachOtherAskThroughAThird()
    {
        var (a, b, c) = (_rig.Start("a"), _rig.Start("b"), _rig.Start("c"));
        _rig.UntilWhole();
        Fill();
        _rig.Network.Cut("a", "b");
        _rig.Network.Cut("b", "a");
        _rig.Advance(TimeSpan.FromSeconds(15));
        Assert.All(new[] { a, b, c }, n => Assert.Equal(3, n.Cluster.View.Members.Length));
        for (int i = 0; i < 20; i++) Assert.Equal(2, _rig.Result(a.Mark($"k{i}")));
        for (int i = 0; i < 20; i++) Assert.Equal(2, _rig.Result(b.Get($"k{i}")));
    }

    [Fact]
    public void AStoreOutageLongerThanTheLeaseMovesNothing()
    {
        var (a, b) = (_rig.Start("a"), _rig.Start("b"));
        _rig.UntilWhole();
        Fill();
        long version = a.Cluster.View.Version;
        var incarnations = (a.Cluster.Incarnation, b.Cluster.Incarnation);
        foreach (var node in _rig.Nodes) node.ClusterStore.IsDown = true;
        _rig.Advance(TimeSpan.FromSeconds(20));
        // Nobody trusts its lease any more, so what it has in memory answers nobody.
        List<Task<int>> asks = [.. Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? a : b).Get($"k{i}", TimeSpan.FromSeconds(30)))];
        _rig.Advance(TimeSpan.FromSeconds(2));
        Assert.DoesNotContain(asks, t => t.IsCompleted);
        foreach (var node in _rig.Nodes) node.ClusterStore.IsDown = false;
        var took = _rig.TimeUntil(() => asks.TrueForAll(t => t.IsCompleted), TimeSpan.FromSeconds(5), "all asks have ended");
        Assert.All(asks, t => Assert.Equal(1, t.Result));
        Assert.True(took < TimeSpan.FromSeconds(2), $"It took {took}.");
        _rig.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(version, a.Cluster.View.Version);
        Assert.Equal(incarnations, (a.Cluster.Incarnation, b.Cluster.Incarnation));
    }

    [Fact]
    public void ARenewalThatHangsIsTriedAgainBeforeTheLeaseRunsOut()
    {
        var (a, b) = (_rig.Start("a"), _rig.Start("b"));
        _rig.UntilWhole();
        var incarnation = a.Cluster.Incarnation;
        a.ClusterStore.RenewalsToHang = 1;
        _rig.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(0, a.ClusterStore.RenewalsToHang);
        Assert.NotNull(b.Cluster.View.Find(incarnation));
    }

    [Fact]
    public void AStoreThatCanBeReadAndNotWrittenIsNotWornOut()
    {
        var (a, b) = (_rig.Start("a"), _rig.Start("b"));
        _rig.UntilWhole();
        a.ClusterStore.IsReadOnly = true;
        int writes = a.ClusterStore.Writes;
        b.Kill();
        _rig.Advance(TimeSpan.FromSeconds(5));
        Assert.InRange(a.ClusterStore.Writes - writes, 3, 20);
        a.ClusterStore.IsReadOnly = false;
        _rig.UntilWhole(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void AProposalWhoseAnswerIsLostIsNeitherAssumedNorRepeated()
    {
        var a = _rig.Start("a");
        _rig.UntilWhole();
        var b = _rig.Begin("b");
        a.ClusterStore.AnswersToLose = 3;
        b.ClusterStore.AnswersToLose = 3;
        _rig.Until(() => b.Starting.IsCompleted, TimeSpan.FromSeconds(10), "b is Up");
        _rig.UntilWhole();
        Fill();
        a.ClusterStore.AnswersToLose = 2;
        b.Stop();
        _rig.UntilWhole();
        CheckFilled(a);
    }

    [Fact]
    public void AKilledNodeComesBackAtOnceOnItsEndpoint()
    {
        var (a, b) = (_rig.Start("a"), _rig.Start("b"));
        _rig.UntilWhole();
        Fill();
        b.Kill();
        var again = _rig.Begin("b");
        var took = _rig.TimeUntil(() => again.Starting.IsCompleted, TimeSpan.FromSeconds(5), "b is Up again");
        Assert.True(took < TimeSpan.FromSeconds(1), $"It took {took}.");
        _rig.UntilWhole();
        Assert.Equal(DepartureCause.Gone, a.Cluster.View.Departures.Last().Cause);
        CheckFilled(again);
    }

    [Fact]
    public void ANodeWhoseEntitiesMakeNoProgressLosesItsLeaseThoughItsHeartGoesOn()
    {
        var (a, b, c) = (_rig.Start("a"), _rig.Start("b"), _rig.Start("c"));
        _rig.UntilWhole();
        Fill();
        var incarnation = c.Cluster.Incarnation;
        c.Processor.Sleep();
        _rig.Advance(TimeSpan.FromSeconds(2));
        Assert.NotNull(a.Cluster.View.Find(incarnation));
        _rig.Until(() => a.Cluster.View.Find(incarnation) is null, TimeSpan.FromSeconds(3), "it is taken for dead");
        Assert.Equal(DepartureCause.Expired, a.Cluster.View.Departures.Last().Cause);
        for (int i = 0; i < 20; i++) Assert.Equal(2, _rig.Result((i % 2 == 0 ? a : b).Mark($"k{i}")));
        c.Processor.Wake();
        _rig.UntilWhole();
        for (int i = 0; i < 20; i++) Assert.Equal(2, _rig.Result(c.Get($"k{i}")));
    }

    [Fact]
    public void ANodeThatJoinsIsUpAtOnce()
    {
        _rig.Start("a");
        _rig.Start("b");
        var c = _rig.Begin("c");
        var took = _rig.TimeUntil(() => c.Starting.IsCompleted, TimeSpan.FromSeconds(5), "c is Up");
        Assert.True(took < TimeSpan.FromMilliseconds(100), $"It took {took}.");
        took = _rig.TimeUntil(() => Owned() == 1, TimeSpan.FromSeconds(5), "c has its first shard");
        Assert.True(took < TimeSpan.FromMilliseconds(200), $"It took {took}.");
        // A slow start: what c does for the first time is borne by the callers of one shard.
        _rig.Advance(TimeSpan.FromMilliseconds(900));
        Assert.Equal(1, Owned());
        took = _rig.TimeUntil(_rig.IsWhole, TimeSpan.FromSeconds(5), "all shards have moved");
        Assert.True(took < TimeSpan.FromMilliseconds(500), $"It took {took}.");

        int Owned() => c.Cluster.View.Shards.Count(shard => shard.Owner == c.Cluster.Incarnation);
    }

    [Fact]
    public void ANodeWhoseHostWasSuspendedDoesNotTrustItsLease()
    {
        var (a, _) = (_rig.Start("a"), _rig.Start("b"));
        _rig.UntilWhole();
        Fill();
        // The monotonic clock stood still, the time since boot did not.
        a.Boot.Suspended = TimeSpan.FromMinutes(1);
        List<Task<int>> asks = [.. Enumerable.Range(0, 20).Select(i => a.Get($"k{i}"))];
        _rig.Dispatcher.RunUntilIdle();
        Assert.Contains(asks, t => !t.IsCompleted);
        _rig.Advance(TimeSpan.FromSeconds(2));
        Assert.All(asks, t => Assert.Equal(1, t.Result));
    }

    private void CutOff(GridRig.Node node, params GridRig.Node[] others)
    {
        foreach (var other in others)
        {
            _rig.Network.Cut(node.Endpoint, other.Endpoint);
            _rig.Network.Cut(other.Endpoint, node.Endpoint);
        }
    }

    private void Fill()
    {
        var node = _rig.Nodes.First(n => n.IsRunning);
        for (int i = 0; i < 20; i++) Assert.Equal(1, _rig.Result(node.Mark($"k{i}")));
    }

    private void CheckFilled(GridRig.Node node)
    {
        for (int i = 0; i < 20; i++) Assert.Equal(1, _rig.Result(node.Get($"k{i}")));
    }
}
