using System.Diagnostics.CodeAnalysis;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>An ask on its way to another node. Either this node's own, or one that is passed on.</summary>
/// <param name="Ask">The ask, if it is this node's own.</param>
/// <param name="Relayed">Where the answer goes, if it is passed on.</param>
/// <param name="Standing">The incarnation that sent it.</param>
/// <param name="Link">The link that it was sent on.</param>
/// <param name="Shard">Its shard.</param>
/// <param name="Owner">The owner of the shard, by the view that it was sent under.</param>
/// <param name="IsAgain">Whether the ask may have been executed before this attempt.</param>
internal readonly record struct Attempt(
    IPendingAsk? Ask, RelayedAsk? Relayed, Standing Standing, ILink Link, ShardId Shard, Guid Owner, bool IsAgain)
{
    /// <summary>Whether a node between is to pass it on.</summary>
    public bool IsByRelay => Link.Peer.Incarnation != Owner;
}

/// <summary>Where the answer to an ask goes that is passed on.</summary>
/// <param name="Origin">The link that it came on.</param>
/// <param name="Request">Its number there.</param>
/// <param name="ExpiresAt">When nobody waits any more, by the clock's timestamps.</param>
internal sealed record RelayedAsk(ILink Origin, long Request, long ExpiresAt);

/// <summary>
/// The attempts that wait for their answers, by the number of the request. Whoever takes one out holds the ask from then on, and is the only one: an
/// answer, the end of a link, and a change of the view may come at the same time.
/// </summary>
/// <remarks>Thread-safe. The numbers begin by chance, so that an answer to an earlier life of this node finds nothing.</remarks>
internal sealed class AttemptTable(long lastRequest)
{
    private const int StripeCount = 8;

    private readonly Dictionary<long, Attempt>[] _stripes = [.. Enumerable.Range(0, StripeCount).Select(_ => new Dictionary<long, Attempt>())];
    private long _lastRequest = lastRequest;
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public long NextRequest() => Interlocked.Increment(ref _lastRequest);

    public void Add(long request, in Attempt attempt)
    {
        var stripe = StripeOf(request);
        lock (stripe) stripe.Add(request, attempt);
        Interlocked.Increment(ref _count);
    }

    /// <summary>Takes an attempt out, if it is still there.</summary>
    public bool TryTake(long request, out Attempt attempt)
    {
        var stripe = StripeOf(request);
        lock (stripe)
        {
            if (!stripe.Remove(request, out attempt)) return false;
        }
        Interlocked.Decrement(ref _count);
        return true;
    }

    /// <summary>Takes an attempt out that was sent to that node; what another answers is not believed.</summary>
    public bool TryTakeFrom(Guid peer, long request, [MaybeNullWhen(false)] out Attempt attempt)
    {
        var stripe = StripeOf(request);
        lock (stripe)
        {
            if (!stripe.TryGetValue(request, out attempt) || attempt.Link.Peer.Incarnation != peer) return false;
            stripe.Remove(request);
        }
        Interlocked.Decrement(ref _count);
        return true;
    }

    /// <summary>Takes all out that the predicate holds of, in the order of their numbers.</summary>
    public IReadOnlyList<Attempt> TakeAll(Func<Attempt, bool> which)
    {
        List<(long Request, Attempt Attempt)> taken = [];
        foreach (var stripe in _stripes)
        {
            lock (stripe)
            {
                int before = taken.Count;
                foreach (var (request, attempt) in stripe)
                {
                    if (which(attempt)) taken.Add((request, attempt));
                }
                for (int i = before; i < taken.Count; i++) stripe.Remove(taken[i].Request);
            }
        }
        Interlocked.Add(ref _count, -taken.Count);
        taken.Sort(static (x, y) => x.Request.CompareTo(y.Request));
        return [.. taken.Select(t => t.Attempt)];
    }

    private Dictionary<long, Attempt> StripeOf(long request) => _stripes[(int)((ulong)request % StripeCount)];
}
