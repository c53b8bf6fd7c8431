namespace ActorGrid.Cluster.Tests;

public sealed class PeerTests
{
    private readonly PeerRig _rig = new();

    [Fact]
    public void MembersFindEachOtherAtOnce()
    {
        var (a, b, c) = (_rig.Start("a"), _rig.Start("b"), _rig.Start("c"));
        _rig.Meet(a, b, c);
        _rig.Advance(1);
        foreach (var (from, to) in new[] { (a, b), (b, a), (a, c), (c, a), (b, c), (c, b) })
        {
            Assert.True(from.SightOf(to).IsReachable, $"{from.Transport.Endpoint} does not reach {to.Transport.Endpoint}.");
            Assert.Equal(to.Incarnation, from.Standing.Links[to.Incarnation].Peer.Incarnation);
            Assert.Single(from.RouterTold.OfType<LinkOpened>(), l => l.Peer == to.Incarnation);
        }
    }

    [Fact]
    public void WhoStopsInOrderIsNotToldOfTheLinksThatItCloses()
    {
        var a = _rig.Start("a");
        a.Transport.OpenPrompt(new NodeHello("test", Guid.NewGuid(), "client", ""));
        _rig.Advance(1000);
        Assert.Single(a.Standing.Links);
        a.Stop();
        Assert.Empty(a.System.DeadLetters.Recent);
    }

    [Fact]
    public void AKilledPeerIsRefusedAtOnce()
    {
        var (a, b) = (_rig.Start("a"), _rig.Start("b"));
        _rig.Meet(a, b);
        _rig.Advance(1000);
        b.Kill();
        _rig.Dispatcher.RunUntilIdle();
        var sight = a.SightOf(b);
        Assert.False(sight.IsReachable);
        Assert.True(sight.IsRefused);
        Assert.Single(a.RouterTold.OfType<LinkClosed>());
        Assert.Empty(a.Standing.Links);
    }

    [Fact]
    public void AKilledPeerWhosePortClosesAfterItsLinksIsRefusedAMomentLater()
    {
        var (a, b) = (_rig.Start("a"), _rig.Start("b"));
        _rig.Meet(a, b);
        _rig.Advance(1000);
        a.Transport.DialsThatBreakOff = 1;
        b.Kill();
        _rig.Dispatcher.RunUntilIdle();
        Assert.False(a.SightOf(b).IsRefused);
        _rig.Advance(10);
        Assert.True(a.SightOf(b).IsRefused);
    }

    [Fact]
    public void AKilledPeerIsRefusedAtOnceHoweverOftenItsLinksBrokeBefore()
    {
        var (a, b) = (_rig.Start("a"), _rig.Start("b"));
        _rig.Meet(a, b);
        _rig.Advance(1000);
        for (int i = 0; i < 5; i++)
        {
            a.Standing.Links.Values.Single().Close();
            _rig.Advance(1000);
        }
        _rig.Advance(2000);
        b.Kill();
        _rig.Dispatcher.RunUntilIdle();
        Assert.True(a.SightOf(b).IsRefused);
    }

    [Fact]
    public void SilenceInOneDirectionIsSeenByBoth()
    {
        var (a, b) = (_rig.Start("a"), _rig.Start("b"));
        _rig.Meet(a, b);
        _rig.Advance(1000);
        _rig.Network.Cut("a", "b");
        _rig.Advance(700);
        Assert.True(a.SightOf(b).IsReachable);
        Assert.True(b.SightOf(a).IsReachable);
        _rig.Advance(800);
        Assert.False(a.SightOf(b).IsReachable);
        Assert.False(b.SightOf(a).IsReachable);
        Assert.False(a.SightOf(b).IsRefused);
        _rig.Network.Mend();
        _rig.Advance(600);
        Assert.True(a.SightOf(b).IsReachable);
        Assert.True(b.SightOf(a).IsReachable);
        // It has lost heartbeats, and does not go on as if it had not.
        Assert.Single(a.RouterTold.OfType<LinkClosed>());
    }

    [Fact]
    public void ALinkThatIsSilentForLongIsReplaced()
    {
        var (a, b) = (_rig.Start("a"), _rig.Start("b"));
        _rig.Meet(a, b);
        _rig.Advance(1000);
        _rig.Network.Cut("a", "b");
        _rig.Network.Cut("b", "a");
        _rig.Advance(10_000);
        Assert.Empty(a.Standing.Links);
        Assert.False(a.SightOf(b).IsRefused);
        _rig.Network.Mend();
        _rig.Advance(1100);
        Assert.True(a.SightOf(b).IsReachable);
        Assert.True(b.SightOf(a).IsReachable);
    }

