using ActorGrid.Testing;

namespace ActorGrid.Actors.Tests;

/// <summary>An actor system on one thread and a clock that stands still.</summary>
internal sealed class Sim
{
    public Sim(Func<ActorSystemOptions, ActorSystemOptions>? with = null)
    {
        var options = new ActorSystemOptions { Dispatcher = Dispatcher, TimeProvider = Clock, Seed = 1 };
        System = new ActorSystem(with is null ? options : with(options));
    }

    public ManualClock Clock { get; } = new();

    public ManualDispatcher Dispatcher { get; } = new();

    public ActorSystem System { get; }

    public void Run() => Dispatcher.RunUntilIdle();

    public void Advance(double seconds) => Clock.Advance(TimeSpan.FromSeconds(seconds), Dispatcher);

    public ActorRef<T> Spawn<T>(Func<T, ActorContext<T>, ValueTask> handle, string? name = null, SpawnOptions? options = null, Action<Scripted<T>>? with = null) =>
        System.Spawn(() => Make(handle, with), name, options);

    public static Scripted<T> Make<T>(Func<T, ActorContext<T>, ValueTask> handle, Action<Scripted<T>>? with = null)
    {
        var actor = new Scripted<T>(handle);
        with?.Invoke(actor);
        return actor;
    }
}

/// <summary>An actor made of delegates.</summary>
internal sealed class Scripted<T>(Func<T, ActorContext<T>, ValueTask> handle) : Actor<T>
{
    public Func<ActorContext<T>, ValueTask>? OnStart { get; set; }

    public Func<ActorContext<T>, ValueTask>? OnStop { get; set; }

    public Func<Exception, ActorContext<T>, ValueTask>? OnRestart { get; set; }

    public SupervisionStrategy Decides { get; set; } = SupervisionStrategy.Restarting;

    protected override SupervisionStrategy Supervision => Decides;

    protected override ValueTask OnMessageAsync(T message) => handle(message, Context);

    protected override ValueTask OnStartAsync() => OnStart?.Invoke(Context) ?? default;

    protected override ValueTask OnStopAsync() => OnStop?.Invoke(Context) ?? default;

    protected override ValueTask OnRestartAsync(Exception reason) => OnRestart?.Invoke(reason, Context) ?? base.OnRestartAsync(reason);
}
