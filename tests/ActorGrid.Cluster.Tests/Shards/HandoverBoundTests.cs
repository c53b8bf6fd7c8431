using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Cluster.Tests;

public class HandoverBoundTests
{
    private const int BytesMax = 1000;
    private static readonly Guid Peer = new(2, 0, 0, new byte[8]);
    private readonly ManualClock _clock = new();
    private readonly Standing _standing;

    public HandoverBoundTests() => _standing = new Standing(
        Guid.NewGuid(), ClusterView.Empty(new GridIdentity("test", 4)), new LeaseTrust(_clock, new TestBootClock(_clock), TimeSpan.FromSeconds(3)));

    [Fact]
    public void What_comes_in_is_bounded_for_a_shard_and_in_all()
    {
        var inbox = new HandoverInbox(_clock, BytesMax);
        for (int i = 0; i < 100; i++) inbox.Add(Peer, Piece(0, 1, 100 * i, i == 99));
        Assert.True(inbox.TryTake(new ShardId(0), 1, out var states));
        Assert.Null(states);
        Assert.Equal(0, inbox.Bytes);

        for (int shard = 0; shard < 1000; shard++) inbox.Add(Peer, Piece(shard, 1, 0, isLast: false));
        Assert.InRange(inbox.Bytes, 1, 16 * BytesMax);
        _clock.Advance(HandoverInbox.KeptFor);
        Assert.False(inbox.DropOld());
        Assert.Equal((0, 0), (inbox.Bytes, inbox.Count));
    }

    [Fact]
    public void A_flood_of_terms_or_of_small_pieces_takes_no_more_than_is_allowed()
    {
        var inbox = new HandoverInbox(_clock, BytesMax);
        for (int term = 1; term < 1000; term++) inbox.Add(Peer, Piece(0, term, 0, isLast: false));
        Assert.Equal(1, inbox.Count);
        inbox.Add(Peer, Piece(0, 5, 0, isLast: false));
        Assert.Null(inbox.LastPieceAt(new ShardId(0), 5));
        Assert.NotNull(inbox.LastPieceAt(new ShardId(0), 999));

        // Each takes memory beyond its byte.
        var small = new HandoverSent(new ShardId(1), 1, 9, 0, IsLast: false, new byte[1]);
        int taken = 0;
        while (!inbox.Add(Peer, small with { Position = taken })) taken++;
        Assert.InRange(taken, 1, BytesMax / 10);
    }

    [Theory]
    [InlineData(9, false)]
    [InlineData(9, true)]
    [InlineData(-1, false)]
    public void An_empty_piece_ends_it_all_unless_it_says_that_there_are_no_states(long offset, bool isLast)
    {
        var inbox = new HandoverInbox(_clock, BytesMax);
        var empty = new HandoverSent(new ShardId(0), 1, offset, 0, isLast, default);
        Assert.True(inbox.Add(Peer, empty));
        Assert.True(inbox.TryTake(new ShardId(0), 1, out var states));
        Assert.Null(states);

        Assert.False(inbox.Add(Peer, Piece(0, 1, 0, isLast: false)));
        Assert.True(inbox.Add(Peer, empty with { Position = 100 }));
        Assert.True(inbox.TryTake(new ShardId(0), 1, out states));
        Assert.Null(states);
        Assert.Equal((0, 0), (inbox.Bytes, inbox.Count));
    }

