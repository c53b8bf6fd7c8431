using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>What other nodes ask and answer, on the threads of the transport.</summary>
internal sealed partial class ClusterRouter
{
    private long _wantedVersion;

    /// <inheritdoc/>
    public void Receive(Standing standing, ILink link, WireMessage message)
    {
        switch (message)
        {
            case AskSent ask:
                OnAsk(standing, link, ask);
                break;
            case AskAnswered answer:
                OnAnswer(standing, link, answer);
                break;
            default:
                throw new InvalidOperationException($"A router does not understand {message.GetType().Name}.");
        }
    }

    /// <summary>Sends an answer. One that the link does not take is sent again by the actor, since whoever asked waits for it.</summary>
    public void Answer(ILink link, long request, AskStatus status, ReadOnlyMemory<byte> payload, long viewVersion)
    {
        if (payload.Length > WireLimits.PayloadBytesMax)
        {
            string text = $"The reply has {payload.Length} bytes; at most {WireLimits.PayloadBytesMax} are sent to another node. The command has been executed.";
            (status, payload) = AskFault.Encode(new RemoteFaultException(text));
        }
        var buffer = ScratchBuffer.Rent();
        try
        {
            var output = buffer.GetSpan(WireCodec.AnswerBytesMax(payload.Length));
            output = output[..WireCodec.EncodeAnswer(request, status, payload.Span, viewVersion, output)];
            if (!link.Send(output, Lane.Data)) Actor.TryTell(new AnswerUnsent(link, output.ToArray()));
        }
        finally
        {
            ScratchBuffer.Return(buffer);
        }
    }

    public void AnswerNotOwner(ILink link, long request, Standing standing) => Answer(link, request, AskStatus.NotOwner, default, standing.View.Version);

    private void OnAsk(Standing standing, ILink link, AskSent ask)
    {
        var view = standing.View;
        // An incarnation that is over answers for nothing; what came to it goes to whoever is asked next, by the one who sent it.
        if (standing.IsOver || !view.TryShardOf(ask.Entity, out var shard))
        {
            AnswerNotOwner(link, ask.Request, standing);
            return;
        }
        var owner = view[shard].Owner;
        if (owner == standing.Incarnation) Take(standing, link, ask, shard);
        else if (!TryRelay(standing, link, ask, shard, owner)) AnswerNotOwner(link, ask.Request, standing);
    }

    /// <summary>What there is no room for is refused before it is decoded: that costs more than all that comes before it.</summary>
    private void Take(Standing standing, ILink link, AskSent ask, ShardId shard)
    {
        if (_refuse(shard, ask.Entity) is { } refusal)
        {
            AnswerOverloaded(standing, link, ask, refusal);
            return;
        }
        int bytes = ask.Payload.Length;
        if (Interlocked.Add(ref _inboundBytes, bytes) > _parts.Options.InboundBytesMax)
        {
            Interlocked.Add(ref _inboundBytes, -bytes);
            AnswerOverloaded(standing, link, ask, _inboundRefusals.Refuse(ask.Entity.ToString()));
            return;
        }
        if (TryTake(standing, link, ask, shard, bytes)) return;
        Interlocked.Add(ref _inboundBytes, -bytes);
    }

    /// <summary>False if it was answered at once; if not, the completion of the call gives its bytes back.</summary>
    private bool TryTake(Standing standing, ILink link, AskSent ask, ShardId shard, int bytes)
    {
        if (_types.Find(ask.Entity.Type) is not { } type)
        {
            AnswerFailed(link, ask.Request, standing, $"This node has no entity type '{ask.Entity.Type}': register the same types on all nodes of one version.");
            return false;
        }
        object? command;
        try
        {
            command = type.DecodeCommand(ask.Command, ask.Payload.Span);
        }
        catch (Exception e)
        {
            // A codec of the user.
            AnswerFailed(link, ask.Request, standing, e.Message);
            return false;
        }
        if (command is null)
        {
            AnswerFailed(link, ask.Request, standing, $"This node's '{ask.Entity.Type}' has no handler of that name: nodes of another version have.");
            return false;
        }
        var call = new RemoteCall(
            _parts.System.Time, ask.Entity, type, command, ask.Id, RemainingOf(ask), new Answering(this, standing, link, ask.Request, bytes))
        {
            MayRunTwice = ask.MayRunTwice,
            Trace = Spans.AreWanted ? CallTrace.Serve(type.MethodOf(command.GetType()), ask.Entity, ask.Span) : null,
        };
        if (_admit(shard, call)) return true;
        call.Trace?.End(nameof(AskStatus.NotOwner));
        AnswerNotOwner(link, ask.Request, standing);
        return false;
    }

    private void AnswerOverloaded(Standing standing, ILink link, AskSent ask, OverloadedException refusal)
    {
        var (status, payload) = AskFault.Encode(refusal);
        Answer(link, ask.Request, status, payload, standing.View.Version);
    }

