using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>
/// The work of this node that others do: who was offered some, and who has which piece. It decides nothing about jobs; the runner calls it on its
/// own turn.
/// </summary>
internal sealed class WorkGiver(JobPost post, TimeProvider time)
{
    /// <summary>So many outcomes are fetched at a time, which are too large for one message: a bound on what is in memory.</summary>
    internal const int FetchesMax = 4;

    /// <summary>Who was offered work and has not come for it is not counted on after this long.</summary>
    internal static readonly TimeSpan OfferPatience = TimeSpan.FromSeconds(1);

    /// <summary>A node that found no work though there was some (of a job that it refuses, say) gets no further offer for this long.</summary>
    internal static readonly TimeSpan OfferPause = TimeSpan.FromMilliseconds(250);

    private readonly SortedDictionary<long, GivenWork> _given = [];
    private readonly SortedDictionary<Guid, Offer> _offers = [];
    private readonly Queue<(GivenWork Given, int Length)> _toFetch = [];
    private Guid _lastOffered;
    private long _lastNumber;

    public bool IsBusy => _given.Count > 0;


    /// <summary>Offers work to about as many nodes as there are pieces, those whose turn it is.</summary>
    public void OfferWork(IReadOnlyList<JobPeer> peers, int pieces, IReadOnlyList<string> types)
    {
        int waiting = _offers.Values.Count(offer => offer.IsOpen && time.GetElapsedTime(offer.At) < OfferPatience);
        int first = 0;
        while (first < peers.Count && peers[first].Incarnation.CompareTo(_lastOffered) <= 0) first++;
        for (int i = 0; i < peers.Count && waiting < pieces; i++)
        {
            var peer = peers[(first + i) % peers.Count];
            if (!peer.IsReachable || (_offers.TryGetValue(peer.Incarnation, out var last) && !last.MayRepeat(time))) continue;
            _offers[peer.Incarnation] = new Offer(IsOpen: true, time.GetTimestamp());
            _lastOffered = peer.Incarnation;
            post.Send(peer.Incarnation, new WorkOffered(types));
            waiting++;
        }
    }

    /// <summary>A node that came for work has got all that there is for it.</summary>
    /// <param name="peer">The node.</param>
    /// <param name="room">The places that are left.</param>
    /// <param name="isMore">Whether there is work that it could not be given.</param>
    public void Exhausted(Guid peer, int room, bool isMore)
    {
        if (isMore) _offers[peer] = new Offer(IsOpen: false, time.GetTimestamp());
        else _offers.Remove(peer);
        post.Send(peer, new WorkExhausted(room));
    }

    public void Give(JobWork work, JobPeer peer)
    {
        ReadOnlyMemory<byte>? part = default;
        if (work is RunPartWork && work.Run.Parts!.Payload(work.Step) is { Length: <= JobWire.PieceBytesMax } payload) part = payload;
        var order = new WorkGiven(++_lastNumber, work.Job, work.Step, work.Attempt, work.Start, work.Run.Parts?.Count ?? 0, part);
        work.Given = new GivenWork(order, work, peer) { HeardAt = time.GetTimestamp() };
        _given.Add(order.Number, work.Given);
        Send(work.Given);
    }

    /// <summary>The work of that number, if that node has it.</summary>
    public GivenWork? Find(Guid peer, long number) =>
        _given.TryGetValue(number, out var given) && given.Peer.Incarnation == peer ? given : null;

    /// <summary>All that a node has.</summary>
    public IReadOnlyList<GivenWork> Of(Guid peer) => [.. _given.Values.Where(given => given.Peer.Incarnation == peer)];

    /// <summary>It is known how it ended, or that it is not wanted.</summary>
    public void Remove(GivenWork given)
    {
        _given.Remove(given.Number);
        given.IsSettled = true;
    }

    /// <summary>The nodes that have some.</summary>
    public IEnumerable<Guid> Takers => _given.Values.Select(given => given.Peer.Incarnation).Concat(_offers.Keys).Distinct();

    public void Forget(Guid peer) => _offers.Remove(peer);

    /// <summary>A node tells what it has.</summary>
    /// <returns>The work that it should have and has not.</returns>
    public IReadOnlyList<GivenWork> OnReport(Guid peer, WorkReport report)
    {
        var told = new HashSet<long>();
        foreach (var (number, units) in report.Works)
        {
            told.Add(number);
            if (Find(peer, number) is not { } given)
            {
                post.Send(peer, new WorkCancelled(number));
                continue;
            }
            given.HeardAt = time.GetTimestamp();
            if (given.Work is RunPartWork part) part.Report(units);
        }
        return [.. Of(peer).Where(given => given.Number <= report.Last && !told.Contains(given.Number))];
    }

    /// <summary>Says again what nobody has answered.</summary>
    public void Remind()
    {
        foreach (var given in _given.Values)
        {
            if (given.IsFetching && time.GetElapsedTime(given.AskedAt) > WorkTaker.AnswerMax) AskForMore(given);
            if (time.GetElapsedTime(given.HeardAt) <= WorkTaker.AnswerMax) continue;
            given.HeardAt = time.GetTimestamp();
            Send(given);
        }
    }

    /// <summary>An outcome is there that is too large for a message.</summary>
    public void OnLarge(GivenWork given, int length)
    {
        if (given.IsLarge) return;
        given.IsLarge = true;
        _toFetch.Enqueue((given, length));
    }

    /// <summary>Begins to fetch what there is room for.</summary>
    public void Fetch()
    {
        if (_toFetch.Count == 0) return;
        int fetching = _given.Values.Count(given => given.IsFetching);
        while (fetching < FetchesMax && _toFetch.TryDequeue(out var next))
        {
            if (next.Given.IsSettled) continue;
            next.Given.Fetch(next.Length);
            AskForMore(next.Given);
            fetching++;
        }
    }

    public void AskForMore(GivenWork given)
    {
        given.AskedAt = time.GetTimestamp();
        post.Send(given.Peer.Incarnation, new ResultWanted(given.Number, given.Received));
    }

    private void Send(GivenWork given)
    {
        if (Spans.AreWanted && given.Work.Run.Trace is var trace && Spans.IsIdentified(trace)) post.Send(given.Peer.Incarnation, new WorkTraced(given.Number, trace));
        post.Send(given.Peer.Incarnation, given.Order);
    }

    /// <summary>What a node was told: that there is work, or that there is none for it.</summary>
    private readonly record struct Offer(bool IsOpen, long At)
    {
        public bool MayRepeat(TimeProvider time) => time.GetElapsedTime(At) > (IsOpen ? TimeSpan.FromSeconds(5) : OfferPause);
    }
}
