namespace Sessions;

/// <summary>
/// What is known of a session: its state, and the answer to <see cref="GetSummary"/>. Its size is bounded, however long the session lives.
/// </summary>
/// <param name="Views">The pages viewed.</param>
/// <param name="Purchases">The purchases made.</param>
/// <param name="Cents">What the purchases cost together.</param>
/// <param name="Visits">How often the user came, each time until nothing was heard of them for <see cref="Session.Inactivity"/>.</param>
/// <param name="Active">Whether a visit is going on.</param>
/// <param name="FirstSeen">The first activity.</param>
/// <param name="LastSeen">The last activity.</param>
/// <param name="TopPages">The most viewed pages, in no order.</param>
/// <param name="Events">Which events are in all this, for the proof.</param>
public sealed record Summary(
    long Views, long Purchases, long Cents, int Visits, bool Active, DateTimeOffset FirstSeen, DateTimeOffset LastSeen,
    IReadOnlyList<PageCount> TopPages, Fingerprint Events)
{
    public static Summary Empty { get; } = new(0, 0, 0, 0, Active: false, default, default, [], default);
}

/// <summary>How often a page was viewed.</summary>
public sealed record PageCount(string Path, long Count)
{
    private const int CountsMax = 8;

    /// <summary>
    /// Counts a view in a bounded list, by the Space-Saving algorithm: where there is no room, the page seen least makes way and leaves its
    /// count to the new one. So a count is never too low, and a page with more than an eighth of all views is always in the list.
    /// </summary>
    public static IReadOnlyList<PageCount> Add(IReadOnlyList<PageCount> counts, string path)
    {
        if (counts.FirstOrDefault(c => c.Path == path) is { } known) return Replace(counts, known, known with { Count = known.Count + 1 });
        if (counts.Count < CountsMax) return [.. counts, new PageCount(path, 1)];
        var least = counts.MinBy(c => c.Count)!;
        return Replace(counts, least, new PageCount(path, least.Count + 1));
    }

    private static PageCount[] Replace(IReadOnlyList<PageCount> counts, PageCount old, PageCount by) =>
        [.. counts.Select(c => c == old ? by : c)];
}
