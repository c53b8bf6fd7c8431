using System.Collections.Immutable;

namespace ActorGrid.Cluster;

/// <summary>
/// Which members have not served anything for long. What runs for the first time is slow: code is compiled, sessions are opened. So such a member is given a single shard first, whose few
/// callers bear that, and the rest when it has had that one for a while.
/// </summary>
/// <param name="lasts">For how long, from when it owns its first shard.</param>
internal sealed class SlowStart(TimeSpan lasts)
{
    /// <summary>Since when each member owns shards, by the node's clock; null: it owns none yet.</summary>
    private readonly Dictionary<Guid, TimeSpan?> _ownsSince = [];

    /// <summary>Takes over what a newer view says.</summary>
    public void Follow(ClusterView view, TimeSpan now)
    {
        foreach (var gone in _ownsSince.Keys.Where(id => view.IndexOf(id) < 0).ToArray()) _ownsSince.Remove(gone);
        // A member that has had shards once is not looked at again.
        if (view.Members.All(member => _ownsSince.TryGetValue(member.Incarnation, out var since) && since is not null)) return;
        var owned = new Dictionary<Guid, int>();
        foreach (var shard in view.Shards) owned[shard.Owner] = owned.GetValueOrDefault(shard.Owner) + 1;
        foreach (var member in view.Members)
        {
            int shards = owned.GetValueOrDefault(member.Incarnation);
            if (!_ownsSince.TryGetValue(member.Incarnation, out var since)) _ownsSince.Add(member.Incarnation, FirstSight(shards, now));
            else if (since is null && shards > 0) _ownsSince[member.Incarnation] = now;
        }
    }

    /// <summary>The members that are given one shard only for now.</summary>
    public ImmutableHashSet<Guid> Beginners(TimeSpan now) => [.. _ownsSince.Where(known => !(now - known.Value >= lasts)).Select(known => known.Key)];

    /// <summary>When those of them that own something are ones no more.</summary>
    public IEnumerable<TimeSpan?> Ends => _ownsSince.Values.Select(since => since + lasts);

    /// <summary>Who owns several shards when it is met has had them for a while, or has got them all at once: in both cases there is nothing left to spare it.</summary>
    private TimeSpan? FirstSight(int shards, TimeSpan now) => shards switch
    {
        0 => null,
        1 => now,
        _ => now - lasts,
    };
}
