using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>Which other nodes follow which job of this one. They say so every few seconds, and are forgotten when they do not.</summary>
internal sealed class JobFollowers
{
    /// <summary>The most pairs of node and job; who comes later has to ask the job's entity.</summary>
    internal const int CountMax = 10_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Dictionary<EntityId, SortedDictionary<Guid, long>> _byJob = [];
    private int _count;

    public bool TryAdd(EntityId job, Guid peer, TimeProvider time)
    {
        if (!_byJob.TryGetValue(job, out var peers))
        {
            if (_count >= CountMax) return false;
            _byJob.Add(job, peers = []);
        }
        if (!peers.ContainsKey(peer))
        {
            if (_count >= CountMax) return false;
            _count++;
        }
        peers[peer] = time.GetTimestamp();
        return true;
    }

    /// <summary>Who follows a job; who has not said so for long is forgotten.</summary>
    public IReadOnlyList<Guid> Of(EntityId job, TimeProvider time)
    {
        if (!_byJob.TryGetValue(job, out var peers)) return [];
        foreach (var silent in peers.Where(peer => time.GetElapsedTime(peer.Value) > Patience).Select(peer => peer.Key).ToList())
        {
            peers.Remove(silent);
            _count--;
        }
        if (peers.Count == 0) _byJob.Remove(job);
        return [.. peers.Keys];
    }

    public void Remove(EntityId job)
    {
        if (_byJob.Remove(job, out var peers)) _count -= peers.Count;
    }
}
