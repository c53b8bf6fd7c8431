using System.Text.Json;
using ActorGrid.Actors;
using ActorGrid.Jobs.Tests.Pure;
using ActorGrid.Persistence;
using ActorGrid.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorGrid.Jobs.Tests.Running;

/// <summary>A node on one thread, over a store that outlives it: started, killed and started again as a test needs.</summary>
internal sealed class JobRig
{
    private static readonly GridIdentity Grid = new("test", ShardCount: 2);
    private readonly InMemoryStore _memory = new();
    private readonly JobRunnerOptions _runner;
    private readonly IReadOnlyList<JobType> _types;
    private JobHost _host = null!;
    private int _lives;

    public JobRig(JobOptions? options = null, JobRunnerOptions? runner = null, params IReadOnlyList<JobType> more)
    {
        _runner = runner ?? new JobRunnerOptions { Workers = 2 };
        _types = [JobType.Create<SumJob>("sum", SumJson.Default, options, new Utf16Codec()), .. more];
        Start();
    }

    public ManualClock Clock { get; } = new();

    /// <summary>What the next life of the node logs to.</summary>
    public ILoggerFactory Loggers { get; set; } = NullLoggerFactory.Instance;

    /// <summary>What an entity answers in place of taking a command; null: it takes it.</summary>
    public Func<EntityId, object, Exception?> OnAsk { get; set; } = static (_, _) => null;

    public ActorSystem System { get; private set; } = null!;

    public ManualDispatcher Dispatcher { get; private set; } = null!;

    public FaultyStore Store { get; private set; } = null!;

    public EntityHost Entities { get; private set; } = null!;

    public JobClient Jobs { get; private set; } = null!;

    public IEventJournal Journal => _memory.Journal;

    /// <summary>The process dies: nothing that it had under way goes on. Then a new one starts.</summary>
    /// <param name="run">Whether it runs until there is nothing left to do, or only until it has started.</param>
    public void Restart(bool run = true) => Start(run);

    public Task StopAsync() => _host.StopAsync();

    public void Run() => Dispatcher.RunUntilIdle();

    public void Advance(TimeSpan by) => Clock.Advance(by, Dispatcher);

    public T Run<T>(Func<Task<T>> call) => Dispatcher.Run(call);

    /// <summary>Starts something and does not wait for it.</summary>
    public Task<T> Begin<T>(Func<Task<T>> call) => Dispatcher.Start(call);

    public JobHandle<string> Submit(int parts, Script? script = null, string? id = null) =>
        Run(() => Jobs.SubmitAsync(new SumJob(parts, script is null ? "" : Scripts.Add(script)), id));

    public JobHandle<string> Find(string id) => Run(() => Jobs.FindAsync(id))!.As<string>();

    public TException Failure<TException>(Func<Task> call)
        where TException : Exception
    {
        var task = Dispatcher.Start(call);
        Run();
        Assert.True(task.IsCompleted, "The call has not ended.");
        return Assert.IsType<TException>(task.IsCanceled ? Record(task) : task.Exception?.InnerException);
    }

    /// <summary>What the journal holds of a job.</summary>
    public IReadOnlyList<string> History(string id) =>
        [.. Journal.ReadEntitiesAsync(
            [new EntityRead(JobAddress.Of("sum", id), 0, int.MaxValue)], default).GetAwaiter().GetResult()[0].Events.Select(e =>
                e.Event.Manifest)];

    public IReadOnlyList<JobEvent> Events(string id) =>
    [
        .. Journal.ReadEntitiesAsync(
            [new EntityRead(JobAddress.Of("sum", id), 0, int.MaxValue)], default).GetAwaiter().GetResult()[0].Events
            .Where(e => e.Event.Manifest == "done")
            .Select(e => JsonSerializer.Deserialize(e.Event.Payload.Span, JobJson.Default.PartDone)!),
    ];

    public bool HasAttachment(string id, string name) =>
        Journal.ReadAttachmentAsync(JobAddress.Of("sum", id), name, default).GetAwaiter().GetResult() is not null;

    private static Exception? Record(Task task)
    {
        try
        {
            task.GetAwaiter().GetResult();
            return null;
        }
        catch (OperationCanceledException cancelled)
        {
            return cancelled;
        }
    }

    private void Start(bool run = true)
    {
        Dispatcher = new ManualDispatcher();
        Store = new FaultyStore(_memory);
        var system = System = new ActorSystem(
            new ActorSystemOptions { Dispatcher = Dispatcher, TimeProvider = Clock, LoggerFactory = Loggers, Seed = ++_lives });
        _host = new JobHost(system, _types, _runner with { WorkerDispatcher = _ => Dispatcher });
        // The store in memory has ended each call when it returns, so the node is up then.
        var started = Dispatcher.Start(async () =>
        {
            await Store.OpenAsync(Grid, default);
            Entities = await EntityHost.StartAsync(system, Store, Grid, [_host.EntityType]);
            Jobs = _host.Start(new Router(this, Entities), Store.Journal);
        });
        Assert.True(started.IsCompletedSuccessfully, started.Exception?.ToString());
        if (run) Run();
    }

    /// <summary>Lets <see cref="OnAsk"/> answer first.</summary>
    private sealed class Router(JobRig rig, EntityHost entities) : IEntityRouter
    {
        public Task<TReply> AskAsync<TEntity, TReply>(
            EntityId entity, ICommand<TEntity, TReply> command, AskOptions? options = null, CancellationToken cancellationToken = default)
            where TEntity : Entity
            where TReply : notnull =>
            rig.OnAsk(entity, command) is { } error
                ? Task.FromException<TReply>(error)
                : entities.AskAsync(entity, command, options, cancellationToken);
    }
}
