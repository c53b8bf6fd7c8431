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
    public void Damaged_pieces_are_an_error_and_nothing_else() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll(
            Gen.Choose(0, 400).SelectMany(at => Gen.Choose(1, 255).Select(by => (At: at, By: by))).ToArbitrary(),
            change =>
            {
                byte[] bytes = States().ToPieces(1 << 20)[0].ToArray();
                bytes[change.At % bytes.Length] ^= (byte)change.By;
                TryRead(bytes);
                TryRead(bytes.AsMemory(0, change.At % bytes.Length));
                return true;
            }));

    private static void TryRead(ReadOnlyMemory<byte> bytes)
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
    ]);

    private static HandedEntity State(string key, long sequence, long snapshot, string payload) => new(
        new SnapshotRecord(EntityId.Create("ledger", key), sequence, new Epoch(5, 1), 1000, System.Text.Encoding.UTF8.GetBytes(payload)), snapshot);

    private static void AssertEqual(HandedOver expected, HandedOver actual)
    {
        Assert.Equal((expected.Shard, expected.Offset), (actual.Shard, actual.Offset));
        Assert.Equal(expected.Entities.Select(Text), actual.Entities.Select(Text));
    }

    private static string Text(HandedEntity e) =>
        $"{e.State.Entity} {e.State.Sequence} {e.State.Epoch} {e.State.AtUnixMs} {e.SnapshotSequence} {Convert.ToHexString(e.State.Payload.Span)}";
}