    [Fact]
    public void WhoeverWasHeldUpItselfTakesNobodyForSilent()
    {
        var (a, b) = (_rig.Start("a"), _rig.Start("b"));
        _rig.Meet(a, b);
        _rig.Advance(1000);
        int told = a.Told.OfType<PeersSeen>().Count();
        // The clock goes on, and nobody runs.
        _rig.Clock.Advance(TimeSpan.FromSeconds(20));
        _rig.Dispatcher.RunUntilIdle();
        _rig.Advance(5000);
        Assert.Equal(told, a.Told.OfType<PeersSeen>().Count());
        Assert.True(a.SightOf(b).IsReachable);
    }

    [Fact]
    public void AnotherIncarnationAtItsAddressIsAWitnessThatAMemberHasGone()
    {
        var (a, b) = (_rig.Start("a"), _rig.Start("b"));
        _rig.Meet(a, b);
        _rig.Advance(1000);
        b.Kill();
        var next = _rig.Start("b");
        _rig.Advance(2000);
        Assert.True(a.SightOf(b).IsRefused);
        Assert.Contains(next.Incarnation, a.Standing.Links.Keys);
        // It goes, and nobody listens there: still so.
        next.Kill();
        _rig.Advance(2000);
        Assert.True(a.SightOf(b).IsRefused);
        Assert.Empty(a.Standing.Links);
    }

    [Fact]
    public void TwoThatStartAnewAtTheAddressesOfTwoMembersDoNotDialEachOtherWithoutEnd()
    {
        var (a, b) = (_rig.Start("a"), _rig.Start("b"));
        _rig.Meet(a, b);
        _rig.Advance(1000);
        a.Kill();
        b.Kill();
        var (nextA, nextB) = (_rig.Start("a"), _rig.Start("b"));
        // The view names those who were there before.
        nextA.Meet(a, b);
        nextB.Meet(a, b);
        _rig.Dispatcher.RunUntilIdle();
        _rig.Advance(2000);
        Assert.InRange(nextA.Transport.Dials, 1, 10);
        Assert.InRange(nextB.Transport.Dials, 1, 10);
        Assert.Contains(nextB.Incarnation, nextA.Standing.Links.Keys);
    }

    [Fact]
    public void ALinkThatClosesAgainAndAgainWithoutAWordIsDialledEverMoreSlowly()
    {
        var (a, b) = (_rig.Start("a"), _rig.Start("b"));
        _rig.Meet(a, b);
        _rig.Advance(1000);
        int dials = a.Transport.Dials;
        b.Transport.IsClosing = true;
        a.Standing.Links[b.Incarnation].Close();
        _rig.Advance(10_000);
        Assert.InRange(a.Transport.Dials - dials, 2, 40);
        b.Transport.IsClosing = false;
        _rig.Advance(1500);
        Assert.True(a.SightOf(b).IsReachable);
    }

    [Fact]
    public void ARefusalThatWasForAnotherBeforeItIsNoWitness()
    {
        var (a, b) = (_rig.Start("a"), _rig.Start("b"));
        _rig.Meet(a, b);
        _rig.Advance(1000);
        _rig.Network.Cut("a", "b");
        _rig.Network.Cut("b", "a");
        a.Standing.Links[b.Incarnation].Close();
        _rig.Dispatcher.RunUntilIdle();
        Assert.False(a.SightOf(b).IsReachable);
        // Its own dial has failed already.
        a.Refuse("b");
        Assert.False(a.SightOf(b).IsRefused);
        _rig.Network.Mend();
        _rig.Advance(1100);
        Assert.True(a.SightOf(b).IsReachable);
    }

    [Fact]
    public void WhatIsNoMessageCostsTheLink()
    {
        var (a, b) = (_rig.Start("a"), _rig.Start("b"));
        _rig.Meet(a, b);
        _rig.Advance(1000);
        a.Standing.Links[b.Incarnation].Send([1, 2, 3], Lane.Data);
        _rig.Dispatcher.RunUntilIdle();
        Assert.Single(a.RouterTold.OfType<LinkClosed>());
        _rig.Advance(100);
        Assert.True(a.SightOf(b).IsReachable);
    }

