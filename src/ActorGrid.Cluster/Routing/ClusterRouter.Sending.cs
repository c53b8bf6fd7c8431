using System.Runtime.CompilerServices;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>Why an ask cannot go to the owner of its shard at this moment.</summary>
internal enum Obstacle
{
    /// <summary>It went, and has another holder.</summary>
    None,

    /// <summary>The node has read no view yet, or is between two incarnations.</summary>
    NoStanding,

    /// <summary>No node has registered the type yet.</summary>
    NoShards,

    /// <summary>The shard has no owner.</summary>
    NoOwner,

    /// <summary>This node owns the shard and does not serve it yet.</summary>
    NotOpen,

    /// <summary>There is no link to the owner, and nobody known who would pass it on.</summary>
    NoLink,

    /// <summary>The link does not take more, or has closed.</summary>
    LinkFull,

    /// <summary>The view, or the incarnation, changed while it was sent.</summary>
    Superseded,
}

internal sealed partial class ClusterRouter
{
    /// <summary>What the error of a missed deadline says of an ask that was sent on a link; made once for each link.</summary>
    private readonly ConditionalWeakTable<ILink, string> _sentOn = [];

    /// <summary>Gives an ask to the owner of its shard: a shard of this node, or another node.</summary>
    /// <param name="ask">The ask, held by the caller.</param>
    /// <param name="shard">Its shard.</param>
    /// <param name="standing">The present incarnation.</param>
    /// <param name="relay">Who is to be tried to pass it on, if the owner cannot be reached; null: whoever was seen to do so.</param>
    /// <returns><see cref="Obstacle.None"/>: the caller holds it no more. Else the caller still does.</returns>
    public Obstacle TryForward(IPendingAsk ask, ShardId shard, Standing standing, ILink? relay = null)
    {
        var view = standing.View;
        var owner = shard.Value < view.Shards.Length ? view[shard].Owner : Guid.Empty;
        if (owner == Guid.Empty) return Obstacle.NoOwner;
        if (owner == standing.Incarnation)
        {
            ask.Whereabouts = null;
            return _admit(shard, ask) ? Obstacle.None : Obstacle.NotOpen;
        }
        var links = standing.Links;
        if (links.TryGetValue(owner, out var link)) return Send(ask, shard, owner, standing, view, link, relays: 0);
        if (relay is null && !(Relays.TryGetValue(owner, out var between) && links.TryGetValue(between, out relay))) return Obstacle.NoLink;
        return Send(ask, shard, owner, standing, view, relay, relays: 1);
    }

    private Obstacle Send(
        IPendingAsk ask, ShardId shard, Guid owner, Standing standing, ClusterView view, ILink link, byte relays)
    {
        int remainingMs = RemainingMs(ask);
        // Its deadline is about to end it.
        if (remainingMs <= 0) return Obstacle.None;
        if (_attempts.Count >= AttemptsMax) return Obstacle.LinkFull;
        var buffer = ScratchBuffer.Rent();
        try
        {
            long request = _attempts.NextRequest();
            if (!TryEncode(ask, request, remainingMs, relays, buffer, out var frame)) return Obstacle.None;
            bool isAgain = ask.MayHaveRun;
            ask.MayHaveRun = true;
            ask.Novelty = IdNovelty.Unknown;
            ask.Whereabouts = _sentOn.GetValue(link, static on => $"sent to node {on.Peer.Name} at {on.Peer.Endpoint}");
            // From here on the answer may come, or the link may end: whoever takes the attempt out of the table holds the ask.
            _attempts.Add(request, new Attempt(ask, Relayed: null, standing, link, shard, owner, isAgain));
            if (!link.Send(frame, Lane.Data))
            {
                if (!_attempts.TryTake(request, out _)) return Obstacle.None;
                ask.MayHaveRun = isAgain;
                return Obstacle.LinkFull;
            }
            // Who changes the view, or ends the incarnation, does so first and then looks through the table, under the locks that the attempt was added
            // under: either it has found the attempt there, or we see the change here.
            if (IsCurrent(standing, view, shard, owner) || !_attempts.TryTake(request, out _)) return Obstacle.None;
            ask.MayRunTwice = true;
            return Obstacle.Superseded;
        }
        finally
        {
            ScratchBuffer.Return(buffer);
        }
    }

    private static bool IsCurrent(Standing standing, ClusterView view, ShardId shard, Guid owner) =>
        !standing.IsOver && (ReferenceEquals(standing.View, view) || standing.View[shard].Owner == owner);

    /// <summary>Encodes an ask, or ends it if that cannot be done.</summary>
    private static bool TryEncode(
        IPendingAsk ask, long request, int remainingMs, byte relays, System.Buffers.ArrayBufferWriter<byte> buffer, out ReadOnlySpan<byte> frame)
    {
        frame = default;
        if (EntityId.FaultOfKey(ask.Entity.Key) is { } fault)
        {
            ask.GiveUp(new ArgumentException(fault, nameof(ask)));
            return false;
        }
        string name = ask.Type.NameOf(ask.Command.GetType());
        try
        {
            ask.Type.EncodeCommand(ask.Command, buffer);
            int payloadLength = buffer.WrittenCount;
            var output = buffer.GetSpan(WireCodec.AskBytesMax(ask.Entity, name, payloadLength));
            // The span above may have moved the payload.
            frame = output[..WireCodec.EncodeAsk(request, ask.Entity, name, buffer.WrittenSpan, ask.Id, remainingMs, relays, ask.MayRunTwice, ask.Trace?.Context ?? default, output)];
            return true;
        }
        catch (Exception e)
        {
            // A codec of the user has thrown, or the command is too large: it was sent nowhere.
            ask.GiveUp(new CommandFailedException(ask.Entity, name, e));
            return false;
        }
    }

    private int RemainingMs(IPendingAsk ask) =>
        (int)Math.Min(int.MaxValue, Math.Ceiling((ask.Timeout - _parts.System.Time.GetElapsedTime(ask.AskedAt)).TotalMilliseconds));
}
