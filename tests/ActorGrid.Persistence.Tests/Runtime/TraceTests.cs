using System.Collections.Concurrent;
using System.Diagnostics;
using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

public sealed class TraceTests : IDisposable
{
    private readonly Rig _rig = new([EntityType.Create<Account>("account", AccountJson.Default)]);
    private readonly Activity _root = new Activity("test").Start();
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public TraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "ActorGrid",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                // Tests beside this one make spans as well. A timer belongs to nobody's trace.
                if (activity.TraceId != _root.TraceId && activity.GetTagItem("actorgrid.timer") is null) return;
                _ended.Enqueue(activity);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Those of the test's own trace, as they ended.</summary>
    private Activity[] Spans => [.. _ended.Where(span => span.TraceId == _root.TraceId)];

    public void Dispose()
    {
        _listener.Dispose();
        _root.Dispose();
    }

    [Fact]
    public void A_command_is_followed_from_its_caller_through_the_journal_to_its_reply()
    {
        var ask = _rig.Ask("account", "alice", new Deposit(10m));
        Assert.Same(_root, Activity.Current);
        Assert.Equal(10m, _rig.Result(ask));

        Assert.Equal(["recover", "append", "commit", "account/deposit"], Spans.Select(span => span.DisplayName));
        var (recover, append, commit, call) = (Spans[0], Spans[1], Spans[2], Spans[3]);
        Assert.Equal((ActivityKind.Client, _root.SpanId), (call.Kind, call.ParentSpanId));
        Assert.Equal((call.SpanId, call.SpanId, commit.SpanId), (recover.ParentSpanId, commit.ParentSpanId, append.ParentSpanId));
        Assert.Equal("actorgrid", call.GetTagItem("rpc.system.name"));
        Assert.Equal("account/deposit", call.GetTagItem("rpc.method"));
        Assert.Equal("account/alice", call.GetTagItem("actorgrid.entity"));
        Assert.Equal(ActivityStatusCode.Unset, call.Status);
    }

    [Fact]
    public void Commands_that_share_an_append_lead_to_it()
    {
        _rig.Do("account", "alice", new GetBalance());
        _ended.Clear();
        Task<decimal> first = _rig.Ask("account", "alice", new Deposit(10m)), second = _rig.Ask("account", "alice", new Deposit(1m));
        Assert.Equal((10m, 11m), (_rig.Result(first), _rig.Result(second)));

        var append = Assert.Single(_ended, span => span.DisplayName == "append");
        Activity[] commits = [.. _ended.Where(span => span.DisplayName == "commit")];
        Assert.Equal(2, commits.Length);
        Assert.Equal(commits[0].SpanId, append.ParentSpanId);
        Assert.All(commits, commit => Assert.Equal(append.Context, Assert.Single(commit.Links).Context));
    }

    [Fact]
    public void What_the_store_does_is_under_the_append()
    {
        Activity? within = null;
        _rig.Store.OnAppend = _ =>
        {
            within = Activity.Current;
            return AppendFault.None;
        };
        _rig.Do("account", "alice", new Deposit(10m));
        Assert.Equal("append", within?.DisplayName);
    }

    [Fact]
    public void A_failed_ask_says_so()
    {
        _rig.Failure<CommandRejectedException>(_rig.Ask("account", "alice", new Deposit(-1m)));
        var call = Assert.Single(_ended, span => span.DisplayName == "account/deposit");
        Assert.Equal(ActivityStatusCode.Error, call.Status);
        Assert.Equal(typeof(CommandRejectedException).FullName, call.GetTagItem("error.type"));
    }

    [Fact]
    public void An_ask_that_waits_for_the_store_ends_its_spans_when_its_owner_lets_it_go()
    {
        _rig.Store.OnAppend = _ => AppendFault.HoldCommit;
        var ask = _rig.Ask("account", "alice", new Deposit(10m), new AskOptions { Timeout = TimeSpan.FromSeconds(1) });
        _rig.Run();
        _rig.Advance(TimeSpan.FromSeconds(1));
        _rig.Failure<ActorGrid.Actors.AskTimeoutException>(ask);
        Assert.Contains(_ended, span => span.DisplayName == "account/deposit" && span.Status == ActivityStatusCode.Error);
        Assert.DoesNotContain(_ended, span => span.DisplayName == "commit");
        _rig.Store.ReleaseNext();
        _rig.Run();
        Assert.Contains(_ended, span => span.DisplayName == "commit");
    }

    [Fact]
    public void A_timer_has_a_trace_of_its_own()
    {
        _rig.Do("account", "fired", new Deposit(10m));
        using (new Activity("someone else's").Start()) _rig.Advance(TimeSpan.FromDays(31));
        var fired = Assert.Single(_ended, span => span.GetTagItem("actorgrid.entity") is "account/fired" && span.GetTagItem("actorgrid.timer") is not null);
        Assert.Equal((ActivityKind.Internal, ActivityStatusCode.Unset), (fired.Kind, fired.Status));
        Assert.Equal(default, fired.ParentSpanId);
    }

    [Fact]
    public void Asks_after_the_end_of_what_they_began_under_are_not_hung_one_under_the_other()
    {
        _root.Stop();
        Activity.Current = null;
        var request = new Activity("request").SetParentId(_root.TraceId, _root.SpanId).Start();
        var flow = ExecutionContext.Capture()!;
        request.Stop();
        ExecutionContext.Run(flow, _ =>
        {
            // As in a loop that a request has left behind.
            Assert.Same(request, Activity.Current);
            _rig.Do("account", "alice", new GetBalance());
            _rig.Do("account", "alice", new GetBalance());
            Assert.Same(request, Activity.Current);
        }, null);
        Assert.All(_ended.Where(span => span.Kind == ActivityKind.Client), call => Assert.Equal(request.SpanId, call.ParentSpanId));
    }

    [Fact]
    public void A_listener_that_throws_costs_its_spans_and_no_command()
    {
        var entity = EntityId.Create("account", "thrown-at").ToString();
        using var bad = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "ActorGrid",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = activity => Throw(activity.DisplayName is "commit" or "recover" && activity.TraceId == _root.TraceId),
            ActivityStopped = activity => Throw(activity.GetTagItem("actorgrid.entity") as string == entity),
        };
        ActivitySource.AddActivityListener(bad);
        Assert.Equal(10m, _rig.Do("account", "thrown-at", new Deposit(10m)));
        Assert.Equal(20m, _rig.Do("account", "thrown-at", new Deposit(10m)));
        Assert.Empty(_rig.LostShards);

        static void Throw(bool isMeant)
        {
            if (isMeant) throw new InvalidDataException();
        }
    }
}
