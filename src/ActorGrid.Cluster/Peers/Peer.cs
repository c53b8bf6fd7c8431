namespace ActorGrid.Cluster;

/// <summary>What the actor of the links knows of a peer: a member of the view, or whoever has a link to this node.</summary>
internal sealed class Peer(Guid incarnation, long now)
{
    private readonly List<ILink> _links = [];
    private long _heardAt = now;
    private long _linkedAt = now;
    private bool _wasHeard;
    private bool _hearsUs;

    public Guid Incarnation => incarnation;

    /// <summary>Where it is dialled; null if it is no member.</summary>
    public string? Endpoint { get; set; }

    /// <summary>All links to it, mostly one; two if both sides have dialled at the same moment. Closing one of them would lose what is under way on it, so
    /// both stay, and the first is used for sending.</summary>
    public IReadOnlyList<ILink> Links => _links;

    public ILink? Link => _links.Count > 0 ? _links[0] : null;

    /// <summary>Whether each has heard the other lately, as <see cref="Look"/> found.</summary>
    public bool IsReachable { get; private set; }

    public long Since { get; private set; } = now;

    /// <summary>Whether this node has dialled its address, as the view has it, and found it there: only then it means anything who answers there, or that
    /// nobody does.</summary>
    public bool IsKnownThere { get; set; }

    /// <summary>Whether nobody listens at its address any more, or another incarnation does, by the last that was heard of that address.</summary>
    public bool IsRefused { get; set; }

    public long LeaseNumber { get; set; }

    /// <summary>Counts the dials since it was heard.</summary>
    public int Dials { get; set; }

    /// <summary>Counts the looks at its address, beside a link that is open, that came to nothing.</summary>
    public int Checks { get; set; }

    /// <summary>Counts the dials since its last link closed that were broken off.</summary>
    public int Looks { get; set; }

    /// <summary>Whether a dial is under way or a timer set for one.</summary>
    public bool IsDialling { get; set; }

    /// <summary>Whether the dial under way only looks who answers at its address, beside a link that is open.</summary>
    public bool IsChecking { get; set; }

    public void Add(ILink link) => _links.Add(link);

    public bool Remove(ILink link) => _links.Remove(link);

    public void Heard(long now, bool hearsUs)
    {
        (_heardAt, _wasHeard, _hearsUs) = (now, true, hearsUs);
    }

    /// <summary>This node itself was held up for so long, and could hear nobody.</summary>
    public void Excuse(long ticks, long now) => _heardAt = Math.Min(now, _heardAt + ticks);

    public bool IsHeard(long now, long silentAfter) => _wasHeard && Link is not null && now - _heardAt < silentAfter;

    /// <summary>Whether the links are as good as closed: the peer has said nothing for so long that a lost connection is likelier than a pause.</summary>
    public bool IsStale(long now, long staleAfter) => Link is not null && now - _heardAt >= staleAfter;

    /// <summary>Whether there has been a link without a break since then.</summary>
    public bool HasLinkSince(long then) => Link is not null && _linkedAt <= then;

    /// <summary>The peer speaks on a new link: it is not stale before it could say a word.</summary>
    public void Linked(long now)
    {
        if (_links.Count == 1) _heardAt = _linkedAt = now;
    }

    /// <summary>Looks again.</summary>
    /// <returns>Whether that has changed anything.</returns>
    public bool Look(long now, long silentAfter)
    {
        bool isReachable = IsHeard(now, silentAfter) && _hearsUs;
        if (isReachable == IsReachable) return false;
        (IsReachable, Since) = (isReachable, now);
        return true;
    }
}
