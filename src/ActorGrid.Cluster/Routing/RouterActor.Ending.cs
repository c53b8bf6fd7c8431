namespace ActorGrid.Cluster;

/// <summary>Answers that a link did not take, and the end.</summary>
internal sealed partial class RouterActor
{
    /// <summary>Bytes of answers that wait for their links. Whose link takes none of them for long is cut off: it has to ask again.</summary>
    private const long UnsentBytesMax = 64 << 20;

    private static readonly TimeSpan UnsentPatience = TimeSpan.FromSeconds(2);

    private Queue<(AnswerUnsent Answer, TimeSpan Since)> _unsent = new();
    private long _unsentBytes;
    private bool _isGivenUp;

    private void Keep(AnswerUnsent answer)
    {
        if (_unsentBytes + answer.Frame.Length > UnsentBytesMax)
        {
            answer.Link.Close();
            return;
        }
        _unsent.Enqueue((answer, Now));
        _unsentBytes += answer.Frame.Length;
    }

    private void SendAnswers() => KeepAnswers((answer, since) =>
    {
        if (answer.Link.Send(answer.Frame, Lane.Data)) return false;
        if (Now - since <= UnsentPatience) return true;
        // If it has closed long ago, this changes nothing.
        answer.Link.Close();
        return false;
    });

    /// <summary>Whoever waited on that link asks again on another.</summary>
    private void DropAnswers(LinkClosed closed) => KeepAnswers((answer, _) => answer.Link.Peer.Incarnation != closed.Peer
        || (closed.Standing.Links.TryGetValue(closed.Peer, out var link) && link == answer.Link));

    private void KeepAnswers(Func<AnswerUnsent, TimeSpan, bool> which)
    {
        if (_unsent.Count == 0) return;
        _unsent = new(_unsent.Where(unsent => which(unsent.Answer, unsent.Since)));
        _unsentBytes = _unsent.Sum(unsent => (long)unsent.Answer.Frame.Length);
    }

    /// <summary>The patience has ended.</summary>
    private void GiveUp()
    {
        foreach (var attempt in router.Attempts.TakeAll(static attempt => attempt.Ask is not null)) attempt.Ask!.GiveUp(ClusterRouter.Stopped(attempt.Ask.Entity));
        foreach (var shard in parked.Values)
        {
            foreach (var ask in shard.Asks) ask.GiveUp(ClusterRouter.Stopped(ask.Entity));
            router.Unpark(shard.Asks.Count);
        }
        parked.Clear();
        router.Holding.Clear();
        // What comes back from now on ends at once.
        _isGivenUp = true;
        EndDrains();
    }

    /// <summary>What is asked of other nodes ends outside of the actor, so this is looked at again and again while somebody waits for it.</summary>
    private void EndDrainsIfIdle()
    {
        if (_drains.Count > 0 && router.Parked == 0 && router.Attempts.Count == 0) EndDrains();
    }

    private void EndDrains()
    {
        foreach (var drain in _drains) drain.TrySetResult();
        _drains.Clear();
    }
}
