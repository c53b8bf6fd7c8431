namespace ActorGrid.Failover;

/// <summary>When entities answered again after a fault, in milliseconds from it; of those that had stopped to answer.</summary>
/// <param name="Hit">How many entities had.</param>
/// <param name="NeverBack">How many of them did not answer again.</param>
/// <param name="First">The first that was back.</param>
/// <param name="Median">The median.</param>
/// <param name="P99">All but one in a hundred.</param>
/// <param name="Last">The last: from here on all entities answer.</param>
/// <param name="Answered">When all entities whose first request had to wait had answered something, be it a read or a write; null if none had to, or one never did. Bars do not look at it.</param>
/// <remarks>
/// An entity is asked once in a period, so an outage shorter than that may pass it by. To look at when each entity was answered next would therefore measure the period. What is looked at instead
/// is, for each entity, the first read and the first write that were due after the fault: if one of them had to wait longer than <see cref="Patience"/>, the entity was hit, and it is back when both
/// kinds have been answered.
/// </remarks>
internal sealed record Recovery(int Hit, int NeverBack, double? First, double? Median, double? P99, double? Last, double? Answered)
{
    /// <summary>What an ask may take for the entity not to count as hit.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    public static Recovery Of(IReadOnlyList<Ask> asks, TimeSpan fault)
    {
        var byEntity = asks.Where(a => a.Due >= fault).GroupBy(a => a.Entity).Select(g => g.ToArray()).ToList();
        var outages = byEntity.Select(own => OutageOf(own, fault)).Where(o => o.IsHit).ToList();
        var anyKind = byEntity.Select(OutageOf).Where(o => o.IsHit).ToList();
        var answered = anyKind.Exists(o => o.Back is null) ? null : anyKind.Max(o => o.Back) - fault;
        double[] back = [.. outages.Where(o => o.Back is not null).Select(o => o.Back!.Value.TotalMilliseconds).Order()];
        int never = outages.Count - back.Length;
        return new Recovery(outages.Count, never, At(0.001), At(50), At(99), never > 0 ? null : At(100), answered?.TotalMilliseconds);

        double? At(double percent) => Quantile.Of(back, percent);
    }

    private static Outage OutageOf(Ask[] asks, TimeSpan fault)
    {
        var (isReadHit, readBack) = OutageOf([.. asks.Where(a => !a.IsWrite)]);
        var (isWriteHit, writeBack) = OutageOf([.. asks.Where(a => a.IsWrite)]);
        bool isBack = (!isReadHit || readBack is not null) && (!isWriteHit || writeBack is not null);
        var last = (isReadHit, isWriteHit) switch
        {
            (true, true) => readBack > writeBack ? readBack : writeBack,
            (true, false) => readBack,
            _ => writeBack,
        };
        return new Outage(isReadHit || isWriteHit, isBack ? last - fault : null);
    }

    private static (bool IsHit, TimeSpan? Back) OutageOf(Ask[] asks)
    {
        if (asks.Length == 0) return (false, null);
        var first = asks.MinBy(a => a.Due);
        if (first.IsAnswered && first.Latency <= Patience) return (false, null);
        return (true, asks.Where(a => a.IsAnswered).Select(a => (TimeSpan?)a.Ended).Min());
    }

    private readonly record struct Outage(bool IsHit, TimeSpan? Back);
}
