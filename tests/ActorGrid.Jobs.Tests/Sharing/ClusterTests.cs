using ActorGrid.Actors;
using ActorGrid.Cluster;
using ActorGrid.Jobs.Tests.Pure;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Jobs.Tests.Sharing;

/// <summary>Jobs on the nodes of a real cluster, over a network and a store in memory, on one thread.</summary>
public class ClusterTests
{
    private static readonly GridIdentity Grid = new("test", ShardCount: 8);
    private readonly InMemoryStore _store = new();
    private readonly InMemoryClusterStore _clusterStore = new(Grid);
    private readonly InMemoryNetwork _network = new();
    private readonly ManualClock _clock = new();
    private readonly List<Node> _live = [];
    private int _lives;

    public ClusterTests() => Assert.True(_store.OpenAsync(Grid, default).IsCompletedSuccessfully);

    [Fact]
    public void Parts_run_on_all_nodes_and_every_node_has_the_result()
    {
        Node[] nodes = [Start("a"), Start("b"), Start("c")];
        var client = Start("");
        var script = new Steered();
        var jobs = nodes.Append(client).Select((node, i) => Submit(node, 12, script, $"j{i}")).ToList();
        Await(() => script.Under.Count() == 6, "all workers are at it");
        var results = jobs.SelectMany(job => nodes.Append(client).Select(node => Result(node, job.Id))).ToList();
        script.Free();
        Await(() => results.TrueForAll(result => result.IsCompleted), "all nodes have the results");
        Assert.All(results, result => Assert.Equal(Script.Result(12), result.Result));
        Assert.Equal(48, script.Ran.Count);
    }

    [Fact]
    public void Nodes_die_leave_and_come_and_no_recorded_part_runs_again()
    {
        var options = new JobOptions { LossesMax = 5 };
        Node[] nodes = [Start("a", options), Start("b", options), Start("c", options)];
        var client = Start("", options);
        var script = new Steered();
        var jobs = Enumerable.Range(0, 6).Select(i => Submit(client, 10, script, $"j{i}")).ToList();
        var results = jobs.Select(job => Result(client, job.Id)).ToList();
        for (int round = 0; round < 4; round++)
        {
            Await(() => script.Under.Count() >= 4, "workers are at it");
            foreach (var run in script.Under.Take(3).ToList()) run.Gate.SetResult();
            Advance(0.3);
            int victim = round % 3;
            if (round % 2 == 0) Kill(nodes[victim]);
            else Stop(nodes[victim]);
            nodes[victim] = Start($"n{round}", options);
        }
        script.Free();
        Await(() => results.TrueForAll(result => result.IsCompleted), "the client has the results");
        Assert.All(results, result => Assert.Equal(Script.Result(10), result.Result));
        foreach (var job in jobs) Assert.Equal(10, History(job.Id).Count(name => name == "done"));
    }

    [Fact]
    public void All_nodes_die_and_the_next_go_on()
    {
        Node[] nodes = [Start("a"), Start("b")];
        var script = new Steered();
        var job = Submit(nodes[0], 8, script, "j");
        Await(() => script.Under.Count() == 4, "all workers are at it");
        script.Under.First().Gate.SetResult();
        Advance(0.3);
        var done = script.Ran.ToList();
        foreach (var node in nodes) Kill(node);
        var next = Start("c");
        script.Free();
        var result = Result(next, job.Id);
        Await(() => result.IsCompleted, "the result is there");
        Assert.Equal(Script.Result(8), result.Result);
        Assert.All(done, part => Assert.Single(script.Ran, ran => ran == part));
    }

    private Node Start(string endpoint, JobOptions? options = null)
    {
        var node = new Node(this, endpoint, options ?? new JobOptions(), ++_lives);
        _live.Add(node);
        Await(() => node.Starting.IsCompleted, $"{endpoint} has started");
        node.Jobs = node.Host.Start(node.Starting.Result, _store.Journal);
        Run();
        return node;
    }

    private void Kill(Node node)
    {
        _live.Remove(node);
        _clusterStore.Disconnect(node.Connection);
        _ = node.Dispatcher.Start(() => node.Transport.DisposeAsync().AsTask());
        Run();
    }

    private void Stop(Node node)
    {
        var stopped = node.Dispatcher.Start(async () =>
        {
            await node.Host.StopAsync();
            await node.Starting.Result.StopAsync();
            await node.Transport.DisposeAsync();
        });
        Await(() => stopped.IsCompleted, "the node has stopped");
        Assert.True(stopped.IsCompletedSuccessfully, stopped.Exception?.ToString());
        _live.Remove(node);
    }

    private JobHandle<string> Submit(Node node, int parts, Script script, string id)
    {
        string name = Scripts.Add(script);
        var submitted = node.Dispatcher.Start(() => node.Jobs.SubmitAsync(new SumJob(parts, name), id));
        Await(() => submitted.IsCompleted, "the job is submitted");
        return submitted.Result;
    }

    private Task<string> Result(Node node, string id)
    {
        var found = node.Dispatcher.Start(() => node.Jobs.FindAsync(id));
        Await(() => found.IsCompleted, "the job is found");
        return node.Dispatcher.Start(() => found.Result!.As<string>().ResultAsync());
    }

    private List<string> History(string id) =>
    [
        .. _store.Journal.ReadEntitiesAsync([new EntityRead(JobAddress.Of("sum", id), 0, int.MaxValue)], default).GetAwaiter().GetResult()[0]
            .Events.Select(e => e.Event.Manifest),
    ];

    private void Run()
    {
        for (bool ran = true; ran;)
        {
            ran = false;
            foreach (var node in _live.ToList()) ran |= node.Dispatcher.RunUntilIdle() > 0;
        }
    }

    private void Advance(double seconds)
    {
        Run();
        _clock.Advance(TimeSpan.FromSeconds(seconds), Run);
        Run();
    }

    private void Await(Func<bool> condition, string what)
    {
        Run();
        for (int i = 0; i < 600 && !condition(); i++) Advance(0.05);
        Assert.True(condition(), $"After 30 s it is not so: {what}.");
    }

    private sealed class Node
    {
        public Node(ClusterTests rig, string endpoint, JobOptions options, int seed)
        {
            var system = new ActorSystem(new ActorSystemOptions { Dispatcher = Dispatcher, TimeProvider = rig._clock, Seed = seed });
            Host = new JobHost(
                system, [JobType.Create<SumJob>("sum", SumJson.Default, options, new Utf16Codec())],
                new JobRunnerOptions { Workers = 2, NodeName = endpoint.Length > 0 ? endpoint : "client", WorkerDispatcher = _ => Dispatcher });
            Connection = rig._clusterStore.Connect();
            Transport = rig._network.Connect(endpoint, Dispatcher);
            Starting = Dispatcher.Start(() => ClusterNode.StartAsync(new ClusterSetting
            {
                System = system,
                Grid = Grid,
                Store = rig._store,
                ClusterStore = Connection,
                Transport = Transport,
                BootClock = new Boot(rig._clock),
                Types = [Host.EntityType],
            }));
        }

        public ManualDispatcher Dispatcher { get; } = new();

        public JobHost Host { get; }

        public IClusterStore Connection { get; }

        public ITransport Transport { get; }

        public Task<ClusterNode> Starting { get; }

        public JobClient Jobs { get; set; } = null!;
    }

    private sealed class Boot(TimeProvider time) : IBootClock
    {
        public TimeSpan Uptime => time.GetElapsedTime(0);
    }
}