    /// <summary>Passes an ask on to an owner that its sender cannot reach. A node that may not answer passes nothing on: it may have slept over the ask;
    /// nor does one that is about to stop.</summary>
    private bool TryRelay(Standing standing, ILink link, AskSent ask, ShardId shard, Guid owner)
    {
        if (ask.Relays == 0 || owner == Guid.Empty || owner == link.Peer.Incarnation || !standing.MayAnswer || _attempts.Count >= AttemptsMax) return false;
        if (Volatile.Read(ref _isClosed) || !standing.Links.TryGetValue(owner, out var next)) return false;
        var time = _parts.System.Time;
        var remaining = RemainingOf(ask);
        long expiresAt = time.GetTimestamp() + (long)(remaining.TotalSeconds * time.TimestampFrequency);
        long request = _attempts.NextRequest();
        var buffer = ScratchBuffer.Rent();
        try
        {
            var onward = ask with { Request = request, Relays = (byte)(ask.Relays - 1), RemainingMs = (int)remaining.TotalMilliseconds };
            var output = buffer.GetSpan(WireCodec.BytesMax(onward));
            output = output[..WireCodec.Encode(onward, output)];
            _attempts.Add(request, new Attempt(Ask: null, new RelayedAsk(link, ask.Request, expiresAt), standing, next, shard, owner, IsAgain: false));
            // As with an ask of our own: if somebody else took it out of the table, it has been answered already.
            if (next.Send(output, Lane.Data) && !standing.IsOver) return true;
            return !_attempts.TryTake(request, out _);
        }
        finally
        {
            ScratchBuffer.Return(buffer);
        }
    }

    /// <summary>How long the caller waits by what was sent, and no longer than any may.</summary>
    private TimeSpan RemainingOf(AskSent ask)
    {
        var remaining = TimeSpan.FromMilliseconds(ask.RemainingMs);
        var longest = _parts.Setting.Entities.AskTimeoutMax;
        return remaining < longest ? remaining : longest;
    }

    private void OnAnswer(Standing standing, ILink link, AskAnswered answer)
    {
        // What is not there has been sent again since, or given up; and what another node was asked, this one does not answer.
        if (!_attempts.TryTakeFrom(link.Peer.Incarnation, answer.Request, out var attempt)) return;
        if (attempt.Relayed is { } relayed)
        {
            Answer(relayed.Origin, relayed.Request, answer.Status, answer.Payload, answer.ViewVersion);
            return;
        }
        var ask = attempt.Ask!;
        switch (answer.Status)
        {
            case AskStatus.NotOwner:
                if (answer.ViewVersion > standing.View.Version) WantView(standing, link, answer.ViewVersion);
                if (attempt.IsByRelay)
                {
                    // Whoever was to pass it on may have done so, and then lost sight of it: it may still be executed.
                    ask.MayRunTwice = true;
                    Relays.TryRemove(new KeyValuePair<Guid, Guid>(attempt.Owner, link.Peer.Incarnation));
                }
                GiveToActor(ask, attempt.Owner);
                return;
            case AskStatus.Overloaded when attempt.IsAgain:
                // This attempt was not taken in, but an earlier one may have taken effect: the caller must not be told that none did.
                GiveToActor(ask, attempt.Owner, AskFault.PauseOf(answer.Payload.Span));
                return;
            case AskStatus.Expired:
                // By the owner's clock nobody waits any more; by ours that is so in a moment.
                ask.Whereabouts = $"refused as too late by node {link.Peer.Name} at {link.Peer.Endpoint}";
                return;
        }
        ask.Complete(answer.Status, answer.Payload);
        if (attempt.IsByRelay) Relays[attempt.Owner] = link.Peer.Incarnation;
        if (IsHeld(attempt.Shard)) Actor.TryTell(new ShardAnswers(attempt.Shard, attempt.Owner, answer.Status == AskStatus.Overloaded));
    }

    /// <summary>Somebody knows a newer view: it is asked for once, however many asks come back with that news.</summary>
    private void WantView(Standing standing, ILink link, long version)
    {
        long wanted = Volatile.Read(ref _wantedVersion);
        if (version <= wanted || Interlocked.CompareExchange(ref _wantedVersion, version, wanted) != wanted) return;
        var message = new ViewWanted(standing.View.Version);
        Span<byte> output = stackalloc byte[WireCodec.BytesMax(message)];
        link.Send(output[..WireCodec.Encode(message, output)], Lane.Control);
    }

    /// <summary>Says that it cannot be executed and was not, which only the owner knows: a node that may have been superseded sends it there instead.</summary>
    private void AnswerFailed(ILink link, long request, Standing standing, string text)
    {
        if (!standing.MayAnswer)
        {
            AnswerNotOwner(link, request, standing);
            return;
        }
        var (status, payload) = AskFault.Encode(new RemoteFaultException(text));
        Answer(link, request, status, payload, standing.View.Version);
    }

    /// <summary>Sends the outcome of a call back to where it came from.</summary>
    private sealed class Answering(ClusterRouter router, Standing standing, ILink link, long request, int bytes) : IRemoteCompletion
    {
        public void OnEnded(RemoteCall call, AskStatus status, ReadOnlyMemory<byte> payload)
        {
            Interlocked.Add(ref router._inboundBytes, -bytes);
            router.Answer(link, request, status, payload, standing.View.Version);
        }
    }
}
