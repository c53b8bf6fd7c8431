using System.Buffers;
using ActorGrid.Actors;
using ActorGrid.Jobs.Tests.Pure;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Jobs.Tests.Sharing;

/// <summary>Several nodes over one store, on one thread. All job entities live on one of them, the owner, which can change.</summary>
internal sealed class GridRig
{
    private static readonly GridIdentity Grid = new("test", ShardCount: 2);
    private readonly InMemoryStore _store = new();
    private readonly List<Node> _live = [];
    private readonly List<TaskCompletionSource> _asks = [];
    private int _lives;

    public GridRig()
    {
        var opened = _store.OpenAsync(Grid, default);
        Assert.True(opened.IsCompletedSuccessfully);
    }

    public ManualClock Clock { get; } = new();

    public TestNet Net { get; } = new();

    public Node Owner { get; private set; } = null!;

    public IEventJournal Journal => _store.Journal;

    /// <summary>A node starts; the first becomes the owner.</summary>
    public Node Add(
        string name, int workers = 1, JobOptions? options = null, bool knowsSum = true, bool isClient = false, JobRunnerOptions? runner = null,
        bool isOld = false)
    {
        var node = new Node(this, name, workers, options, knowsSum, isClient, runner ?? new JobRunnerOptions(), isOld, ++_lives);
        _live.Add(node);
        if (Owner is null && !isClient) Own(node);
        Run();
        return node;
    }

    /// <summary>The shards move in order: their old owner finishes what it has in hand, if it lives.</summary>
    public void Move(Node to)
    {
        var from = Owner;
        if (_live.Contains(from))
        {
            var left = from.Dispatcher.Start(() => from.Entities!.StopAsync());
            RunUntil(() => left.IsCompleted);
        }
        Own(to);
        Run();
    }

    /// <summary>The process dies, and the members see it at once.</summary>
    public void Kill(Node node)
    {
        _live.Remove(node);
        Net.Leave(node.Port);
        Run();
    }

    /// <summary>The node's jobs stop in order, then it leaves.</summary>
    public void Stop(Node node)
    {
        var stopped = node.Dispatcher.Start(() => node.Host.StopAsync());
        for (int i = 0; i < 20 && !stopped.IsCompleted; i++) Advance(TimeSpan.FromSeconds(0.25));
        Assert.True(stopped.IsCompletedSuccessfully, "The stop has not ended.");
        Kill(node);
    }

    /// <summary>Runs until no node has anything to do.</summary>
    public void Run()
    {
        for (bool ran = true; ran;)
        {
            ran = false;
            foreach (var node in _live.ToList()) ran |= node.Dispatcher.RunUntilIdle(1_000_000) > 0;
        }
    }

    public void Advance(TimeSpan by)
    {
        Run();
        Clock.Advance(by, Run);
        Run();
    }

    /// <summary>Advances in small steps until something is so.</summary>
    public void Await(Func<bool> condition, string what, double secondsMax = 60)
    {
        Run();
        for (double t = 0; t < secondsMax && !condition(); t += 0.05) Advance(TimeSpan.FromSeconds(0.05));
        Assert.True(condition(), $"After {secondsMax} s it is not so: {what}.");
    }

    public T Call<T>(Node node, Func<Task<T>> call)
    {
        var task = node.Dispatcher.Start(call);
        Await(() => task.IsCompleted, "the call has ended");
        return task.GetAwaiter().GetResult();
    }

    public Task<T> Begin<T>(Node node, Func<Task<T>> call)
    {
        var task = node.Dispatcher.Start(call);
        Run();
        return task;
    }

    public JobHandle<string> Submit(Node node, int parts, Script? script = null, string? id = null)
    {
        string name = script is null ? "" : Scripts.Add(script);
        return Call(node, () => node.Jobs.SubmitAsync(new SumJob(parts, name), id));
    }

    public string Result(Node node, JobHandle<string> job) => Call(node, () => job.ResultAsync());