    /// <summary>Three records of one size, in pieces of that size: without one in the middle, what is left is well-formed, with the head of one entity
    /// before the tail of another.</summary>
    [Fact]
    public void A_piece_that_is_lost_twice_or_of_something_else_drops_the_whole()
    {
        var states = new HandedOver(new ShardId(0), 9, [State("a", 40), State("b", 40), State("c", 40)]);
        int record = 4 + "counter".Length + 4 + 1 + (5 * 8) + 4 + 40;
        var pieces = Cut(states, record);
        Assert.Equal(9, Taken(pieces)?.Offset);
        for (int i = 0; i < pieces.Count; i++)
        {
            Assert.Null(Taken([.. pieces.Take(i), .. pieces.Skip(i + 1)]));
            Assert.Null(Taken([.. pieces.Take(i + 1), pieces[i] with { Offset = 8 }, .. pieces.Skip(i + 1)]));
            if (i > 0) Assert.Null(Taken([.. pieces.Take(i + 1), .. pieces.Skip(i)]));
        }
        Assert.Null(Taken([pieces[0], pieces[2], pieces[1], .. pieces.Skip(3)]));
        // After the last, too.
        Assert.Null(Taken([.. pieces, pieces[^1] with { Position = pieces[^1].Position + pieces[^1].Payload.Length }]));
    }

    [Fact]
    public void What_begins_anew_takes_the_place_of_what_came_before()
    {
        var inbox = new HandoverInbox(_clock, BytesMax);
        inbox.Add(Peer, Piece(0, 1, 0, isLast: false));
        foreach (var piece in Cut(States(50), 20)) Assert.Equal(piece.IsLast, inbox.Add(new Guid(3, 0, 0, new byte[8]), piece));
        Assert.True(inbox.TryTake(new ShardId(0), 1, out var taken));
        Assert.Equal(9, taken!.Offset);
        Assert.False(inbox.TryTake(new ShardId(0), 1, out _));
    }

    [Fact]
    public void What_goes_out_begins_anew_on_another_link()
    {
        var (outbox, link) = NewOutbox();
        link.Room = 2;
        outbox.Add(Peer, 1, new ShardId(0), States(200_000), _clock.GetTimestamp());
        Assert.True(outbox.Send());
        Assert.Equal([0, HandoverOutbox.PieceBytesMax], link.Pieces.Select(p => p.Position));
        // The second piece is lost with the link.
        var second = new TestLink(link.Peer);
        _standing.Links = new Dictionary<Guid, ILink> { [Peer] = second }.ToFrozen();
        Assert.False(outbox.Send());
        var inbox = new HandoverInbox(_clock, 1 << 20);
        HandoverSent[] arrived = [link.Pieces[0], .. second.Pieces];
        foreach (var piece in arrived) Assert.Equal(piece.IsLast, inbox.Add(Peer, piece));
        Assert.True(inbox.TryTake(new ShardId(0), 1, out var states));
        Assert.Equal(200_000, Assert.Single(states!.Entities).State.Payload.Length);
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
        var link = new TestLink(new NodeHello("test", Peer, "", ""));
        _standing.Links = new Dictionary<Guid, ILink> { [Peer] = link }.ToFrozen();
        return (new HandoverOutbox(_clock, _standing, bytesPerShardMax), link);
    }

    /// <summary>What comes out of an inbox that these have come into.</summary>
    private HandedOver? Taken(IEnumerable<HandoverSent> pieces)
    {
        var inbox = new HandoverInbox(_clock, BytesMax);
        foreach (var piece in pieces) inbox.Add(Peer, piece);
        inbox.TryTake(new ShardId(0), 1, out var states);
        return states;
    }

    private static List<HandoverSent> Cut(HandedOver states, int bytes)
    {
        var pieces = states.ToPieces(bytes);
        return [.. pieces.Select((p, i) => new HandoverSent(states.Shard, 1, states.Offset, i * bytes, i == pieces.Count - 1, p))];
    }

    private static HandoverSent Piece(int shard, long term, int position, bool isLast) => new(new ShardId(shard), term, 9, position, isLast, new byte[100]);

    private static HandedOver States(int bytes) => new(new ShardId(0), 9, [State("a", bytes)]);

    private static HandedEntity State(string key, int bytes) =>
        new(new SnapshotRecord(EntityId.Create("counter", key), 1, new Epoch(1, 0), 0, new byte[bytes]), 0);
}
