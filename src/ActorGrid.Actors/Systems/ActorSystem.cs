using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace ActorGrid.Actors;

/// <summary>A tree of actors with their dispatcher, clock, randomness and dead letters. Thread-safe.</summary>
public sealed partial class ActorSystem : IAsyncDisposable
{
    private readonly ActorSystemOptions _options;
    private readonly ActorCell<None> _root;
    private readonly bool _ownsDispatcher;
    private readonly TaskCompletionSource _rootStopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Refusals _askRefusals;
    private long _lastId;

    /// <summary>Starts an empty system.</summary>
    /// <param name="options">What it is made from; default: all defaults.</param>
    public ActorSystem(ActorSystemOptions? options = null)
    {
        ActorMeter.Publish();
        OverloadMeter.Publish();
        _options = options ?? new ActorSystemOptions();
        _logger = _options.LoggerFactory.CreateLogger<ActorSystem>();
        Random = new SynchronizedRandom(_options.Seed ?? RandomNumberGenerator.GetInt32(int.MaxValue));
        _ownsDispatcher = _options.Dispatcher is null;
        Dispatcher = _options.Dispatcher ?? new WorkerDispatcher(name: _options.Name);
        Deadlines = new Deadlines(Time, Dispatcher);
        _subscriberFailures = new LogRate(Time, _options.DeadLetterLogsPerSecond);
        _askRefusals = new Refusals("asks and timers open at its system", nameof(ActorSystemOptions.OpenAsksMax), _options.OpenAsksMax, Time, Random);
        DeadLetters = new DeadLetters(this, _logger, _options.DeadLetterLogsPerSecond, _options.RecentDeadLettersMax);
        Events = new EventStream(this);
        _root = new ActorCell<None>(this, parent: null, () => new Root(_options.Supervision), name: null, options: null, id: 0);
        _root.Extras.Children = new Children();
        _root.Schedule();
    }

    /// <summary>The system's name.</summary>
    public string Name => _options.Name;

    /// <summary>The system's clock.</summary>
    public TimeProvider Time => _options.TimeProvider;

    /// <summary>The system's source of randomness; thread-safe.</summary>
    public Random Random { get; }

    /// <summary>Where actors run unless they were spawned with another.</summary>
    public Dispatcher Dispatcher { get; }

    /// <summary>The system's deadlines, for promises and timers outside actors.</summary>
    public Deadlines Deadlines { get; }

    /// <summary>Where messages end that reach no one.</summary>
    public DeadLetters DeadLetters { get; }

    /// <summary>What happens in the system, by publish and subscribe.</summary>
    public EventStream Events { get; }

    /// <summary>Starts an actor at the top of the tree.</summary>
    /// <typeparam name="TMessage">What it understands.</typeparam>
    /// <param name="factory">Makes an instance, for the start and for every restart. Sharing one delegate among many actors saves memory.</param>
    /// <param name="name">Unique at the top of the tree; default: a number. Must not contain '/' or begin with '$'.</param>
    /// <param name="options">Default: an unbounded mailbox on the system's dispatcher.</param>
    /// <returns>Its reference, which takes messages at once.</returns>
    /// <exception cref="ArgumentException">The name is not allowed, or the options prioritize messages of another type.</exception>
    /// <exception cref="InvalidOperationException">There is an actor of that name, or the system is stopping.</exception>
    public ActorRef<TMessage> Spawn<TMessage>(Func<Actor<TMessage>> factory, string? name = null, SpawnOptions? options = null) =>
        Spawn(_root, factory, name, options);

    /// <summary>Shows the actors of the system with their place in the tree: what they are, what they are doing, what waits for them.</summary>
    /// <remarks>The actors are looked at from outside while they run, each at its own moment: it holds none of them up, and one that is stuck in its code does not hold it up. So what it says
    /// is true of an actor that stands still, and about right for one that runs. Where the tree is larger than the bound, all of a level are described before any of the next one, those
    /// with a name of their own before those whose name is made up (it begins with '$'), the oldest first; <see cref="ActorDescription.ChildCount"/> still counts all.</remarks>
    /// <param name="actorsMax">How many actors are described at most, the root included. Default 1,000; 1 to 100,000.</param>
    /// <returns>The root of the tree, whose path is "/". Its <see cref="ActorDescription.ToString"/> is the whole tree as text.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="actorsMax"/> is out of range.</exception>
    public ActorDescription Describe(int actorsMax = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(actorsMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(actorsMax, 100_000);
        return TreeDescription.Of(_root, actorsMax);
    }

    /// <summary>Stops all actors, children before their parents, each after the message that it is handling; then the dispatcher, if the system made it. Idempotent.
    /// Asks that are still open then fail with <see cref="SystemStoppedException"/>.</summary>
    /// <remarks>Do not wait for it in a handler: that actor could not stop.</remarks>
    /// <param name="cancellationToken">Gives up waiting; stopping goes on.</param>
    /// <returns>A task that completes when all have stopped.</returns>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        _root.Send(new StopSignal());
        await _rootStopped.Task.WaitAsync(cancellationToken);
        await Deadlines.DisposeAsync();
        if (_ownsDispatcher) await Dispatcher.DisposeAsync().AsTask().WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => new(StopAsync());

    internal ActorRef<TMessage> Spawn<TMessage>(ActorCell parent, Func<Actor<TMessage>> factory, string? name, SpawnOptions? options)
    {
        ActorCell<TMessage> cell = MakeChild(parent, factory, name, options);
        cell.Schedule();
        return cell.Self;
    }

    private ActorCell<TMessage> MakeChild<TMessage>(ActorCell parent, Func<Actor<TMessage>> factory, string? name, SpawnOptions? options)
    {
        ArgumentNullException.ThrowIfNull(factory);
        if (name is not null && (name.Length == 0 || name[0] == '$' || name.Contains('/', StringComparison.Ordinal)))
            throw new ArgumentException($"'{name}' cannot name an actor: a name is not empty, does not begin with '$' and contains no '/'.", nameof(name));
        var cell = new ActorCell<TMessage>(this, parent, factory, name, options, Interlocked.Increment(ref _lastId));
        (parent.Extras.Children ??= new Children()).Add(parent, cell, name);
        return cell;
    }

    /// <summary>Whether as many asks are open as may be; timers count, too.</summary>
    internal bool IsFullOfAsks => Deadlines.HasMoreThan(_options.OpenAsksMax);

    internal OverloadedException RefuseAsk(ActorRef target) => _askRefusals.Refuse(target.Path);

    internal void OnRootStopped() => _rootStopped.TrySetResult();

    internal ILogger LoggerFor(Type type) => _options.LoggerFactory.CreateLogger(type.FullName ?? type.Name);

    /// <summary>The root understands nothing.</summary>
    private sealed class None;

    private sealed class Root(SupervisionStrategy supervision) : Actor<None>
    {
        protected override SupervisionStrategy Supervision => supervision;

        protected override ValueTask OnMessageAsync(None message) => default;
    }
}
