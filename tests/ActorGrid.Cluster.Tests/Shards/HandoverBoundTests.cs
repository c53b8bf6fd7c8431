using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Cluster.Tests;

public class HandoverBoundTests
{
    private const int BytesMax = 1000;
    private static readonly Guid Peer = new(2, 0, 0, new byte[8]);
    private readonly ManualClock _clock = new();

    [Fact]
    public void What_comes_in_is_bounded_for_a_shard_and_in_all()
    {
        var inbox = new HandoverInbox(_clock, BytesMax);
        for (int i = 0; i < 100; i++) inbox.Add(Peer, Piece(0, 1, i == 99));
        Assert.True(inbox.TryTake(new ShardId(0), 1, out var states));
        Assert.Null(states);
        Assert.Equal(0, inbox.Bytes);

        for (int shard = 0; shard < 1000; shard++) inbox.Add(Peer, Piece(shard, 1, isLast: false));
        Assert.InRange(inbox.Bytes, 1, 16 * BytesMax);
        _clock.Advance(HandoverInbox.KeptFor);
        Assert.False(inbox.DropOld());
        Assert.Equal(0, inbox.Bytes);
    }

    [Fact]
    public void What_begins_anew_takes_the_place_of_what_came_before()
    {
        var inbox = new HandoverInbox(_clock, BytesMax);
        var states = States(50);
        var pieces = states.ToPieces(20);
        inbox.Add(Peer, Piece(0, 1, isLast: false));
        for (int i = 0; i < pieces.Count; i++)
        {
            bool isLast = i == pieces.Count - 1;
            Assert.Equal(isLast, inbox.Add(new Guid(3, 0, 0, new byte[8]), new HandoverSent(new ShardId(0), 1, 9, isLast, pieces[i])));
        }
        Assert.True(inbox.TryTake(new ShardId(0), 1, out var taken));
        Assert.Equal(9, taken!.Offset);
        Assert.False(inbox.TryTake(new ShardId(0), 1, out _));
    }

    [Fact]
    public void What_goes_out_waits_for_room_in_order_and_not_for_ever()
    {
        var (outbox, link) = NewOutbox();
        link.Room = 1;
        outbox.Add(Peer, 2, new ShardId(0), States(100_000), _clock.GetTimestamp());
        outbox.Add(Peer, 2, new ShardId(1), States(10), _clock.GetTimestamp());
        Assert.True(outbox.Send());
        Assert.Single(link.Pieces);
        link.Room = 100;
        Assert.False(outbox.Send());
        Assert.Equal([0, 0, 1], link.Pieces.Select(p => p.Shard.Value));
        Assert.All(link.Pieces, p => Assert.InRange(p.Payload.Length, 1, HandoverOutbox.PieceBytesMax));
        Assert.Equal(0, outbox.Bytes);

        link.Room = 0;
        outbox.Add(Peer, 2, new ShardId(2), States(10), _clock.GetTimestamp());
        Assert.True(outbox.Send());
        _clock.Advance(HandoverOutbox.SentWithin);
        Assert.False(outbox.Send());
        Assert.Equal(0, outbox.Bytes);
    }

    [Fact]
    public void What_does_not_fit_or_has_no_link_is_left_out()
    {
        var (outbox, link) = NewOutbox(bytesPerShardMax: 10);
        outbox.Add(Peer, 2, new ShardId(0), States(1000), _clock.GetTimestamp());
        outbox.Add(new Guid(9, 0, 0, new byte[8]), 2, new ShardId(1), null, _clock.GetTimestamp());
        Assert.False(outbox.Send());
        Assert.Equal(-1, Assert.Single(link.Pieces).Offset);
    }

    private (HandoverOutbox Outbox, TestLink Link) NewOutbox(int bytesPerShardMax = 1 << 20)
    {
        var boot = new TestBootClock(_clock);
        var lease = new LeaseTrust(_clock, boot, TimeSpan.FromSeconds(3));
        var standing = new Standing(Guid.NewGuid(), ClusterView.Empty(new GridIdentity("test", 4)), lease);
        var link = new TestLink(new NodeHello("test", Peer, "", ""));
        standing.Links = new Dictionary<Guid, ILink> { [Peer] = link }.ToFrozen();
        return (new HandoverOutbox(_clock, standing, bytesPerShardMax), link);
    }

    private static HandoverSent Piece(int shard, long term, bool isLast) => new(new ShardId(shard), term, 9, isLast, new byte[100]);

    private static HandedOver States(int bytes) => new(
        new ShardId(0), 9, [new HandedEntity(new SnapshotRecord(EntityId.Create("counter", "a"), 1, new Epoch(1, 0), 0, new byte[bytes]), 0)]);
}
