namespace ActorGrid.Failover;

/// <summary>When entities answered again after a fault, in milliseconds from it; of those that had stopped to answer.</summary>
/// <param name="Hit">How many entities had.</param>
/// <param name="NeverBack">How many of them did not answer again.</param>
/// <param name="First">The first that was back.</param>
/// <param name="Median">The median.</param>
/// <param name="P99">All but one in a hundred.</param>
/// <param name="Last">The last: by then all entities had answered.</param>
/// <remarks>
/// An entity is asked once in a period, so an outage shorter than that may pass it by. To look at when each entity was answered next would therefore measure the period. What is looked at instead
/// is, for each entity, the first request that was due after the fault, half of them writes: if it had to wait longer than <see cref="Patience"/>, the entity was hit, and it is back with its first
/// answer. Later requests are not looked at.
/// </remarks>
internal sealed record Recovery(int Hit, int NeverBack, double? First, double? Median, double? P99, double? Last)
{
    /// <summary>What an ask may take for the entity not to count as hit.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    public static Recovery Of(IReadOnlyList<Ask> asks, TimeSpan fault)
    {
        var outages = asks.Where(a => a.Due >= fault).GroupBy(a => a.Entity).Select(g => OutageOf([.. g], fault)).Where(o => o.IsHit).ToList();
        double[] back = [.. outages.Where(o => o.Back is not null).Select(o => o.Back!.Value.TotalMilliseconds).Order()];
        int never = outages.Count - back.Length;
        return new Recovery(outages.Count, never, At(0.001), At(50), At(99), never > 0 ? null : At(100));

        double? At(double percent) => Quantile.Of(back, percent);
    }

    private static Outage OutageOf(Ask[] asks, TimeSpan fault)
    {
        var first = asks.MinBy(a => a.Due);
        if (first.IsAnswered && first.Latency <= Patience) return new Outage(IsHit: false, Back: null);
        return new Outage(IsHit: true, asks.Where(a => a.IsAnswered).Select(a => (TimeSpan?)(a.Ended - fault)).Min());
    }

    private readonly record struct Outage(bool IsHit, TimeSpan? Back);
}
