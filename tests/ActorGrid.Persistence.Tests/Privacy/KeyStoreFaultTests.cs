using ActorGrid.Actors;
using ActorGrid.Conformance;

namespace ActorGrid.Persistence.Tests;

public sealed class KeyStoreFaultTests
{
    private readonly PatientRig _patients = new();

    private Rig Rig => _patients.Rig;

    [Fact]
    public void An_ask_waits_for_a_key_store_that_fails_and_is_answered_when_it_is_back()
    {
        _patients.Do(new Note("x"));
        Rig.Restart();
        _patients.Keys.OnCall = static (_, _) => throw new TimeoutException("The vault is sealed.");
        var ask = _patients.Ask(new GetNotes());
        Rig.Advance(TimeSpan.FromSeconds(5));
        Assert.False(ask.IsCompleted);
        // Who is not encrypted does not mind.
        Rig.Do("ledger", "a", new Add(1));
        _patients.Keys.OnCall = null;
        Rig.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal("[x]", Rig.Result(ask));
    }

    [Fact]
    public void An_ask_whose_key_does_not_come_says_so_at_its_deadline()
    {
        _patients.Keys.OnCall = static (_, _) => throw new TimeoutException("The vault is sealed.");
        var ask = _patients.Ask(new GetNotes());
        Rig.Advance(TimeSpan.FromSeconds(11));
        Assert.Contains("waiting for its key, which the key store has not given", Rig.Failure<AskTimeoutException>(ask).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ask_whose_key_cannot_be_made_says_so_at_its_deadline()
    {
        int calls = 0;
        // The first call finds no key; then the history is read, and then one is to be made.
        _patients.Keys.OnCall = (_, _) => ++calls > 1 ? throw new DirectoryNotFoundException("There is no such folder.") : default;
        var ask = _patients.Ask(new Note("x"));
        Rig.Advance(TimeSpan.FromSeconds(11));
        Assert.True(calls > 1);
        Assert.Contains("waiting for its key, which the key store has not given", Rig.Failure<AskTimeoutException>(ask).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_key_that_fails_to_be_made_is_made_later_and_the_command_takes_effect_once()
    {
        int calls = 0;
        _patients.Keys.OnCall = (_, _) => ++calls is 2 or 3 ? throw new TimeoutException("The vault is sealed.") : default;
        var ask = _patients.Ask(new Note("x"));
        Rig.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("[x]", Rig.Result(ask));
        Assert.Equal(4, calls);
    }

    /// <summary>More hang than may be under way at a time, and none of them heeds its token.</summary>
    [Fact]
    public void A_key_store_that_hangs_holds_up_no_stop()
    {
        var never = new TaskCompletionSource();
        int calls = 0;
        _patients.Keys.OnCall = (_, _) =>
        {
            calls++;
            return new ValueTask(never.Task);
        };
        var asks = Enumerable.Range(0, 40).Select(i => Rig.Ask("patient", $"k{i}", new GetNotes())).ToArray();
        Rig.Advance(TimeSpan.FromSeconds(15));
        foreach (var ask in asks) Rig.Failure<AskTimeoutException>(ask);
        Assert.Equal(16, calls);
        var stop = Rig.Begin(() => Rig.Host.StopAsync());
        Rig.Advance(TimeSpan.FromSeconds(30));
        Assert.True(stop.IsCompletedSuccessfully);
    }

    [Fact]
    public void The_token_of_a_call_is_cancelled_after_ten_seconds()
    {
        var token = CancellationToken.None;
        _patients.Keys.OnCall = (_, given) =>
        {
            token = given;
            return new ValueTask(new TaskCompletionSource().Task);
        };
        _ = _patients.Ask(new GetNotes());
        Rig.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(token.IsCancellationRequested);
        Rig.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(token.IsCancellationRequested);
    }
}
