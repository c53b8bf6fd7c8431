using System.Collections.Immutable;
using ActorGrid.Actors;

namespace ActorGrid.Cluster;

/// <summary>Renews the lease of an incarnation and stores with it whom the node cannot reach.</summary>
/// <remarks>It runs where the entities run: a node whose entities make no progress does not keep its lease, and others take over from it.</remarks>
internal sealed partial class LeaseActor(NodeParts parts, Standing standing, ActorRef<INodeMessage> node) : Actor<ILeaseMessage>
{
    private static readonly Backoff Retry = new() { First = TimeSpan.FromMilliseconds(50), Max = TimeSpan.FromSeconds(1) };

    private ImmutableArray<Guid> _suspects = [];
    private bool _isCutOff;
    private bool _isUnderWay;
    private bool _isWantedAgain;
    private int _failures;

    protected override ValueTask OnStartAsync()
    {
        _logger = Context.Logger;
        Renew();
        return default;
    }

    protected override ValueTask OnMessageAsync(ILeaseMessage message)
    {
        switch (message)
        {
            case Due:
                Renew();
                break;
            case SuspectsChanged changed:
                // The others wait for this vote: it does not wait for the next round.
                (_suspects, _isCutOff) = (changed.Suspects, changed.IsCutOff);
                if (_failures == 0) Renew();
                break;
            case Ended ended:
                _isUnderWay = false;
                OnEnded(ended);
                break;
        }
        return default;
    }

    private void Renew()
    {
        _isWantedAgain = _isUnderWay;
        if (_isUnderWay) return;
        _isUnderWay = true;
        // Before it is sent: whatever time it takes is not trusted.
        var sentAt = standing.Lease.Now;
        Context.PipeToSelf(RenewAsync(_suspects), renewal => new Ended(sentAt, renewal, null), e => new Ended(sentAt, default, e));
    }

    private async Task<LeaseRenewal> RenewAsync(ImmutableArray<Guid> suspects)
    {
        // After one in vain there is time for another, before the lease that is held has run out.
        using var patience = new CancellationTokenSource(parts.Options.LeaseDuration / 3, Context.Time);
        return await parts.Setting.ClusterStore.RenewLeaseAsync(standing.Incarnation, suspects, patience.Token);
    }

    private void OnEnded(Ended ended)
    {
        if (ended.Error is not null)
        {
            ClusterMeter.OnRenewalFailed();
            if (_failures == 0) LogFailed(ended.Error);
            Context.Timers.StartOnce(typeof(Due), Retry.Delay(_failures++, Context.Random), Due.Instance);
            return;
        }
        bool wasAway = _failures > 0 || Context.Time.GetElapsedTime(ended.SentAt.Time) > parts.Options.LeaseRenewEvery;
        if (_failures > 0) LogRecovered(_failures);
        _failures = 0;
        if (ended.Renewal.IsRevoked)
        {
            node.Tell(new LeaseRenewed(standing, ended.Renewal));
            return;
        }
        standing.Lease.Renewed(ended.SentAt, ended.Renewal, wasAway);
        node.Tell(new LeaseRenewed(standing, ended.Renewal));
        if (_isWantedAgain)
        {
            Renew();
            return;
        }
        // The rest of the grid waits for one that is cut off, and still reaches the store, to learn there that its lease was revoked.
        var every = _isCutOff ? parts.Options.LeaseRenewEvery / 4 : parts.Options.LeaseRenewEvery;
        // From one sending to the next, however long the store took.
        var rest = every - Context.Time.GetElapsedTime(ended.SentAt.Time);
        Context.Timers.StartOnce(typeof(Due), rest > TimeSpan.Zero ? rest : TimeSpan.Zero, Due.Instance);
    }

    private sealed record Due : ILeaseMessage
    {
        public static readonly Due Instance = new();
    }

    private sealed record Ended((long Time, TimeSpan Boot) SentAt, LeaseRenewal Renewal, Exception? Error) : ILeaseMessage;
}
