using FsCheck;
using FsCheck.Fluent;

namespace Sessions.Tests;

public sealed class FingerprintTests
{
    [Fact]
    public void The_order_does_not_matter() => Prop.ForAll<int[]>(numbers =>
    {
        var shuffled = numbers.ToArray();
        new Random(numbers.Length).Shuffle(shuffled);
        return Sum(numbers) == Sum(shuffled);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_loss_a_double_and_both_together_are_noticed() => Prop.ForAll<NonEmptyArray<int>, int, int>((some, lost, doubled) =>
    {
        int[] numbers = [.. some.Get.Distinct()];
        int a = numbers[(lost & int.MaxValue) % numbers.Length], b = numbers[(doubled & int.MaxValue) % numbers.Length];
        int[] without = [.. numbers.Where(n => n != a)];
        return Sum(without) != Sum(numbers) && Sum([.. numbers, b]) != Sum(numbers) && (a == b || Sum([.. without, b]) != Sum(numbers));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Whatever_an_event_says_is_in_its_fingerprint()
    {
        Fingerprint[] different =
        [
            Fingerprint.OfPageView(1, "/"), Fingerprint.OfPageView(2, "/"), Fingerprint.OfPageView(1, "/x"),
            Fingerprint.OfPurchase(1, "/", 0), Fingerprint.OfPurchase(1, "/", 1), Fingerprint.OfPurchase(1, "", 0x2F),
            Fingerprint.OfPageView(1, new string('x', 600)),
        ];

        Assert.Equal(different.Length, different.Distinct().Count());
    }

    // Journals and snapshots hold these, so they must not change. The values are those of another implementation of SHA-256.
    [Fact]
    public void A_fingerprint_is_the_same_for_good() =>
        Assert.Equal(new Fingerprint(1, 6_412_935_142_391_847_544, 17_875_230_973_675_497_275), Fingerprint.OfPurchase(17, "tea", 450));

    [Fact]
    public void A_subset_is_found_whichever_it_is() => Prop.ForAll<ulong, byte>((chosen, count) =>
    {
        var candidates = Enumerable.Range(0, count % 41).Select(i => Fingerprint.OfPageView(i, "/")).ToList();
        ulong wanted = chosen & ((1UL << candidates.Count) - 1);
        var target = candidates.Where((_, i) => (wanted >> i & 1) != 0).Aggregate(default(Fingerprint), (a, b) => a + b);
        return Subset.Find(target, candidates, out ulong found) == SubsetResult.Found && found == wanted;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_no_subset_explains_is_not_explained()
    {
        var candidates = Enumerable.Range(0, 20).Select(i => Fingerprint.OfPageView(i, "/")).ToList();

        // One that is no candidate, a candidate twice, and one less than nothing.
        Fingerprint[] targets = [Fingerprint.OfPageView(99, "/"), candidates[3] + candidates[3], default(Fingerprint) - candidates[3]];
        foreach (var target in targets)
        {
            Assert.Equal(SubsetResult.None, Subset.Find(target, candidates, out _));
        }
    }

    [Fact]
    public void Too_many_candidates_are_said_to_be_ambiguous()
    {
        var candidates = Enumerable.Range(0, 65).Select(i => Fingerprint.OfPageView(i, "/")).ToList();

        Assert.Equal(SubsetResult.Ambiguous, Subset.Find(candidates[0], candidates, out _));
        Assert.Equal(SubsetResult.Ambiguous, Subset.Find(candidates[0], [candidates[0], candidates[0]], out _));
    }

    private static Fingerprint Sum(int[] numbers) =>
        numbers.Aggregate(default(Fingerprint), (sum, n) => sum + Fingerprint.OfPageView(n, "/"));
}
