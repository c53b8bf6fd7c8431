using System.Numerics;
using FsCheck;
using FsCheck.Fluent;

namespace ActorGrid.Jobs.Tests.Pure;

public class CombineTreeTests
{
    [Fact]
    public void Whatever_the_order_in_which_parts_end_the_total_is_in_their_order() => Prop.ForAll(
        Gen.Choose(1, 200).SelectMany(n => Gen.Shuffle(Enumerable.Range(0, n))).ToArbitrary(),
        order =>
        {
            var tree = new CombineTree<string>(order.Length);
            var pending = new Queue<(CombineNode Into, string Value)>(order.Select(part => (new CombineNode(0, part), $"{part},")));
            while (pending.TryDequeue(out var put))
            {
                if (tree.Put(put.Into, put.Value) is { } pair) pending.Enqueue((pair.Into, pair.Left + pair.Right));
            }
            return tree.Total == string.Concat(Enumerable.Range(0, order.Length).Select(part => $"{part},")) && tree.Waiting == 0;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_shape_does_not_hang_on_the_order_either()
    {
        Assert.Equal("(((0 1) (2 3)) 4)", Shape(Enumerable.Range(0, 5)));
        Assert.Equal("(((0 1) (2 3)) 4)", Shape([4, 2, 0, 3, 1]));
        Assert.Equal("0", Shape([0]));
    }

    [Fact]
    public void What_waits_is_bounded_by_the_logarithm_for_each_part_outstanding()
    {
        const int parts = 1000;
        var tree = new CombineTree<string>(parts);
        var outstanding = new HashSet<int> { 0, 333, 998 };
        for (int part = 0; part < parts; part++)
        {
            if (outstanding.Contains(part)) continue;
            PutAll(tree, part);
            Assert.InRange(tree.Waiting, 0, (outstanding.Count + 1) * (BitOperations.Log2(parts) + 1));
        }
        Assert.Null(tree.Total);
        foreach (int part in outstanding) PutAll(tree, part);
        Assert.NotNull(tree.Total);
    }

    [Fact]
    public void A_place_is_taken_once_and_only_if_it_exists()
    {
        var tree = new CombineTree<string>(3);
        tree.Put(new CombineNode(0, 0), "a");
        Assert.Throws<InvalidOperationException>(() => tree.Put(new CombineNode(0, 0), "a"));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Put(new CombineNode(0, 3), "d"));
    }

    private static string Shape(IEnumerable<int> order)
    {
        var parts = order.ToList();
        var tree = new CombineTree<string>(parts.Count);
        foreach (int part in parts) PutAll(tree, part);
        return tree.Total!;
    }

    private static void PutAll(CombineTree<string> tree, int part)
    {
        var (node, value) = (new CombineNode(0, part), $"{part}");
        while (tree.Put(node, value) is { } pair) (node, value) = (pair.Into, $"({pair.Left} {pair.Right})");
    }
}
