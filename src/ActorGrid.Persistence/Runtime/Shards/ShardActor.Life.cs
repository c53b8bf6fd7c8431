namespace ActorGrid.Persistence;

/// <summary>How a shard comes, moves and goes, and the calls that wait meanwhile.</summary>
internal sealed partial class ShardActor
{
    private const string LeaseIsOver = "its node does not trust its lease at this moment";

    /// <summary>How often calls that wait for the shard are looked through for those whose deadline has passed.</summary>
    private static readonly TimeSpan DropLateEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>Calls that wait until the shard is open, in the order in which they came.</summary>
    private readonly Queue<IEntityCall> _kept = new();
    private TaskCompletionSource<HandedOver?>? _release;
    private long _openedAtMs;
    private bool _isClosed;

    private void OnOpen(OpenShard open)
    {
        if (_lost is not null) return;
        _fence = open.Raised.Current;
        if (_phase != ShardPhase.Expected) throw new InvalidOperationException($"{_shard} is opened when it is {_phase}.");
        var raised = open.Raised;
        if (!raised.Raised || raised.Shard != _shard) throw new InvalidOperationException($"{_shard} is opened under the fence of another: {raised}.");
        _phase = ShardPhase.Open;
        _offset = raised.LastOffset;
        _openedAtMs = NowMs;
        _replies.RaiseMark(raised.YoungestReplyIssuedAtUnixMs);
        _node.Horizon.Raise(raised.RepliesForgottenBeforeUnixMs);
        _node.Births.AddOlder(raised.YoungestReplyIssuedAtUnixMs);
        // The states are the last ones if nothing was written after them; that is known only now, when nobody else can write any more.
        if (open.States is { } states && states.Offset == _offset) Carry(states);
        StartSweeping();
        WantPinned();
        LoadTimers();
        TakeKept();
        RecoverActives();
        _node.Follower?.OnOpened(_shard, this, _fence.Epoch, _offset);
    }

    private void OnRelease(ReleaseShard release)
    {
        if (_lost is not null || _isStopping || _phase != ShardPhase.Open)
        {
            release.Done.TrySetResult(null);
            return;
        }
        _phase = ShardPhase.Releasing;
        _release = release.Done;
        Disarm();
    }

    private void OnResume()
    {
        if (_lost is not null || _phase is not (ShardPhase.Releasing or ShardPhase.Released)) return;
        EndRelease();
        _phase = ShardPhase.Open;
        TakeKept();
        RecoverActives();
        FireTimers();
    }

    private void OnClose(CloseShard close)
    {
        Lose(close.Why, end: null);
        _isClosed = true;
        close.Done.TrySetResult();
    }

    /// <summary>Ends a release that was not taken, or whose states are needed no more.</summary>
    private void EndRelease()
    {
        _release?.TrySetResult(null);
        _release = null;
        DropExport();
    }

    private void Keep(IEntityCall call)
    {
        if (_isStopping)
        {
            Fail(call, Lost(call, "its node is stopping"));
            return;
        }
        if (_kept.Count == 0) Context.Timers.StartOnce(TickKind.DropLate, DropLateEvery, Tick.DropLate);
        _kept.Enqueue(call);
    }

    private void TakeKept()
    {
        // In their order, before any that comes from now on.
        for (int i = _kept.Count; i > 0; i--) Accept(_kept.Dequeue());
    }

    /// <summary>Nobody waits for these any more; their places are for others.</summary>
    private void DropLate()
    {
        for (int i = _kept.Count; i > 0; i--)
        {
            var call = _kept.Dequeue();
            if (call.IsDone) Drop(call);
            else _kept.Enqueue(call);
        }
        if (_kept.Count > 0) Context.Timers.StartOnce(TickKind.DropLate, DropLateEvery, Tick.DropLate);
    }

    private void FailKept(string why)
    {
        while (_kept.TryDequeue(out var call)) Fail(call, Lost(call, why));
    }

    private void WantPinned()
    {
        foreach (var type in _node.Types.All)
        {
            foreach (string key in type.Options.AlwaysActive)
            {
                var id = new EntityId(type.Name, key);
                if (_node.ShardOf(id) == _shard) _activesWaiting.Enqueue(id);
            }
        }
    }
}
