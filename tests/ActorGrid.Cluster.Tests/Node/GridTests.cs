namespace ActorGrid.Cluster.Tests;

public sealed class GridTests
{
    private readonly GridRig _rig = new();

    [Fact]
    public void OneNodeIsAGrid()
    {
        var a = _rig.Start("a");
        _rig.UntilWhole();
        Assert.Equal(16, a.Owned);
        Assert.Equal(1, _rig.Result(a.Mark("x")));
        Assert.Equal(1, _rig.Result(a.Get("x")));
    }

    [Fact]
    public void NodesShareTheShardsAndAnswerFromAnywhere()
    {
        var (a, b, c) = (_rig.Start("a"), _rig.Start("b"), _rig.Start("c"));
        _rig.UntilWhole();
        Assert.All(_rig.Nodes, n => Assert.InRange(n.Owned, 1, 14));
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(1, _rig.Result(a.Mark($"k{i}")));
            Assert.Equal(2, _rig.Result(b.Mark($"k{i}")));
            Assert.Equal(2, _rig.Result(c.Get($"k{i}")));
        }
    }

    [Fact]
    public void AKilledNodeCostsAFractionOfASecond()
    {
        var (a, b, c) = (_rig.Start("a"), _rig.Start("b"), _rig.Start("c"));
        _rig.UntilWhole();
        for (int i = 0; i < 20; i++) Assert.Equal(1, _rig.Result(a.Mark($"k{i}")));
        c.Kill();
        List<Task<int>> asks = [.. Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? a : b).Mark($"k{i}"))];
        var took = _rig.TimeUntil(() => asks.TrueForAll(t => t.IsCompleted), TimeSpan.FromSeconds(5), "all asks have ended");
        Assert.All(asks, t => Assert.Equal(2, t.Result));
        Assert.True(took < TimeSpan.FromMilliseconds(500), $"It took {took}.");
        _rig.UntilWhole();
        Assert.Equal(2, a.Cluster.View.Members.Length);
    }

    [Fact]
    public void ANodeThatLeavesCostsNothing()
    {
        var (a, b, c) = (_rig.Start("a"), _rig.Start("b"), _rig.Start("c"));
        _rig.UntilWhole();
        for (int i = 0; i < 20; i++) Assert.Equal(1, _rig.Result(a.Mark($"k{i}")));
        c.Stop();
        Assert.Equal(DepartureCause.Left, a.Cluster.View.Departures.Last().Cause);
        _rig.UntilWhole();
        for (int i = 0; i < 20; i++) Assert.Equal(2, _rig.Result(b.Mark($"k{i}")));
        b.Stop();
        a.Stop();
    }
}
