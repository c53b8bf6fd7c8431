using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;

namespace ActorGrid.Persistence.Tests;

public class HandedOverTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1 << 20)]
    public void States_come_out_of_their_pieces_as_they_went_in(int pieceBytes)
    {
        var states = States();
        var pieces = states.ToPieces(pieceBytes);
        Assert.All(pieces, p => Assert.InRange(p.Length, 1, pieceBytes));
        AssertEqual(states, HandedOver.FromPieces(states.Shard, states.Offset, pieces));
        var none = states with { Entities = [] };
        AssertEqual(none, HandedOver.FromPieces(none.Shard, none.Offset, none.ToPieces(pieceBytes)));
    }

    [Fact]
    public void Any_byte_that_is_changed_missing_or_added_is_found()
    {
        byte[] bytes = Whole();
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] changed = [.. bytes];
            changed[i] ^= (byte)(1 << (i % 8));
            AssertDamaged(changed);
            AssertDamaged(bytes.AsMemory(0, i));
            AssertDamaged((byte[])[.. bytes[..i], .. bytes[(i + 1)..]]);
            AssertDamaged((byte[])[.. bytes[..i], 0, .. bytes[i..]]);
        }
        AssertDamaged();
    }

    /// <summary>Records of one size, cut at that size: without a piece in the middle the rest is well-formed, with the head of one entity before the tail
    /// of another.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(0)]
    public void Pieces_that_do_not_belong_together_are_found(int cutAt)
    {
        var states = States() with { Entities = [State("a", 1, 0, "aaaa"), State("b", 2, 0, "bbbb"), State("c", 3, 0, "cccc"), State("d", 4, 0, "dddd")] };
        int record = 4 + "ledger".Length + 4 + 1 + (5 * 8) + 4 + 4;
        byte[] all = states.ToPieces(1 << 20)[0].ToArray();
        int head = all.AsSpan().IndexOf("ledger"u8) - 4 + cutAt;
        ReadOnlyMemory<byte>[] pieces = [all.AsMemory(0, head), .. Enumerable.Range(0, 3).Select(i => all.AsMemory(head + (i * record), record)), all.AsMemory(head + (3 * record))];
        AssertEqual(states, HandedOver.FromPieces(states.Shard, states.Offset, pieces));
        AssertDamaged(pieces[0], pieces[1], pieces[3], pieces[4]);
        AssertDamaged(pieces[0], pieces[1], pieces[2], pieces[2], pieces[3], pieces[4]);
        AssertDamaged(pieces[0], pieces[2], pieces[1], pieces[3], pieces[4]);
    }

    [Fact]
    public void States_of_another_shard_or_offset_are_refused()
    {
        var states = States();
        var pieces = states.ToPieces(50);
        Assert.Throws<FormatException>(() => HandedOver.FromPieces(new ShardId(4), states.Offset, pieces));
        Assert.Throws<FormatException>(() => HandedOver.FromPieces(states.Shard, states.Offset + 1, pieces));
    }

    /// <summary>As a faulty sender would make it: the checksum is right, what it covers is not.</summary>
    [Fact]
    public void Nonsense_under_a_good_checksum_is_an_error_and_nothing_else() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll(
            Gen.Choose(0, 400).SelectMany(at => Gen.Choose(1, 255).Select(by => (At: at, By: by))).ToArbitrary(),
            change =>
            {
                byte[] body = Whole()[..^SHA256.HashSizeInBytes];
                body[change.At % body.Length] ^= (byte)change.By;
                TryRead([.. body, .. SHA256.HashData(body)]);
                byte[] shorter = body[..(change.At % body.Length)];
                TryRead([.. shorter, .. SHA256.HashData(shorter)]);
                return true;
            }));

    private static byte[] Whole() => States().ToPieces(1 << 20)[0].ToArray();

    private static void AssertDamaged(params ReadOnlyMemory<byte>[] pieces) =>
        Assert.Throws<FormatException>(() => HandedOver.FromPieces(new ShardId(3), 77, pieces));

    private static void TryRead(byte[] bytes)
    {
        try
        {
            HandedOver.FromPieces(new ShardId(3), 77, [bytes]);
        }
        catch (FormatException)
        {
            // As it should.
        }
    }

    private static HandedOver States() => new(new ShardId(3), 77,
    [
        State("a", 1, 0, "x"),
        State("überlänge-" + new string('k', 200), 40, 30, new string('p', 100)),
        State("c", 2, 2, ""),
        State("of-a-node-without-a-cluster", 2, 2, "y", new Epoch(0, 1)),
    ]);

    private static HandedEntity State(string key, long sequence, long snapshot, string payload, Epoch? epoch = null) => new(
        new SnapshotRecord(EntityId.Create("ledger", key), sequence, epoch ?? new Epoch(5, 1), 1000, System.Text.Encoding.UTF8.GetBytes(payload)), snapshot);

    private static void AssertEqual(HandedOver expected, HandedOver actual)
    {
        Assert.Equal((expected.Shard, expected.Offset), (actual.Shard, actual.Offset));
        Assert.Equal(expected.Entities.Select(Text), actual.Entities.Select(Text));
    }

    private static string Text(HandedEntity e) =>
        $"{e.State.Entity} {e.State.Sequence} {e.State.Epoch} {e.State.AtUnixMs} {e.SnapshotSequence} {Convert.ToHexString(e.State.Payload.Span)}";
}
