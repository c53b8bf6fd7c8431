namespace Sessions;

/// <summary>
/// Draws ranks by Zipf's law: rank k comes up in proportion to 1 / (k + 1)^skew, as the popularity of users and pages does. A skew of 0
/// draws all ranks evenly.
/// </summary>
internal sealed class Zipf
{
    private readonly double[] _cumulative;

    public Zipf(int ranks, double skew)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(skew);
        _cumulative = new double[ranks];
        double sum = 0;
        for (int rank = 0; rank < ranks; rank++) _cumulative[rank] = sum += Math.Pow(rank + 1, -skew);
    }

    /// <summary>A rank from 0 on.</summary>
    public int Next(Random random)
    {
        int found = Array.BinarySearch(_cumulative, random.NextDouble() * _cumulative[^1]);
        // Not found: the complement of the first that is larger. Found by chance: what was drawn is the beginning of the next rank.
        return Math.Min(found < 0 ? ~found : found + 1, _cumulative.Length - 1);
    }
}