    [Fact]
    public void WhenBothDialAtOnceNothingIsLost()
    {
        var (a, b) = (_rig.Start("a"), _rig.Start("b"));
        _rig.Meet(a, b);
        _rig.Advance(1000);
        a.Standing.Links[b.Incarnation].Close();
        _rig.Dispatcher.RunUntilIdle();
        _rig.Advance(100);
        Assert.True(a.SightOf(b).IsReachable);
        Assert.True(b.SightOf(a).IsReachable);
        List<string> came = [];
        b.Services.Register("s", (from, message) => came.Add(System.Text.Encoding.UTF8.GetString(message.Span)));
        Assert.True(a.Services.Send(b.Incarnation, "s", "hello"u8));
        // The link that is used closes: if there is a second, it takes its place; if not, one is dialled.
        a.Standing.Links[b.Incarnation].Close();
        _rig.Dispatcher.RunUntilIdle();
        Assert.True(a.Services.Send(b.Incarnation, "s", "again"u8));
        _rig.Dispatcher.RunUntilIdle();
        Assert.Equal(["hello", "again"], came);
    }

    [Fact]
    public void AMemberThatIsOneNoMoreIsDialledNoMore()
    {
        var (a, b) = (_rig.Start("a"), _rig.Start("b"));
        _rig.Meet(a, b);
        _rig.Advance(1000);
        a.Meet(a);
        _rig.Dispatcher.RunUntilIdle();
        Assert.DoesNotContain(b.Incarnation, a.Told.OfType<PeersSeen>().Last().Sights.Select(s => s.Incarnation));
        b.Kill();
        _rig.Advance(5000);
        Assert.Empty(a.Standing.Links);
    }

    [Fact]
    public void ANodeOfAnotherGridIsAWitnessToo()
    {
        var (a, b) = (_rig.Start("a"), _rig.Start("b"));
        _rig.Meet(a, b);
        _rig.Advance(1000);
        b.Kill();
        _rig.Start("b", grid: "other");
        _rig.Advance(1000);
        Assert.Empty(a.Standing.Links);
        Assert.True(a.SightOf(b).IsRefused);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("another")]
    [InlineData("a node of another grid")]
    public void WhoAnswersAtAnAddressIsNoWitnessBeforeTheMemberWasFoundThere(string who)
    {
        // It says that it is at "b", which is somebody else's as seen from here, or nobody's. Its name in the network of the test is another.
        var (a, b) = (_rig.Start("a"), _rig.Start("elsewhere", says: "b"));
        if (who != "nobody") _rig.Start("b", grid: who == "another" ? null : "other");
        _rig.Meet(a, b);
        _rig.Advance(1000);
        Assert.True(a.SightOf(b).IsReachable);
        b.Transport.Dial("a");
        a.Standing.Links[b.Incarnation].Close();
        _rig.Network.Cut("elsewhere", "a");
        _rig.Advance(5000);
        Assert.False(a.SightOf(b).IsReachable);
        Assert.False(a.SightOf(b).IsRefused);
    }

    [Theory]
    [InlineData("host", "host", true)]
    [InlineData("host", "another", false)]
    [InlineData(null, null, false)]
    public void WhoeverListensAtTheAddressOfAMemberKnowsThatItHasGoneOnlyIfThatOneWasOnItsHost(string? was, string? host, bool isRefused)
    {
        var before = _rig.Start("a", host: was);
        before.Kill();
        var after = _rig.Start("a", host: host);
        after.Meet(before, after);
        _rig.Advance(1);
        Assert.Equal(isRefused, after.SightOf(before).IsRefused);
    }

    [Fact]
    public void AnAddressThatAnotherOnlyClaimsIsNoWitness()
    {
        var (a, b) = (_rig.Start("a"), _rig.Start("b"));
        _rig.Meet(a, b);
        _rig.Advance(1000);
        _rig.Network.Cut("a", "b");
        _rig.Network.Cut("b", "a");
        a.Standing.Links[b.Incarnation].Close();
        _rig.Dispatcher.RunUntilIdle();
        var other = _rig.Start("elsewhere", says: "b");
        other.Transport.Dial("a");
        _rig.Advance(100);
        Assert.Contains(other.Incarnation, a.Standing.Links.Keys);
        Assert.False(a.SightOf(b).IsRefused);
        _rig.Network.Mend();
        _rig.Advance(1100);
        Assert.True(a.SightOf(b).IsReachable);
    }

    [Fact]
    public void WhoDidNotDialLooksOnceWhetherItsPeerIsAtItsAddress()
    {
        var (a, b) = (_rig.Start("a"), _rig.Start("b"));
        _rig.Meet(a, b);
        _rig.Advance(1000);
        foreach (var (from, to) in new[] { (a, b), (b, a) })
        {
            Assert.Single(from.RouterTold.OfType<LinkOpened>());
            Assert.Empty(from.RouterTold.OfType<LinkClosed>());
            Assert.Equal(1, from.Transport.LinkCount);
        }
        // Whoever of the two dies: the other is a witness.
        a.Kill();
        _rig.Advance(1);
        Assert.True(b.SightOf(a).IsRefused);
    }
}
