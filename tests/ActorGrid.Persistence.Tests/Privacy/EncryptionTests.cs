using ActorGrid.Conformance;

namespace ActorGrid.Persistence.Tests;

public sealed class EncryptionTests
{
    private readonly PatientRig _patients = new(new EntityOptions { SnapshotEvery = 2 });
    private readonly List<EntityId> _keysAsked = [];

    private Rig Rig => _patients.Rig;

    public EncryptionTests() => _patients.Keys.OnCall = (entity, _) =>
    {
        _keysAsked.Add(entity);
        return default;
    };

    [Fact]
    public void States_come_back_from_encrypted_snapshots_and_events()
    {
        for (int i = 1; i <= 5; i++) _patients.Do(new Note($"{i}"));
        Rig.Restart();

        Assert.Equal("[1][2][3][4][5]", _patients.Notes());
        Assert.All(Rig.History("patient", "a"), e => Assert.True(EncryptedPayload.IsEncrypted(e.Payload.Span)));
        Assert.True(EncryptedPayload.IsEncrypted(Page().Snapshot!.Payload.Span));
        Assert.Equal(["noted", "noted", "noted", "noted", "noted"], Rig.History("patient", "a").Select(e => e.Manifest));
    }

    [Fact]
    public void A_key_is_asked_for_once_for_each_recovery_and_made_once()
    {
        _patients.Do(new Note("x"));
        Assert.Equal([PatientRig.A, PatientRig.A], _keysAsked);
        _patients.Do(new Note("y"));
        Rig.Restart();
        _patients.Notes();
        _patients.Notes();
        Assert.Equal(3, _keysAsked.Count);
    }

    [Fact]
    public void Who_is_not_encrypted_asks_for_no_key()
    {
        Rig.Do("ledger", "a", new Add(1));
        Rig.Restart();
        Assert.Equal([1], Rig.Numbers());
        Assert.Empty(_keysAsked);
        Assert.All(Rig.History("ledger", "a"), e => Assert.False(EncryptedPayload.IsEncrypted(e.Payload.Span)));
    }

    [Fact]
    public void A_command_that_comes_again_gets_its_first_answer_whatever_it_was()
    {
        var (note, refusal) = (_patients.Id(1), _patients.Id(2));
        _patients.Do(new Note("x"), note);
        Rig.Failure<CommandRejectedException>(_patients.Ask(new RefuseWith("so"), refusal));
        _patients.Do(new Note("y"));
        for (int life = 0; life < 3; life++)
        {
            Assert.Equal("[x]", _patients.Do(new Note("x"), note));
            Assert.Equal("so", Rig.Failure<CommandRejectedException>(_patients.Ask(new RefuseWith("so"), refusal)).Reason);
            Rig.Failure<InvalidCommandIdException>(_patients.Ask(new Note("z"), refusal));
            // From the memory of the node, once after the entity has left it; then from the store.
            if (life == 0) Rig.Advance(TimeSpan.FromMinutes(5));
            else Rig.Restart();
        }
        Assert.Equal("[x][y]", _patients.Notes());
    }

    [Fact]
    public void A_reminder_fires_also_after_a_restart()
    {
        _patients.Do(new NoteLater("soon", TimeSpan.FromSeconds(10)));
        Rig.Advance(TimeSpan.FromSeconds(11));
        _patients.Do(new NoteLater("later", TimeSpan.FromSeconds(10)));
        Rig.Restart();
        Rig.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal("[soon][later]", _patients.Notes());
    }

    [Fact]
    public void What_was_written_in_clear_is_read_and_what_follows_is_encrypted()
    {
        _patients.RestartWith(PatientRig.TypeOf(new EntityOptions { SnapshotEvery = 3 }));
        var id = _patients.Id(1);
        for (int i = 1; i <= 4; i++) _patients.Do(new Note($"{i}"), i == 1 ? id : null);
        _patients.Do(new NoteLater("due", TimeSpan.FromMinutes(1)));
        _patients.RestartWith(_patients.Type);
        _patients.Do(new Note("5"));
        Assert.Equal("[1]", _patients.Do(new Note("1"), id));
        Rig.Advance(TimeSpan.FromMinutes(1));
        Rig.Restart();

        Assert.Equal("[1][2][3][4][5][due]", _patients.Notes());
        Assert.Equal([false, false, false, false, false, true, true, true], Rig.History("patient", "a").Select(e => EncryptedPayload.IsEncrypted(e.Payload.Span)));
        Assert.True(EncryptedPayload.IsEncrypted(Page().Snapshot!.Payload.Span));
    }

    [Fact]
    public void A_type_that_is_encrypted_no_more_says_what_it_needs()
    {
        _patients.Do(new Note("x"), _patients.Id(1));
        _patients.RestartWith(PatientRig.TypeOf(null));
        AssertQuarantined("'patient' has no key store here: set Keys in its options");
    }

    [Fact]
    public void A_lost_key_quarantines_and_no_other_is_made()
    {
        _patients.Do(new Note("x"));
        _patients.Keys.Lose(PatientRig.A);
        Rig.Restart();
        AssertQuarantined("the key store has no key of the entity: was the key lost?");
        _keysAsked.Clear();
        Rig.Restart();
        AssertQuarantined("was the key lost?");
        Assert.Single(_keysAsked);
    }

    [Fact]
    public void Another_key_quarantines_and_is_named()
    {
        _patients.Do(new Note("x"));
        _patients.RestartWith(PatientRig.TypeOf(new EntityOptions { Keys = new OneKey(EntityCipherTests.Key(9)) }));
        AssertQuarantined("bring back the right key");
    }

    [Fact]
    public void Rows_that_changed_places_quarantine()
    {
        var other = new PatientRig();
        other.Do(new Note("x"));
        other.Do(new Note("y"));
        other.Rig.Restart();
        other.Rig.Tap.OnPage = page => page with { Events = [Moved(page.Events[0], page.Events[1]), Moved(page.Events[1], page.Events[0])] };
        var e = other.Rig.Failure<QuarantinedException>(other.Ask(new GetNotes()));
        Assert.Contains("moved from another place", e.Message, StringComparison.Ordinal);
        Assert.Equal(1, e.Sequence);

        static StoredEvent Moved(StoredEvent to, StoredEvent from) => to with { Event = to.Event with { Payload = from.Event.Payload } };
    }

    private void AssertQuarantined(string why) =>
        Assert.Contains(why, Rig.Failure<QuarantinedException>(_patients.Ask(new GetNotes())).Message, StringComparison.Ordinal);

    private EntityPage Page() => Rig.Now(Rig.Journal.ReadEntitiesAsync([new EntityRead(PatientRig.A, null, 100)], default))[0];

    private sealed class OneKey(EntityKey key) : IEntityKeyStore
    {
        public ValueTask<EntityKey> FindAsync(EntityId entity, CancellationToken cancellationToken) => new(key);

        public ValueTask<EntityKey> GetOrCreateAsync(EntityId entity, CancellationToken cancellationToken) => new(key);
    }
}
