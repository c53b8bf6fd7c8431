using ActorGrid.Actors;

namespace ActorGrid.Testing;

/// <summary>An actor system on the thread of the test, with its clock in the test's hands: it runs when told to, and the same way every time.</summary>
/// <remarks>For one thread.</remarks>
public sealed class ManualSystem
{
    /// <summary>Starts it.</summary>
    /// <param name="options">
    /// Supervision, logging and so on; dispatcher and clock are its own, and the seed is 1 if none is given. Default: all defaults.
    /// </param>
    public ManualSystem(ActorSystemOptions? options = null)
    {
        options ??= new ActorSystemOptions();
        Actors = new ActorSystem(options with { Dispatcher = Dispatcher, TimeProvider = Clock, Seed = options.Seed ?? 1 });
    }

    /// <summary>The system.</summary>
    public ActorSystem Actors { get; }

    /// <summary>Its clock, which stands still until it is moved.</summary>
    public ManualClock Clock { get; } = new();

    /// <summary>What runs its actors, when told to.</summary>
    public ManualDispatcher Dispatcher { get; } = new();

    /// <summary>Starts an actor at the top of the tree.</summary>
    /// <typeparam name="TMessage">What it understands.</typeparam>
    /// <param name="factory">Makes an instance, for the start and for every restart.</param>
    /// <param name="name">Unique at the top of the tree; default: a number.</param>
    public ActorRef<TMessage> Spawn<TMessage>(Func<Actor<TMessage>> factory, string? name = null) => Actors.Spawn(factory, name);

    /// <summary>Starts a probe, to stand in for an actor that the one under test talks to.</summary>
    /// <typeparam name="TMessage">What it understands.</typeparam>
    /// <param name="name">Unique at the top of the tree; default: a number.</param>
    public Probe<TMessage> Probe<TMessage>(string? name = null) => new(Actors, name);

    /// <summary>Runs until nothing is left to do at this moment.</summary>
    public void Run() => Dispatcher.RunUntilIdle();

    /// <summary>Runs until that task has completed, and gives its result: for an ask.</summary>
    /// <typeparam name="T">The result.</typeparam>
    /// <param name="start">Starts the task.</param>
    /// <exception cref="InvalidOperationException">Nothing is left to run, and the task is not complete: it waits for the clock.</exception>
    public T Run<T>(Func<Task<T>> start) => Dispatcher.Run(start);

    /// <summary>Moves the clock on, and runs what is to be done before, after and at every time at which a timer fires.</summary>
    /// <param name="by">How far; zero or more.</param>
    public void Advance(TimeSpan by) => Clock.Advance(by, Dispatcher);
}
