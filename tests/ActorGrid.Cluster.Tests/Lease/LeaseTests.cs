using ActorGrid.Testing;

namespace ActorGrid.Cluster.Tests;

public sealed class LeaseTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);
    private readonly ManualClock _clock = new();
    private readonly TestBootClock _boot;
    private readonly LeaseTrust _trust;

    public LeaseTests()
    {
        _boot = new TestBootClock(_clock);
        _trust = new LeaseTrust(_clock, _boot, Duration);
    }

    [Fact]
    public void TrustCountsFromBeforeTheRenewalWasSent()
    {
        Assert.False(_trust.IsTrusted);
        Assert.Null(_trust.HeldSince);
        var sentAt = _trust.Now;
        Advance(2);
        Renewed(sentAt, 1);
        Assert.True(_trust.IsTrusted);
        Advance(0.999);
        Assert.True(_trust.IsTrusted);
        Advance(0.001);
        Assert.False(_trust.IsTrusted);
    }

    [Fact]
    public void TheTimeThatTheHostWasSuspendedCounts()
    {
        Renewed(_trust.Now, 1);
        _boot.Suspended += Duration;
        Assert.False(_trust.IsTrusted);
    }

    [Fact]
    public void AnOutageOfTheStoreBreaksTheTimeItWasHeldEvenIfItIsTrustedAllAlong()
    {
        Renewed(_trust.Now, 1);
        Advance(2);
        Assert.True(_trust.IsTrusted);
        Assert.Null(_trust.HeldSince);
        _trust.Renewed(_trust.Now, new LeaseRenewal(2, 1, IsRevoked: false), wasAway: true);
        Assert.Equal(_clock.GetTimestamp(), _trust.HeldSince);
    }

    [Fact]
    public void ARenewalThatIsSentLateBreaksTheTimeItWasHeld()
    {
        Renewed(_trust.Now, 1);
        long first = _clock.GetTimestamp();
        Advance(1);
        Renewed(_trust.Now, 2);
        Assert.Equal(first, _trust.HeldSince);
        Advance(1.5);
        Assert.True(_trust.IsTrusted);
        Assert.Null(_trust.HeldSince);
        Renewed(_trust.Now, 3);
        Assert.Equal(_clock.GetTimestamp(), _trust.HeldSince);
        Advance(3);
        Assert.Null(_trust.HeldSince);
        Renewed(_trust.Now, 4);
        Assert.Equal(_clock.GetTimestamp(), _trust.HeldSince);
    }

    [Fact]
    public void ANumberIsWaitedForFromWhenItWasLearnedFirst()
    {
        var book = new LeaseBook();
        var (one, two) = (new Guid(1, 0, 0, new byte[8]), new Guid(2, 0, 0, new byte[8]));
        var member = new Member { Incarnation = one, Name = "a", Endpoint = "a", Status = MemberStatus.Up };
        var view = ClusterView.Empty(new Persistence.GridIdentity("test", 4)).WithMembers([member]);
        book.Follow(view, TimeSpan.FromSeconds(1));
        Assert.Equal(new LeaseBook.Entry(-1, TimeSpan.FromSeconds(1), null), book[one]);
        book.Learn(one, 5, TimeSpan.FromSeconds(2));
        book.Learn(one, 5, TimeSpan.FromSeconds(3));
        book.Learn(one, 4, TimeSpan.FromSeconds(3));
        Assert.Equal(new LeaseBook.Entry(5, TimeSpan.FromSeconds(2), null), book[one]);
        var revoked = new ClusterView
        {
            Version = 2,
            Grid = view.Grid,
            Members = [],
            Shards = view.Shards,
            Spaces = view.Spaces,
            TypeRoles = view.TypeRoles,
            Revoked = [new RevokedLease(one, 5), new RevokedLease(two, 7)],
        };
        book.Follow(revoked, TimeSpan.FromSeconds(4));
        book.Follow(revoked, TimeSpan.FromSeconds(5));
        Assert.Equal(new LeaseBook.Entry(5, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)), book[one]);
        Assert.Equal(new LeaseBook.Entry(7, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(4)), book[two]);
        book.Follow(view.WithMembers([]), TimeSpan.FromSeconds(6));
        Assert.Throws<KeyNotFoundException>(() => book[one]);
    }

    private void Renewed((long Time, TimeSpan Boot) sentAt, long number) => _trust.Renewed(sentAt, new LeaseRenewal(number, 1, IsRevoked: false), wasAway: false);

    private void Advance(double seconds) => _clock.Advance(TimeSpan.FromSeconds(seconds));
}
