using System.Diagnostics.Metrics;

namespace ActorGrid.Actors.Tests;

public class OverloadTests
{
    private readonly Sim _sim = new(options => options with { Seed = 7 });

    [Fact]
    public void Who_is_refused_is_told_to_stay_away_for_as_long_as_it_has_been_full_within_limits_and_spread()
    {
        var refusals = Make();
        Within(refusals, 10, 20);
        Refuse(refusals, 0.4);
        Within(refusals, 400, 800);
        Refuse(refusals, 30);
        Within(refusals, 1000, 2000);
        // Nobody was refused for long: it begins anew.
        _sim.Advance(6);
        Within(refusals, 10, 20);
    }

    [Fact]
    public void Refusals_at_one_moment_are_spread_evenly_and_the_same_for_the_same_seed()
    {
        var refusals = Make();
        List<double> waits = [.. Enumerable.Range(0, 1000).Select(_ => refusals.Next().TotalMilliseconds)];
        var tenths = waits.GroupBy(wait => (int)(wait - 10)).ToList();
        Assert.Equal(10, tenths.Count);
        Assert.All(tenths, tenth => Assert.InRange(tenth.Count(), 95, 105));

        var again = new Refusals("things", "ThingsMax", 5, _sim.Clock, new Random(7));
        Assert.Equal(waits.Take(10), Enumerable.Range(0, 10).Select(_ => again.Next().TotalMilliseconds));
    }

    [Fact]
    public void A_refusal_names_what_is_full_and_is_counted()
    {
        long counted = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "actorgrid.refused") self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag is { Key: "actorgrid.bound", Value: "ThingsMax" }) Interlocked.Add(ref counted, count);
            }
        });
        listener.Start();
        var refusal = new Refusals("things", "ThingsMax", 5, _sim.Clock, new Random(7)).Refuse("/shelf");
        Assert.Equal(("/shelf", "things", 5, "ThingsMax"), (refusal.Target, refusal.Bound, refusal.Limit, refusal.Option));
        Assert.Contains("/shelf cannot take it: 5 things", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing was done, and nothing will be", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("(ThingsMax)", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(Interlocked.Read(ref counted), 1, long.MaxValue);
    }

    [Fact]
    public void An_ask_of_a_full_mailbox_is_refused_as_any_overload_is_and_taken_when_there_is_room()
    {
        var actor = _sim.Spawn<ReplyTo<int>>((reply, _) => Reply(reply), "counter", new SpawnOptions { MailboxCapacity = 2 });
        var asks = Enumerable.Range(0, 3).Select(_ => actor.AskAsync<int>(reply => reply, TimeSpan.FromSeconds(1))).ToList();
        OverloadedException refusal = Assert.IsType<MailboxFullException>(asks[2].Exception?.InnerException);
        Assert.Equal(("/counter", nameof(SpawnOptions.MailboxCapacity), 2), (refusal.Target, refusal.Option, refusal.Limit));
        Assert.InRange(refusal.RetryAfter, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(20));
        _sim.Run();
        Assert.All(asks.Take(2), ask => Assert.True(ask.IsCompletedSuccessfully));
        var again = actor.AskAsync<int>(reply => reply, TimeSpan.FromSeconds(1));
        _sim.Run();
        Assert.True(again.IsCompletedSuccessfully);
    }

    [Fact]
    public void Open_asks_are_bounded_and_those_that_have_ended_make_room()
    {
        var sim = new Sim(options => options with { OpenAsksMax = 5000 });
        var waiting = new Queue<ReplyTo<int>>();
        var actor = sim.Spawn<ReplyTo<int>>(
            (reply, _) =>
            {
                waiting.Enqueue(reply);
                return default;
            },
            "slow");
        var asks = new List<Task<int>>();
        OverloadedException? refusal = null;
        while (refusal is null && asks.Count < 20_000)
        {
            var ask = actor.AskAsync<int>(reply => reply, TimeSpan.FromSeconds(60));
            if (ask.IsFaulted) refusal = Assert.IsType<OverloadedException>(ask.Exception!.InnerException);
            else asks.Add(ask);
        }
        Assert.NotNull(refusal);
        Assert.Equal(("/slow", nameof(ActorSystemOptions.OpenAsksMax), 5000), (refusal.Target, refusal.Option, refusal.Limit));
        Assert.InRange(asks.Count, 5000, 5000 + 2048);
        sim.Run();
        // What was refused was not sent, and what was accepted was.
        Assert.Equal(asks.Count, waiting.Count);
        while (waiting.TryDequeue(out var reply)) reply.Reply(1);
        Assert.All(asks, ask => Assert.True(ask.IsCompletedSuccessfully));
        sim.Advance(0.2);
        Assert.False(actor.AskAsync<int>(reply => reply, TimeSpan.FromSeconds(60)).IsFaulted);
    }

    private static ValueTask Reply(ReplyTo<int> reply)
    {
        reply.Reply(1);
        return default;
    }

    private Refusals Make() => new("things", "ThingsMax", 5, _sim.Clock, new Random(7));

    private void Refuse(Refusals refusals, double seconds)
    {
        for (double past = 0; past < seconds; past += 0.1)
        {
            _sim.Advance(0.1);
            refusals.Next();
        }
    }

    private static void Within(Refusals refusals, int atLeastMs, int belowMs) =>
        Assert.InRange(refusals.Next(), TimeSpan.FromMilliseconds(atLeastMs), TimeSpan.FromMilliseconds(belowMs));
}
