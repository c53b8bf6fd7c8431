using ActorGrid.Conformance;
using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

public sealed class ForgettingTests
{
    private readonly List<EntityId> _left = [];
    private readonly PatientRig _patients;

    public ForgettingTests() => _patients = new PatientRig(new EntityOptions { SnapshotEvery = 2, OnLeft = _left.Add });

    private Rig Rig => _patients.Rig;

    [Fact]
    public void Who_was_forgotten_leaves_memory_as_others_do()
    {
        _patients.Do(new Note("x"));
        _patients.Keys.Forget(PatientRig.A);
        _patients.Do(new ForgetEntity<Patient>());
        int asked = 0;
        _patients.Keys.OnCall = (_, _) =>
        {
            asked++;
            return default;
        };
        _patients.AssertForgotten();
        Assert.Equal(0, asked);
        _patients.Rig.Advance(TimeSpan.FromMinutes(10));
        _patients.AssertForgotten();
        Assert.Equal(1, asked);
    }

    [Fact]
    public void Who_is_forgotten_is_out_of_memory_and_cannot_be_read_and_the_journal_stays_whole()
    {
        for (int i = 0; i < 3; i++) _patients.Do(new Note("x"));
        var before = Rig.History("patient", "a");
        _patients.Keys.Forget(PatientRig.A);
        // What is in memory goes on until it is told.
        Assert.Equal("[x][x][x]", _patients.Notes());
        Forget();

        _patients.AssertForgotten();
        Assert.Equal([PatientRig.A], _left);
        Rig.Advance(TimeSpan.FromMinutes(10));
        _patients.AssertForgotten();
        Rig.Restart();
        _patients.AssertForgotten();
        Assert.Equal(before.Select(e => Convert.ToHexString(e.Payload.Span)), Rig.History("patient", "a").Select(e => Convert.ToHexString(e.Payload.Span)));
        Assert.Empty(Rig.LostShards);
    }

    [Fact]
    public void Its_earlier_answers_are_forgotten_too()
    {
        var id = _patients.Id(1);
        _patients.Do(new Note("x"), id);
        _patients.Keys.Forget(PatientRig.A);
        Forget();
        Rig.Failure<EntityForgottenException>(_patients.Ask(new Note("x"), id));
        Rig.Restart();
        Rig.Failure<EntityForgottenException>(_patients.Ask(new Note("x"), id));
    }

    [Fact]
    public void Nobody_is_forgotten_whose_key_is_still_there()
    {
        _patients.Do(new Note("x"));
        Assert.Contains("destroy the key there first", Rig.Failure<CommandRejectedException>(_patients.Ask(new ForgetEntity<Patient>())).Reason, StringComparison.Ordinal);
        Assert.Equal("[x]", _patients.Notes());
        Assert.Empty(_left);
    }

    [Fact]
    public void Who_was_never_written_is_forgotten_as_well_and_twice_does_no_harm()
    {
        _patients.Keys.Forget(PatientRig.A);
        Forget();
        Forget();
        _patients.AssertForgotten();
        Forget();
        Assert.Empty(Rig.History("patient", "a"));
    }

    [Theory]
    [InlineData(AppendFault.Refuse)]
    [InlineData(AppendFault.LoseAppend)]
    [InlineData(AppendFault.LoseAnswer)]
    [InlineData(AppendFault.CommitLate)]
    public void Whatever_becomes_of_a_commit_under_way_it_is_settled_before_the_caller_is_told(AppendFault fault)
    {
        _patients.Do(new Note("x"));
        Rig.Script(AppendFault.HoldCommit, fault);
        var first = _patients.Ask(new Note("y"));
        Rig.Run();
        var second = _patients.Ask(new Note("z"));
        Rig.Run();
        _patients.Keys.Forget(PatientRig.A);
        var forget = _patients.Ask(new ForgetEntity<Patient>());
        Rig.Run();
        Assert.False(first.IsCompleted);
        Assert.False(forget.IsCompleted);
        // What comes from now on is refused at once.
        _patients.AssertForgotten();
        Rig.Run(() =>
        {
            Rig.Store.ReleaseNext();
            return Task.CompletedTask;
        });
        Rig.Advance(TimeSpan.FromSeconds(5));
        Rig.Result(forget);
        Assert.Equal("[x][y]", Rig.Result(first));
        Assert.True(second.IsCompleted);
        _patients.AssertForgotten();
        Assert.Empty(Rig.LostShards);
    }

