using ActorGrid.Testing;

namespace ActorGrid.Actors.Tests;

/// <summary>An actor system on one thread and a clock that stands still, with actors made of delegates.</summary>
internal sealed class Sim
{
    private readonly ManualSystem _manual;

    public Sim(Func<ActorSystemOptions, ActorSystemOptions>? with = null) => _manual = new ManualSystem(with?.Invoke(new ActorSystemOptions()));

    public ManualClock Clock => _manual.Clock;

    public ManualDispatcher Dispatcher => _manual.Dispatcher;

    public ActorSystem System => _manual.Actors;

    public void Run() => _manual.Run();

    public void Advance(double seconds) => _manual.Advance(TimeSpan.FromSeconds(seconds));

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
