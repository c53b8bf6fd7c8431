using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>A node of a cluster: it owns its share of the shards, and reaches all others. A client, which has no endpoint, owns none.</summary>
/// <remarks>Safe to use from any thread.</remarks>
public sealed class ClusterNode : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    private readonly NodeParts _parts;
    private readonly NodeEvents _events = new();
    private readonly ShardHost? _shards;
    private readonly ClusterRouter _router;
    private readonly ClusterServices _services;
    private readonly Topics _topics;
    private readonly ActorRef<INodeMessage> _node;
    private readonly TaskCompletionSource _stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _hurry = new();
    private readonly Task _watching;
    private bool _isStopping;

    private ClusterNode(ClusterSetting setting)
    {
        _parts = new NodeParts(setting);
        _services = new ClusterServices(_parts, setting.System.LoggerFor(typeof(ClusterServices)));
        _topics = new Topics(_parts, _services);
        _shards = _parts.IsClient ? null : ShardsOfNode.Start(_parts, _parts.Types);
        _router = new ClusterRouter(
            _parts, (shard, call) => _shards is not null && _shards.TryAdmit(shard, call), (shard, entity) => _shards?.RefuseIfFull(shard, entity));
        var make = new PartMaker(
            (standing, node) => new StewardActor(_parts, _shards!, standing, node),
            (standing, hello, node) => new PeerActor(
                _parts, standing, hello, node, _router.Actor, peers => new PeerReceiver(_parts, standing, peers, node, _router, _services)),
            why => _shards?.CloseAllAsync(why) ?? Task.CompletedTask);
        _node = setting.System.Spawn(
            () => new NodeActor(_parts, _router.Actor, _services, _events, make), options: new SpawnOptions { Dispatcher = setting.ControlDispatcher });
        _watching = WatchAsync();
    }

    /// <summary>What people call the node.</summary>
    public string Name => _parts.Name;

    /// <summary>Whether it is a client: a node without an endpoint, which owns nothing.</summary>
    public bool IsClient => _parts.IsClient;

    /// <summary>Asks entities, wherever they live. May be used while the node is between two incarnations: asks wait then.</summary>
    public IEntityRouter Router => _router;

    /// <summary>The newest view that the node has seen.</summary>
    public ClusterView View => _parts.LastView;

    /// <summary>The present incarnation; empty while the node is between two.</summary>
    public Guid Incarnation => _services.Incarnation;

    /// <summary>Messages between nodes, for what is built on top of the cluster.</summary>
    public IClusterServices Services => _services;

    /// <summary>Publish and subscribe over all nodes of the grid.</summary>
    public ITopics Topics => _topics;

    /// <summary>Ends, with the last failure, if the node has failed so often that it does not join again. Its entities live on other nodes then; asks of
    /// this one fail by their deadlines.</summary>
    public Task<Exception> WhenGivenUp => _events.WhenGivenUp;

    /// <summary>Starts a node, and ends when the node is Up, or, as a client, has read the view. While the store cannot be reached, or too few of the other
    /// members, it goes on trying.</summary>
    /// <param name="setting">What the node is made from.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ArgumentException">An option is out of range, or two entity types have one name or class.</exception>
    /// <exception cref="InvalidOperationException">The node can never join the grid as it is set up; the message says why, and what to do.</exception>
    /// <exception cref="StoreException">The store says that trying again does not help.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the node has stopped.</exception>
    public static async Task<ClusterNode> StartAsync(ClusterSetting setting, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(setting);
        setting.Options.Check();
        setting.Entities.Check();
        ClusterMeter.Publish();
        var node = new ClusterNode(setting);
        try
        {
            using var patience = cancellationToken.UnsafeRegister(
                static (events, token) => ((NodeEvents)events!).FailStart(new OperationCanceledException(token)), node._events);
            await node._events.WhenStarted;
            return node;
        }
        catch
        {
            await node.StopAsync(new CancellationToken(canceled: true));
            throw;
        }
    }

    /// <summary>Leaves the cluster: takes no new asks, gives all shards away with the states of their entities, waits until the view says that the node is no
    /// member any more, ends its lease, and stops. Idempotent: each call waits for the same end. The transport, which peers may take for a sign of life, is
    /// to be closed after that.</summary>
    /// <param name="cancellationToken">Ends the patience, whichever call it was given with: the node stops at once, and the others take over from it as from one that
    /// has died. What was acknowledged is durable in any case. With a token that is cancelled already nothing is answered from memory any more once the call has
    /// returned, even if the node has not stopped by then: the transport may be closed.</param>
    public Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.CanBeCanceled && !_stopping.Task.IsCompleted) _ = HurryAsync(cancellationToken);
        if (!Interlocked.Exchange(ref _isStopping, true)) _ = FinishAsync();
        return _stopping.Task;
    }

    /// <summary>As <see cref="StopAsync"/>, with all patience.</summary>
    public ValueTask DisposeAsync() => new(StopAsync());

    /// <summary>The system restarts the node's actor when that fails itself, and stops it when it fails again and again.</summary>
    private async Task WatchAsync()
    {
        await _node.WhenStoppedAsync();
        if (!Volatile.Read(ref _isStopping)) _events.GivenUp(new InvalidOperationException($"The actor of node {_parts.Name} has stopped: it failed too often, or its system was stopped under it."));
        _events.Stopped();
    }

    /// <summary>Watches the token of one caller for as long as the node stops.</summary>
    private async Task HurryAsync(CancellationToken cancellationToken)
    {
        using var hurry = cancellationToken.UnsafeRegister(static node => ((ClusterNode)node!).Hurry(), this);
        // How that ends is told by the task itself.
        await _stopping.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private void Hurry()
    {
        // At once, whatever the actors are at: peers take the closed transport, and the store the closed connection, for signs that nothing is answered here any more.
        _parts.Halt();
        _hurry.Cancel();
    }

    private async Task FinishAsync()
    {
        try
        {
            await _router.DrainAsync(_hurry.Token);
            _node.Tell(new LeaveNow(InHurry: false));
            using (_hurry.Token.UnsafeRegister(static node => ((ActorRef<INodeMessage>)node!).TryTell(new LeaveNow(InHurry: true)), _node))
            {
                await _events.WhenStopped;
            }
            await _node.StopAsync(StopPatience, CancellationToken.None);
            await _topics.StopAsync();
            await _router.StopAsync();
            await _watching;
            // No shard is left: it finds nothing to wait for.
            if (_shards is not null) await _shards.StopAsync(CancellationToken.None);
            _stopping.TrySetResult();
        }
        catch (Exception e)
        {
            _stopping.TrySetException(e);
        }
    }
}
