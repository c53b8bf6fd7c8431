using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>The subscriptions and projections of a node: for each of them and each shard that the node serves, a reader.</summary>
/// <remarks>
/// Made before the node's entities, which tell it what they commit; started after them, since handlers ask them; stopped before them. Its methods are called by one caller, one after the other.
/// </remarks>
public sealed class SubscriptionHost : IAsyncDisposable
{
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(10);

    private readonly ActorSystem _system;
    private readonly ActorRef<CursorLane.IMessage>? _cursors;
    private readonly ReaderSetting[] _settings;
    private readonly FeedTable _feeds;

    /// <summary>Checks the subscriptions; nothing is read before <see cref="Start"/>.</summary>
    /// <param name="system">Where the readers run.</param>
    /// <param name="store">The store of the node, opened.</param>
    /// <param name="types">The entity types of the node.</param>
    /// <param name="subscriptions">What to run; the same on all nodes of one version.</param>
    /// <exception cref="ArgumentException">Two subscriptions share a name, one is to an entity type that is not there or has other events, or cannot work with this store.</exception>
    public SubscriptionHost(ActorSystem system, IGridStore store, IReadOnlyList<EntityType> types, IReadOnlyList<Subscription> subscriptions)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(store);
        if (subscriptions.GroupBy(s => s.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Two subscriptions are named '{twice.Key}', and would share a cursor: give one of them another name.", nameof(subscriptions));
        }
        SubscriptionMeter.Publish();
        _system = system;
        Names = [.. subscriptions.Select(static s => s.Name)];
        var ofTypes = subscriptions.Select(s => TypeOf(s, types)).ToList();
        var sinks = subscriptions.Select((s, i) => s.Bind(ofTypes[i], store)).ToList();
        if (subscriptions.Count > 0)
        {
            var cursors = _cursors = system.Spawn(() => new CursorLane(store.Cursors));
            _settings = [.. subscriptions.Select((s, i) => new ReaderSetting(s, ofTypes[i], sinks[i], store, cursors, new HandlerTurns(s.Options.ConcurrencyMax), new LogLimit(system.Time)))];
        }
        _settings ??= [];
        _feeds = new FeedTable(system, _settings);
    }

    /// <summary>What the shards of the node report to; null: there is nobody who would listen.</summary>
    internal IShardFollower? Follower => _settings.Length == 0 ? null : _feeds;

    /// <summary>Whose events are kept, in a shard where they have stored no cursor yet.</summary>
    internal IReadOnlyList<string> Names { get; }

    /// <summary>Begins to give events.</summary>
    public void Start() => _feeds.Start();

    /// <summary>Gives no more events and cancels the handlers at work, then waits until they have returned and the cursors are stored. Idempotent.</summary>
    /// <param name="cancellationToken">Ends the wait: for a handler that ignores its token. Its event is given again.</param>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        var readers = _feeds.Stop();
        foreach (var reader in readers) await reader.WhenStoppedAsync(cancellationToken);
        if (_cursors is not null) await _cursors.StopAsync(DrainTimeout, cancellationToken);
    }

    /// <summary>Stops without a bound on the wait.</summary>
    public ValueTask DisposeAsync() => new(StopAsync());

    private static EntityType TypeOf(Subscription subscription, IReadOnlyList<EntityType> types)
    {
        string entity = subscription.EntityClass.Name;
        var type = types.FirstOrDefault(t => t.EntityClass == subscription.EntityClass) ?? throw new ArgumentException(
            $"'{subscription.Name}' subscribes to {entity}, which is not an entity type of this grid: add .AddEntity<{entity}>(\"a-stable-name\", ...).", nameof(types));
        if (type.EventType == subscription.EventType) return type;
        throw new ArgumentException(
            $"'{subscription.Name}' subscribes to {CSharpName.Of(subscription.EventType)} of {entity}, whose events are {CSharpName.Of(type.EventType)}: write <{entity}, {CSharpName.Of(type.EventType)}>.",
            nameof(types));
    }
}

/// <summary>What the readers of a subscription on a node share.</summary>
internal sealed record ReaderSetting(
    Subscription Subscription, EntityType Type, IEventSink Sink, IGridStore Store, ActorRef<CursorLane.IMessage> Cursors, HandlerTurns Turns, LogLimit Failures);
