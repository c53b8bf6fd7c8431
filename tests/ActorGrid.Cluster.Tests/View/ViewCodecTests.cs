using ActorGrid.Persistence;
using FsCheck;
using FsCheck.Fluent;
using static ActorGrid.Cluster.Tests.ViewText;

namespace ActorGrid.Cluster.Tests;

public sealed class ViewCodecTests
{
    private static readonly Arbitrary<int> Seeds = Gen.Choose(0, int.MaxValue - 1).ToArbitrary();

    [Fact]
    public void A_view_comes_back_as_it_was_whole_and_as_the_difference_from_any_earlier_one() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(Seeds, seed =>
        {
            var views = ViewHistory.Draw(seed, 40);
            var random = new Random(seed);
            foreach (var view in views)
            {
                byte[] whole = ViewCodec.Encode(view);
                Assert.Null(ViewCodec.BaseVersion(whole));
                Assert.Equal(Show(view), Show(ViewCodec.Decode(whole, view.Grid)));
                var from = views[random.Next((int)view.Version + 1)];
                byte[] delta = ViewCodec.EncodeDelta(from, view);
                Assert.Equal(from.Version == 0 ? null : from.Version, ViewCodec.BaseVersion(delta));
                Assert.Equal(Show(view), Show(ViewCodec.Decode(delta, view.Grid, from)));
            }
        }));

    [Fact]
    public void Damaged_bytes_are_refused_or_are_another_sound_view()
    {
        int refused = 0, sound = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Seeds, seed =>
        {
            var views = ViewHistory.Draw(seed, 15);
            var (random, from, view) = (new Random(seed), views[views.Count / 2], views[^1]);
            byte[] bytes = ViewCodec.EncodeDelta(from, view);
            for (int i = 0; i < 30; i++)
            {
                byte[] damaged = Damage(bytes, random);
                long before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    ViewCodec.Decode(damaged, view.Grid, from).Check();
                    sound++;
                }
                catch (InvalidDataException)
                {
                    refused++;
                }
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16_000_000);
            }
        }));
        Assert.True(refused > 1000 && sound > 100, $"{refused} refused, {sound} sound");
    }

    [Fact]
    public void A_view_cut_short_or_lengthened_is_refused()
    {
        var view = ViewHistory.Draw(7, 30)[^1];
        byte[] bytes = ViewCodec.Encode(view);
        for (int length = 0; length < bytes.Length; length++) Refused(bytes[..length], view.Grid);
        Refused([.. bytes, 0], view.Grid);
    }

    [Fact]
    public void Roles_without_number_are_refused_before_room_is_made_for_their_shards()
    {
        var grid = new GridIdentity("test", 4096);
        var writer = new ViewWriter();
        writer.Byte(3);
        writer.Text(grid.Name);
        writer.Number(grid.ShardCount);
        writer.Number(0);
        writer.Number(1);
        writer.Number(0);
        writer.Number(0);
        const int Roles = 1 << 20;
        writer.Number(Roles);
        for (int i = 0; i < Roles; i++) writer.Text("");
        Assert.Contains("at most 15 ", Refused(writer.ToArray(), grid), StringComparison.Ordinal);
    }

    [Fact]
    public void A_view_of_another_grid_format_or_version_is_refused()
    {
        var views = ViewHistory.Draw(7, 30);
        var (view, early) = (views[^1], views[5]);
        byte[] bytes = ViewCodec.Encode(view), delta = ViewCodec.EncodeDelta(early, view);
        Assert.Contains("of the grid 'history'", Refused(bytes, new GridIdentity("other", view.Grid.ShardCount)), StringComparison.Ordinal);
        Assert.Contains("of the grid 'history'", Refused(bytes, new GridIdentity("history", view.Grid.ShardCount + 1)), StringComparison.Ordinal);
        Assert.Contains("format 4", Refused([4, .. bytes[1..]], view.Grid), StringComparison.Ordinal);
        Assert.Contains("difference from version 5", Refused(delta, view.Grid), StringComparison.Ordinal);
        Assert.Contains("difference from version 5", Refused(delta, view.Grid, views[6]), StringComparison.Ordinal);
        Refused(new byte[ViewCodec.BytesMax + 1], view.Grid);
        Assert.Throws<ArgumentException>(() => ViewCodec.EncodeDelta(view, early));
    }

    private static string Refused(byte[] bytes, GridIdentity grid, ClusterView? known = null) =>
        Assert.Throws<InvalidDataException>(() => ViewCodec.Decode(bytes, grid, known)).Message;

    private static byte[] Damage(byte[] bytes, Random random)
    {
        byte[] damaged = [.. bytes];
        int at = random.Next(damaged.Length);
        switch (random.Next(4))
        {
            case 0:
                damaged[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                damaged[at] = (byte)random.Next(256);
                break;
            case 2:
                damaged[at] = 0xFF;
                break;
            default:
                int other = random.Next(damaged.Length);
                (damaged[at], damaged[other]) = (damaged[other], damaged[at]);
                break;
        }
        return damaged;
    }
}
