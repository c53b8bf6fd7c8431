using ActorGrid.Testing;

namespace ActorGrid.Actors.Tests.Probes;

public sealed class ProbeTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly ManualSystem _test = new();

    [Fact]
    public void It_gives_what_was_sent_in_order()
    {
        var probe = _test.Probe<string>("probe");
        probe.Ref.Tell("one");
        probe.Ref.Tell("two");
        Assert.Equal("one", probe.Expect());
        Assert.Equal(1, probe.Waiting);
        Assert.Equal("two", probe.Expect());
        probe.ExpectNothing();
    }

    [Fact]
    public void It_gives_a_message_of_the_kind_that_is_expected_and_shows_another()
    {
        var probe = _test.Probe<object>("probe");
        probe.Ref.Tell(17);
        Assert.Equal(17, probe.Expect<int>());
        probe.Ref.Tell("seventeen");
        var thrown = Assert.Throws<ProbeException>(() => probe.Expect<int>());
        Assert.Equal("/probe expected a message of type Int32, and got: seventeen", thrown.Message);
    }

    [Fact]
    public void It_says_what_it_missed_and_what_it_did_not_want()
    {
        var probe = _test.Probe<int>("probe");
        Assert.Equal("/probe expected a message of type Int32, and got nothing.", Assert.Throws<ProbeException>(() => probe.Expect()).Message);
        Assert.Equal("/probe expected a message of type Int32 within 1 s, and got nothing.", Assert.Throws<ProbeException>(() => probe.Expect(Second)).Message);
        probe.Ref.Tell(17);
        Assert.Equal("/probe expected nothing within 1 s, and got: 17", Assert.Throws<ProbeException>(() => probe.ExpectNothing(Second)).Message);
    }

    [Fact]
    public void The_clock_stops_where_the_message_comes()
    {
        var probe = _test.Probe<string>();
        var start = _test.Clock.GetUtcNow();
        _test.Spawn(() => new Later(probe.Ref)).Tell(3 * Second);
        probe.ExpectNothing(2 * Second);
        Assert.Equal(2 * Second, _test.Clock.GetUtcNow() - start);
        Assert.Equal("now", probe.Expect(10 * Second));
        Assert.Equal(3 * Second, _test.Clock.GetUtcNow() - start);
    }

    [Fact]
    public void It_answers_what_it_is_asked()
    {
        var probe = _test.Probe<ReplyTo<int>>();
        var asked = _test.Dispatcher.Start(() => probe.Ref.AskAsync<int>(reply => reply, Second));
        probe.Expect().Reply(17);
        Assert.Equal(17, _test.Run(() => asked));
    }

    [Fact]
    public void Who_awaits_gets_messages_in_turn_and_learns_of_the_deadline()
    {
        var probe = _test.Probe<int>("probe");
        var late = _test.Dispatcher.Start(() => probe.NextAsync(Second));
        _test.Advance(2 * Second);
        var missed = Assert.Throws<ProbeException>(() => _test.Run(() => late));
        Assert.Equal("/probe expected a message of type Int32 within 1 s, and got nothing.", missed.Message);

        var first = _test.Dispatcher.Start(() => probe.NextAsync(Second));
        var second = _test.Dispatcher.Start(() => probe.NextAsync<int>(Second));
        probe.Ref.Tell(1);
        probe.Ref.Tell(2);
        probe.Ref.Tell(3);
        Assert.Equal(1, _test.Run(() => first));
        Assert.Equal(2, _test.Run(() => second));
        Assert.Equal(3, probe.Expect());
    }

    [Fact]
    public async Task On_threads_it_is_awaited()
    {
        await using var system = new ActorSystem();
        var probe = new Probe<string>(system);
        system.Spawn(() => new Later(probe.Ref)).Tell(TimeSpan.FromMilliseconds(1));
        Assert.Equal("now", await probe.NextAsync(30 * Second));
        Assert.Contains(nameof(Probe<>.NextAsync), Assert.Throws<InvalidOperationException>(() => probe.Expect()).Message, StringComparison.Ordinal);
    }

    private sealed class Later(ActorRef<string> listener) : Actor<TimeSpan>
    {
        protected override ValueTask OnMessageAsync(TimeSpan message)
        {
            if (message == default) listener.Tell("now");
            else Context.Timers.StartOnce("later", message, default);
            return default;
        }
    }
}