    public IReadOnlyList<string> History(string id) =>
    [
        .. Journal.ReadEntitiesAsync([new EntityRead(JobAddress.Of("sum", id), 0, int.MaxValue)], default).GetAwaiter().GetResult()[0]
            .Events.Select(e => e.Event.Manifest),
    ];

    private void Own(Node node)
    {
        var raised = node.Dispatcher.Start(() => node.StartEntitiesAsync(_store, Grid));
        RunUntil(() => raised.IsCompleted);
        Owner = node;
        foreach (var ask in _asks.ToList()) ask.TrySetResult();
        Net.Owner = node.Port.Self;
    }

    private void RunUntil(Func<bool> condition)
    {
        Run();
        Assert.True(condition(), "It has not ended.");
    }

    /// <summary>Of a version that does not understand the jobs of today.</summary>
    private sealed class OldCodec() : MessageCodec<SumJob>("old")
    {
        public override void Encode(SumJob message, IBufferWriter<byte> output) => throw new NotSupportedException();

        public override SumJob Decode(ReadOnlySpan<byte> payload) => throw new CodecException("This is of a newer version.");
    }

    /// <summary>A node.</summary>
    internal sealed class Node : IEntityRouter
    {
        private readonly GridRig _rig;
        private readonly ActorSystem _system;

        public Node(
            GridRig rig, string name, int workers, JobOptions? options, bool knowsSum, bool isClient, JobRunnerOptions runner, bool isOld,
            int seed)
        {
            _rig = rig;
            Name = name;
            Dispatcher = new ManualDispatcher();
            _system = new ActorSystem(new ActorSystemOptions { Dispatcher = Dispatcher, TimeProvider = rig.Clock, Seed = seed });
            Port = rig.Net.Join(name, isClient);
            IReadOnlyList<JobType> types = knowsSum || isClient ? [JobType.Create<SumJob>("sum", SumJson.Default, options, [new Utf16Codec(), .. isOld ? [new OldCodec()] : Array.Empty<MessageCodec>()])] : [];
            Host = new JobHost(_system, types, runner with { Workers = workers, NodeName = name, WorkerDispatcher = _ => Dispatcher });
            Jobs = Host.Start(this, rig.Journal, Port);
        }

        public string Name { get; }

        public ManualDispatcher Dispatcher { get; }

        public TestNet.Port Port { get; }

        public JobHost Host { get; }

        public JobClient Jobs { get; }

        public EntityHost? Entities { get; private set; }

        /// <summary>Asks the owner of this moment; what it does not own any more is asked again, as in a cluster.</summary>
        public async Task<TReply> AskAsync<TEntity, TReply>(
            EntityId entity, ICommand<TEntity, TReply> command, AskOptions? options = null, CancellationToken cancellationToken = default)
            where TEntity : Entity
            where TReply : notnull
        {
            for (int tries = 0; ; tries++)
            {
                try
                {
                    // An owner that died does not answer.
                    var ask = _rig.Owner.Entities!.AskAsync(entity, command, options, cancellationToken);
                    var settled = new TaskCompletionSource();
                    _rig._asks.Add(settled);
                    _ = TellAsync(ask, settled);
                    await settled.Task;
                    _rig._asks.Remove(settled);
                    if (ask.IsCompleted) return await ask;
                }
                catch (OwnershipLostException) when (tries < 200)
                {
                    await JobPause.WaitAsync(_system, TimeSpan.FromSeconds(0.05), cancellationToken);
                }
            }
        }

        private static async Task TellAsync(Task ask, TaskCompletionSource settled)
        {
            try
            {
                await ask;
            }
            finally
            {
                // Who asked looks at how it ended.
                settled.TrySetResult();
            }
        }

        public async Task<bool> StartEntitiesAsync(IGridStore store, GridIdentity grid)
        {
            Entities = await EntityHost.StartAsync(_system, store, grid, [Host.EntityType]);
            return true;
        }
    }
}
