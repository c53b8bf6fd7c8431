using System.Collections.Immutable;
using ActorGrid.Actors;
using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

/// <summary>Nodes on one thread over one store, whose shards a test opens and closes.</summary>
internal sealed class ShardRig
{
    public static readonly EntityId A = EntityId.Create("ledger", "a");
    public static readonly ShardId Shard = new(0);

    private readonly InMemoryStore _memory = new();
    private readonly List<Node> _nodes = [];

    /// <summary>Shared, so that a call can go from one node to another, as if it had come over the wire.</summary>
    private readonly EntityTypes _types = TypesOf(null);

    public ShardRig()
    {
        Store = new FaultyStore(_memory);
        Dispatcher.Run(() => Store.OpenAsync(Grid, default));
    }

    public ManualDispatcher Dispatcher { get; } = new();

    public ManualClock Clock { get; } = new();

    public FaultyStore Store { get; }

    public IEventJournal Journal => _memory.Journal;

    public GridIdentity Grid { get; } = new("test", ShardCount: 1);

    public Node Start(EntityOptions? entities = null, EntityHostOptions? options = null, int handoverBytesMax = 1 << 20)
    {
        var node = new Node(this, _nodes.Count + 1, entities, options ?? new EntityHostOptions(), handoverBytesMax);
        _nodes.Add(node);
        return node;
    }

    public void Run() => Dispatcher.RunUntilIdle();

    public void Advance(double milliseconds) => Clock.Advance(TimeSpan.FromMilliseconds(milliseconds), Dispatcher);

    public void Script(params AppendFault[] faults)
    {
        var script = new Queue<AppendFault>(faults);
        Store.OnAppend = _ => script.TryDequeue(out var fault) ? fault : AppendFault.None;
    }

    public void ReleaseNext()
    {
        Dispatcher.Run(() =>
        {
            Store.ReleaseNext();
            return Task.CompletedTask;
        });
        Run();
    }

    /// <summary>What is stored of the entity.</summary>
    public int[] Stored() =>
    [
        .. Rig.Now(Journal.ReadEntitiesAsync([new EntityRead(A, 0, int.MaxValue)], default))[0].Events
            .Where(e => e.Event.Manifest == "added")
            .Select(e => System.Text.Json.JsonSerializer.Deserialize(e.Event.Payload.Span, LedgerJson.Default.Added)!.Number)
    ];

    private static EntityTypes TypesOf(EntityOptions? options) => new(
    [
        EntityType.Create<Ledger>("ledger", LedgerJson.Default, options),
        EntityType.Create<Leaky>("leaky", LeakyJson.Default, new EntityOptions { SnapshotEvery = 2, RemoveEventsAfter = options?.RemoveEventsAfter }),
    ]);

    public sealed class Node : IShardWatcher, IAnswerGate, IAskRetry
    {
        private readonly ShardRig _rig;
        private readonly CommandIdSource _ids;

        public Node(ShardRig rig, int number, EntityOptions? entities, EntityHostOptions options, int handoverBytesMax)
        {
            _rig = rig;
            Incarnation = new Guid(number, 0, 0, new byte[8]);
            System = new ActorSystem(new ActorSystemOptions { Dispatcher = rig.Dispatcher, TimeProvider = rig.Clock, Seed = number });
            Tap = new TappedStore(rig.Store);
            Types = entities is null ? rig._types : TypesOf(entities);
            _ids = new CommandIdSource(System.Time, System.Random);
            Host = ShardHost.Start(System, Tap, Types, options, static _ => Shard, this, this, handoverBytesMax);
        }

        public Guid Incarnation { get; }

        public ActorSystem System { get; }

        public TappedStore Tap { get; }

        public EntityTypes Types { get; }

        public ShardHost Host { get; }

        public bool MayAnswer { get; set; } = true;

        public List<(Epoch Epoch, ShardEnd End)> Ends { get; } = [];

        public List<IPendingAsk> GivenBack { get; } = [];

        void IShardWatcher.OnShardEnded(ShardId shard, Epoch epoch, ShardEnd end, Exception? reason) => Ends.Add((epoch, end));

        void IAskRetry.Retry(IPendingAsk ask, TimeSpan pause) => GivenBack.Add(ask);

        public FenceOutcome Raise(long term, int generation = 0) => Rig.Now(
            _rig.Journal.RaiseFencesAsync([new FenceRaise(Shard, new Fence(new Epoch(term, generation), Incarnation))], default))[0];

        public void Open(long term, HandedOver? states = null, int generation = 0)
        {
            Host.Expect(Shard);
            Host.Open(Raise(term, generation), states);
            _rig.Run();
        }

        public Task<TReply> Ask<TReply>(ICommand<Ledger, TReply> command, CommandId? id = null, double timeoutMs = 10_000)
            where TReply : notnull
        {
            var ask = NewAsk(command, id, timeoutMs);
            if (!Host.TryAdmit(Shard, ask)) ask.Fail(new OwnershipLostException(A, Shard, "it is not here"));
            return ask.Task;
        }

        public PendingAsk<TReply> NewAsk<TReply>(ICommand<Ledger, TReply> command, CommandId? id = null, double timeoutMs = 10_000)
            where TReply : notnull =>
            new(System.Deadlines, TimeSpan.FromMilliseconds(timeoutMs), default, A, Shard, Types.Check<Ledger>(A, command), command, id ?? _ids.Next())
            {
                Novelty = id is null ? IdNovelty.JustIssued : IdNovelty.Unknown,
            };

        public RoutedAsk<TReply> Route<TReply>(ICommand<Ledger, TReply> command)
            where TReply : notnull
        {
            var ask = new RoutedAsk<TReply>(
                System.Deadlines, TimeSpan.FromSeconds(10), default, A, Shard, Types.Check<Ledger>(A, command), command, _ids.Next(), this,
                System.Time.GetTimestamp());
            Assert.True(Host.TryAdmit(Shard, ask));
            return ask;
        }

        /// <summary>Runs until nothing is left to do, and gives the reply.</summary>
        public TReply Do<TReply>(ICommand<Ledger, TReply> command, CommandId? id = null)
            where TReply : notnull => Result(Ask(command, id));

        public int[] Numbers() => [.. Do<ImmutableArray<int>>(new GetNumbers())];

        public T Result<T>(Task<T> task)
        {
            _rig.Run();
            Assert.True(task.IsCompleted, "It has not ended.");
            return task.GetAwaiter().GetResult();
        }

        public void AssertLost(Task task)
        {
            _rig.Run();
            Assert.IsType<OwnershipLostException>(task.Exception?.InnerException);
        }

        public HandedOver Release() => Assert.IsType<HandedOver>(Result(Host.ReleaseAsync(Shard)));
    }
}
