namespace ActorGrid.Cluster;

/// <summary>What a node has learned of the leases of others, and when: whoever waits a lease out waits from then.</summary>
/// <remarks>Times are by the node's monotonic clock. A number that is learned late is waited for from late on: never too short.</remarks>
internal sealed class LeaseBook
{
    private readonly SortedDictionary<Guid, Entry> _entries = [];

    /// <summary>What is known of a lease.</summary>
    /// <param name="Number">The highest number; -1: none yet.</param>
    /// <param name="Since">When that was learned, or the holder itself.</param>
    /// <param name="RevokedSince">When it was learned that it was revoked; null: not so.</param>
    public readonly record struct Entry(long Number, TimeSpan Since, TimeSpan? RevokedSince);

    public Entry this[Guid incarnation] => _entries[incarnation];

    /// <summary>A number was seen, in a heartbeat or in the store; -1: the holder was.</summary>
    public void Learn(Guid incarnation, long number, TimeSpan now)
    {
        if (!_entries.TryGetValue(incarnation, out var known)) _entries.Add(incarnation, new Entry(number, now, null));
        else if (number > known.Number) _entries[incarnation] = known with { Number = number, Since = now };
    }

    /// <summary>Follows the view: who is in it is known from now on, who is not is forgotten.</summary>
    public void Follow(ClusterView view, TimeSpan now)
    {
        foreach (var member in view.Members) Learn(member.Incarnation, -1, now);
        foreach (var revoked in view.Revoked)
        {
            Learn(revoked.Incarnation, revoked.Number, now);
            if (_entries[revoked.Incarnation] is { RevokedSince: null } known) _entries[revoked.Incarnation] = known with { RevokedSince = now };
        }
        foreach (var gone in _entries.Keys.Where(k => view.Find(k) is null && view.Revoked.All(r => r.Incarnation != k)).ToList()) _entries.Remove(gone);
    }
}