    [Fact]
    public void Who_waits_for_the_key_when_it_is_destroyed_is_told()
    {
        _patients.Do(new Note("x"));
        Rig.Restart();
        var held = new TaskCompletionSource();
        bool isFirst = true;
        _patients.Keys.OnCall = (_, _) =>
        {
            if (!isFirst) return default;
            isFirst = false;
            return new ValueTask(held.Task);
        };
        var ask = _patients.Ask(new GetNotes());
        Rig.Run();
        _patients.Keys.Forget(PatientRig.A);
        Forget();
        Rig.Failure<EntityForgottenException>(ask);
        Rig.Run(() =>
        {
            held.SetResult();
            return Task.CompletedTask;
        });
        _patients.AssertForgotten();
        Assert.Empty(Rig.LostShards);
    }

    [Fact]
    public void Whose_history_is_being_read_when_the_key_is_destroyed_is_told_and_what_was_read_is_left_alone()
    {
        _patients.Do(new Note("x"));
        Rig.Restart();
        bool isHeld = false;
        Rig.Store.OnCall = call =>
        {
            if (call != StoreCall.Read || isHeld) return CallFault.None;
            isHeld = true;
            return CallFault.Hold;
        };
        var ask = _patients.Ask(new GetNotes());
        Rig.Run();
        Assert.True(isHeld);
        _patients.Keys.Forget(PatientRig.A);
        Forget();
        Rig.Failure<EntityForgottenException>(ask);
        Rig.Run(() =>
        {
            Rig.Store.ReleaseNext();
            return Task.CompletedTask;
        });
        _patients.AssertForgotten();
        Assert.Empty(Rig.LostShards);
    }

    [Fact]
    public void A_key_store_that_fails_says_nothing_and_forgets_nothing()
    {
        _patients.Do(new Note("x"));
        _patients.Keys.OnCall = static (_, _) => throw new TimeoutException("The vault is sealed.");
        Assert.Contains("The vault is sealed.", Rig.Failure<CommandFailedException>(_patients.Ask(new ForgetEntity<Patient>())).Message, StringComparison.Ordinal);
        Assert.Equal("[x]", _patients.Notes());
    }

    [Fact]
    public void Its_reminder_never_fires_and_leaves_the_index()
    {
        _patients.Do(new NoteLater("x", TimeSpan.FromSeconds(10)));
        _patients.Keys.Forget(PatientRig.A);
        Forget();
        var history = Rig.History("patient", "a").Count;
        Assert.Single(Timers());
        Rig.Advance(TimeSpan.FromSeconds(11));
        Assert.Empty(Timers());
        Assert.Equal(history, Rig.History("patient", "a").Count);
    }

    [Fact]
    public void Who_stayed_active_does_so_no_more()
    {
        _patients.Do(new KeepWatch());
        _patients.Keys.Forget(PatientRig.A);
        Forget();
        Rig.Restart();
        Rig.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(Timers());
    }

    [Fact]
    public void Who_is_not_encrypted_cannot_be_forgotten()
    {
        Rig.Refused<ArgumentException>(() => Rig.Ask("ledger", "a", new ForgetEntity<Ledger>()));
        _patients.RestartWith(PatientRig.TypeOf(null));
        Rig.Refused<ArgumentException>(() => _patients.Ask(new ForgetEntity<Patient>()));
    }

    [Fact]
    public void Other_nodes_are_told_in_the_same_words()
    {
        var (status, payload) = AskFault.Encode(new EntityForgottenException(PatientRig.A));
        var decoded = Assert.IsType<EntityForgottenException>(AskFault.Decode(status, payload.Span, PatientRig.A, default, "note"));
        Assert.Equal(new EntityForgottenException(PatientRig.A).Message, decoded.Message);
    }

    private void Forget() => _patients.Do(new ForgetEntity<Patient>());

    private IReadOnlyList<TimerRecord> Timers() =>
        [.. Enumerable.Range(0, Rig.Grid.ShardCount).SelectMany(shard => Rig.Now(Rig.Journal.ReadTimersAsync(new ShardId(shard), null, 100, default)))];
}
