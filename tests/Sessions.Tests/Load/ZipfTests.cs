namespace Sessions.Tests;

public sealed class ZipfTests
{
    private const int Draws = 200_000;

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.8)]
    [InlineData(1.0)]
    [InlineData(2.0)]
    public void Ranks_come_up_as_the_law_says(double skew)
    {
        const int Ranks = 20;
        var zipf = new Zipf(Ranks, skew);
        var random = new Random(11);
        int[] seen = new int[Ranks];
        for (int i = 0; i < Draws; i++) seen[zipf.Next(random)]++;

        double weight = Enumerable.Range(1, Ranks).Sum(k => Math.Pow(k, -skew));
        for (int rank = 0; rank < Ranks; rank++)
        {
            double share = Math.Pow(rank + 1, -skew) / weight, deviation = Math.Sqrt(Draws * share * (1 - share));
            Assert.InRange(seen[rank], (Draws * share) - (5 * deviation), (Draws * share) + (5 * deviation));
        }
    }

    [Fact]
    public void A_single_rank_always_comes_up() => Assert.Equal(0, new Zipf(1, 1).Next(new Random(1)));
}
