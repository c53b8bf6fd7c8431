using System.Buffers;

namespace ActorGrid.Cluster;

/// <summary>How the node learns of newer views.</summary>
internal sealed partial class NodeActor
{
    /// <summary>How many past views are kept, to give peers that lag behind a difference and not the whole.</summary>
    private const int RecentMax = 16;

    /// <summary>A peer that was asked for its view and does not answer is not waited for: the store has it.</summary>
    private static readonly TimeSpan PeerPatience = TimeSpan.FromMilliseconds(200);

    /// <summary>How often a client that has a link to nobody looks into the store.</summary>
    private static readonly TimeSpan LonelyLooksEvery = TimeSpan.FromSeconds(1);

    /// <summary>How often a client looks that has: those it is linked to may be cut off from the rest.</summary>
    private static readonly TimeSpan ClientLooksEvery = TimeSpan.FromSeconds(5);

    private readonly Queue<ClusterView> _recent = [];
    private long _askedFor;
    private bool _isReading;
    private long _readAt;
    private bool _isToReadAgain;
    private int _readFailures;

    private void OnViewMessage(ViewMessage message)
    {
        switch (message)
        {
            case ConsiderNow:
                _isConsidering = false;
                ConsiderAtOnce();
                break;
            case ReadNow:
                ReadView();
                break;
            case ViewRead read:
                OnViewRead(read);
                break;
            case ViewWritten written:
                OnWritten(written);
                break;
            case LeasesRead read:
                OnLeasesRead(read);
                break;
        }
    }

    private void OnNewerView(NewerViewSeen newer)
    {
        var view = _life!.Standing.View;
        if (newer.Version <= view.Version || newer.Version <= _askedFor) return;
        _askedFor = newer.Version;
        Send(newer.Link, new ViewWanted(view.Version));
        Context.Timers.StartOnce(nameof(PeerPatience), PeerPatience, ReadNow.Instance);
    }

    private void OnMessageOfPeer(FromPeer from)
    {
        switch (from.Message)
        {
            case ViewWanted wanted:
                GiveView(from.Link, wanted.HaveVersion);
                break;
            case ViewGiven given:
                TakeView(from.Link, given.Encoded);
                break;
        }
    }

    private void GiveView(ILink link, long haveVersion)
    {
        var view = _life!.Standing.View;
        if (view.Version <= haveVersion) return;
        var known = _recent.FirstOrDefault(v => v.Version == haveVersion);
        Send(link, new ViewGiven(known is null ? ViewCodec.Encode(view) : ViewCodec.EncodeDelta(known, view)));
    }

    private void TakeView(ILink link, ReadOnlyMemory<byte> encoded)
    {
        var view = _life!.Standing.View;
        try
        {
            long? since = ViewCodec.BaseVersion(encoded.Span);
            var known = since is null || since == view.Version ? view : _recent.FirstOrDefault(v => v.Version == since);
            if (known is null)
            {
                // It rests on one that was missed; or on one long past, and then there is nothing new in it.
                if (since > view.Version) Send(link, new ViewWanted(view.Version));
                return;
            }
            Accept(ViewCodec.Decode(encoded.Span, Setting.Grid, known));
        }
        catch (InvalidDataException e)
        {
            ClusterMeter.OnMalformed();
            LogMalformedView(link.Peer.Name, e.Message);
            link.Close();
        }
    }

    private void ReadView()
    {
        _isToReadAgain = _isReading;
        if (_isReading) return;
        _isReading = true;
        _readAt = Context.Time.GetTimestamp();
        Context.PipeToSelf(ReadViewAsync(), view => new ViewRead(view, null), e => new ViewRead(null, e));
    }

    /// <summary>A client has no lease whose renewals tell it of newer views, and what its peers tell is what they know: it looks into the store, now and
    /// then.</summary>
    private void LookForMembers()
    {
        var every = _life!.Standing.Links.Count > 0 ? ClientLooksEvery : LonelyLooksEvery;
        if (!_isReading && Context.Time.GetElapsedTime(_readAt) >= every) ReadView();
    }

    private async Task<ClusterView> ReadViewAsync()
    {
        using var patience = new CancellationTokenSource(_parts.Options.LeaseDuration, Context.Time);
        return await Setting.ClusterStore.ReadViewAsync(patience.Token);
    }

    private void OnViewRead(ViewRead read)
    {
        _isReading = false;
        // Whoever still has a newer one is asked again.
        _askedFor = 0;
        if (read.View is null)
        {
            if (_readFailures == 0) LogReadFailed(read.Error!);
            Context.Timers.StartOnce(typeof(ReadNow), StoreRetry.Delay(_readFailures++, Context.Random), ReadNow.Instance);
            return;
        }
        _readFailures = 0;
        // What was lost against no other view was lost against a lease: it has been renewed since it was read.
        if (read.View.Version < _lost) _life?.ForgetRows();
        _lost = 0;
        Accept(read.View);
        if (_isToReadAgain) ReadView();
        Consider();
    }

    /// <summary>Follows a view that was committed, if it is newer than the present one.</summary>
    private void Accept(ClusterView view)
    {
        if (_life is not { Standing.IsOver: false } life || view.Version <= life.Standing.View.Version) return;
        var standing = life.Standing;
        if (life.HasJoined && view.Find(standing.Incarnation) is null)
        {
            var departure = view.Departures.FirstOrDefault(d => d.Incarnation == standing.Incarnation);
            EndLife(departure is { Cause: DepartureCause.Left } ? "it has left" : $"the others took it for dead: {departure?.Cause}", defect: null);
            return;
        }
        _recent.Enqueue(standing.View);
        if (_recent.Count > RecentMax) _recent.Dequeue();
        standing.View = view;
        if (_askedFor <= view.Version) Context.Timers.Cancel(nameof(PeerPatience));
        TellView(life, view);
        Consider();
    }

    private void TellView(Life life, ClusterView view)
    {
        life.Follow(view);
        var changed = new ViewChanged(life.Standing, view);
        life.Steward?.TryTell(changed);
        _router.TryTell(changed);
        life.Peers.TryTell(new MembersChanged(view));
        _parts.LastView = view;
        _services.OnChanged();
        if (_parts.IsClient || view.Find(life.Standing.Incarnation) is { Status: MemberStatus.Up })
        {
            _rejoins = 0;
            _events.Started();
        }
    }

    /// <summary>Gives a view that this node has written to all that it has a link to, so that they need not ask.</summary>
    private static void Spread(Standing standing, ClusterView view)
    {
        var given = new ViewGiven(ViewCodec.EncodeDelta(standing.View, view));
        byte[] frame = new byte[WireCodec.BytesMax(given)];
        int length = WireCodec.Encode(given, frame);
        foreach (var link in standing.Links.OrderBy(l => l.Key)) link.Value.Send(frame.AsSpan(0, length), Lane.Control);
    }

    private static void Send(ILink link, WireMessage message)
    {
        var frame = new ArrayBufferWriter<byte>();
        WireCodec.Encode(message, frame);
        link.Send(frame.WrittenSpan, Lane.Control);
    }
}
