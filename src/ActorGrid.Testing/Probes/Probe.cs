using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ActorGrid.Actors;

namespace ActorGrid.Testing;

/// <summary>Stands in for an actor in a test: keeps what is sent to it, until the test looks.</summary>
/// <remarks>
/// On a <see cref="ManualSystem"/> a test calls <see cref="Expect(TimeSpan)"/>, which runs the actors itself. On every other system, that of a
/// <see cref="SimulatedGrid"/> above all, it awaits <see cref="NextAsync(TimeSpan)"/>. Neither sleeps. Thread-safe.
/// </remarks>
/// <typeparam name="TMessage">What it understands.</typeparam>
public sealed class Probe<TMessage>
{
    private readonly Lock _gate = new();
    private readonly Queue<TMessage> _messages = new();
    private readonly Queue<Wait> _waits = new();
    private readonly ActorSystem _system;

    /// <summary>Starts it.</summary>
    /// <param name="system">Where it lives.</param>
    /// <param name="name">Unique at the top of that system's tree; default: a number.</param>
    public Probe(ActorSystem system, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(system);
        _system = system;
        Ref = system.Spawn(() => new Ear(this), name);
    }

    /// <summary>Where to send messages to it.</summary>
    public ActorRef<TMessage> Ref { get; }

    /// <summary>How many messages it has got that nobody has looked at.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return _messages.Count;
        }
    }

    /// <summary>The next message, in the order in which they came.</summary>
    /// <param name="within">How long to wait by the clock of the system; more than zero.</param>
    /// <returns>The message; it fails with <see cref="ProbeException"/> if none comes in time.</returns>
    public Task<TMessage> NextAsync(TimeSpan within)
    {
        lock (_gate)
        {
            if (_messages.TryDequeue(out var message)) return Task.FromResult(message);
            var wait = new Wait(this, within);
            _waits.Enqueue(wait);
            return wait.Task;
        }
    }

    /// <summary>The next message, which has to be of that kind.</summary>
    /// <typeparam name="TExpected">The kind.</typeparam>
    /// <param name="within">How long to wait by the clock of the system; more than zero.</param>
    /// <returns>The message; it fails with <see cref="ProbeException"/> if none comes in time, or another.</returns>
    public async Task<TExpected> NextAsync<TExpected>(TimeSpan within)
        where TExpected : TMessage => As<TExpected>(await NextAsync(within));

    /// <summary>Lets the actors run and takes the next message, in the order in which they came.</summary>
    /// <param name="within">How far the clock may move on until it comes. It stops where it does. Default: not at all.</param>
    /// <exception cref="ProbeException">None came.</exception>
    /// <exception cref="InvalidOperationException">The system is not on a <see cref="ManualDispatcher"/>, or its clock is no <see cref="ManualClock"/>.</exception>
    public TMessage Expect(TimeSpan within = default) => TryTake(within, out var message) ? message : throw Missed(typeof(TMessage), within);

    /// <summary>Lets the actors run and takes the next message, which has to be of that kind.</summary>
    /// <typeparam name="TExpected">The kind.</typeparam>
    /// <param name="within">How far the clock may move on until it comes. It stops where it does. Default: not at all.</param>
    /// <exception cref="ProbeException">None came, or another.</exception>
    /// <exception cref="InvalidOperationException">The system is not on a <see cref="ManualDispatcher"/>, or its clock is no <see cref="ManualClock"/>.</exception>
    public TExpected Expect<TExpected>(TimeSpan within = default)
        where TExpected : TMessage => TryTake(within, out var message) ? As<TExpected>(message) : throw Missed(typeof(TExpected), within);

    /// <summary>Lets the actors run, and the clock move on: no message may come, nor may one be left from before.</summary>
    /// <param name="within">How far the clock moves on. Default: not at all.</param>
    /// <exception cref="ProbeException">One came.</exception>
    /// <exception cref="InvalidOperationException">The system is not on a <see cref="ManualDispatcher"/>, or its clock is no <see cref="ManualClock"/>.</exception>
    public void ExpectNothing(TimeSpan within = default)
    {
        if (TryTake(within, out var message)) throw new ProbeException($"{Ref} expected nothing{Bound(within)}, and got: {message}");
    }

    /// <inheritdoc/>
    public override string ToString() => Ref.Path;

    private bool TryTake(TimeSpan within, [MaybeNullWhen(false)] out TMessage message)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(within, TimeSpan.Zero);
        var dispatcher = _system.Dispatcher as ManualDispatcher
            ?? throw new InvalidOperationException($"{Ref} is not on a {nameof(ManualDispatcher)}, so nobody runs its system while the test waits here: await {nameof(NextAsync)} instead.");
        dispatcher.RunUntilIdle();
        if (within > TimeSpan.Zero && Waiting == 0) MoveClock(within, dispatcher);
        lock (_gate) return _messages.TryDequeue(out message);
    }

    private void MoveClock(TimeSpan within, ManualDispatcher dispatcher)
    {
        var clock = _system.Time as ManualClock
            ?? throw new InvalidOperationException($"The clock of the system that {Ref} lives in is no {nameof(ManualClock)}: it cannot be moved on.");
        clock.AdvanceUntil(
            () =>
            {
                dispatcher.RunUntilIdle();
                return Waiting > 0;
            },
            within);
    }

    private void Take(TMessage message)
    {
        lock (_gate)
        {
            // A wait that is over by its deadline takes nothing. Continuations never run in here: the promise does not run them where it is set.
            while (_waits.TryDequeue(out var wait))
            {
                if (wait.TrySetResult(message)) return;
            }
            _messages.Enqueue(message);
        }
    }

    private TExpected As<TExpected>(TMessage message)
        where TExpected : TMessage =>
        message is TExpected expected ? expected : throw new ProbeException($"{Ref} expected a message of type {typeof(TExpected).Name}, and got: {message}");

    private ProbeException Missed(Type expected, TimeSpan within) => new($"{Ref} expected a message of type {expected.Name}{Bound(within)}, and got nothing.");

    private static string Bound(TimeSpan within) => within == TimeSpan.Zero ? "" : string.Create(CultureInfo.InvariantCulture, $" within {within.TotalSeconds} s");

    private sealed class Wait(Probe<TMessage> probe, TimeSpan within) : Promise<TMessage>(probe._system.Deadlines, within)
    {
        protected override Exception TimedOut() => probe.Missed(typeof(TMessage), Timeout);
    }

    private sealed class Ear(Probe<TMessage> probe) : Actor<TMessage>
    {
        protected override ValueTask OnMessageAsync(TMessage message)
        {
            probe.Take(message);
            return default;
        }
    }
}
