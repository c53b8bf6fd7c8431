using System.Buffers;
using System.Text;
using ActorGrid.Conformance;
using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

/// <summary>A repair of an encrypted entity holds its events, and words about a person.</summary>
public sealed class EncryptedRepairTests
{
    private const string Word = "Sarcoidosis-of-Ann-Droste";
    private static readonly Repair Ada = new("ada", $"The importer wrote {Word} twice.");
    private readonly PatientRig _patients = new();

    private Rig Rig => _patients.Rig;

    private EntityHistory Past => new(Rig.Journal, _patients.Type, "a");

    [Fact]
    public void A_repair_is_encrypted_as_the_other_events_are_and_so_is_its_receipt()
    {
        _patients.Do(new Note("1"));
        Append(Encrypted(2, "noted", $$"""{"Text":"{{Word}}" oops"""), Encrypted(3, "noted", """{"Text":"3"}"""));
        Assert.Equal(2, Rig.Failure<QuarantinedException>(_patients.Ask(new GetNotes())).Sequence);
        var (refused, repaired) = (_patients.Id(1), _patients.Id(2));
        Rig.Failure<CommandRejectedException>(_patients.Ask(new RepairEntity<Patient>(Ada.Skip(1)), refused));

        var receipt = _patients.Do(Replace(), repaired);

        for (int life = 0; life < 2; life++)
        {
            Assert.Equal($"[1][{Word}][3]", _patients.Notes());
            Assert.Equal(receipt, _patients.Do(Replace(), repaired));
            Rig.Failure<CommandRejectedException>(_patients.Ask(new RepairEntity<Patient>(Ada.Skip(1)), refused));
            Rig.Restart();
        }
        Assert.Equal("$repair", Rig.History("patient", "a")[3].Manifest);
        Assert.All(Rig.History("patient", "a"), e => AssertHidden(e.Payload));
        Assert.All([refused, repaired], id => AssertHidden(Rig.Now(Rig.Journal.FindReplyAsync(PatientRig.A, id.CommandId!.Value, default)).Reply!.Payload));

        static RepairEntity<Patient> Replace() => new(Ada.Replace(2, "noted", $$"""{"Text":"{{Word}}"}"""));
    }

    [Fact]
    public void An_event_that_cannot_be_decrypted_is_skipped_or_replaced_like_any_other()
    {
        _patients.Do(new Note("1"));
        var moved = Encrypted(7, "noted", "{}") with { Sequence = 2 };
        Append(moved, moved with { Sequence = 3 }, Encrypted(4, "noted", """{"Text":"4"}"""));
        Assert.Equal(2, Rig.Failure<QuarantinedException>(_patients.Ask(new GetNotes())).Sequence);

        _patients.Do(new RepairEntity<Patient>(Ada.Skip(2).Replace(3, "noted", """{"Text":"three"}""")));

        Assert.Equal("[1][three][4]", _patients.Notes());
        _patients.Do(new Note("6"));
        Rig.Restart();
        Assert.Equal("[1][three][4][6]", _patients.Notes());
    }

    [Fact]
    public void What_was_stored_in_clear_is_repaired_under_a_key_that_is_made_for_it()
    {
        Rig.Journal.Append(Rig.Grid, PatientRig.A, ("noted", """{"Text":"1"}"""), ("no-such", "{}"));
        Rig.Restart();
        Rig.Failure<QuarantinedException>(_patients.Ask(new GetNotes()));
        Assert.Same(EntityKey.None, KeyOf());

        _patients.Do(new RepairEntity<Patient>(Ada.Skip(2)));

        Assert.Equal("[1]", _patients.Notes());
        AssertHidden(Rig.History("patient", "a")[2].Payload);
        Rig.Restart();
        Assert.Equal("[1]", _patients.Notes());
    }

    [Fact]
    public void A_key_store_that_fails_then_leaves_the_entity_as_it_was()
    {
        Rig.Journal.Append(Rig.Grid, PatientRig.A, ("no-such", "{}"));
        Rig.Restart();
        Rig.Failure<QuarantinedException>(_patients.Ask(new GetNotes()));
        _patients.Keys.OnCall = static (_, _) => throw new IOException("The key store is away.");
        Rig.Failure<CommandFailedException>(_patients.Ask(new RepairEntity<Patient>(Ada.Skip(1))));
        Rig.Failure<QuarantinedException>(_patients.Ask(new GetNotes()));
        _patients.Keys.OnCall = null;
        Assert.Equal(2, _patients.Do(new RepairEntity<Patient>(Ada.Skip(1))).Sequence);
    }

    [Fact]
    public void Without_the_key_nothing_is_written_and_no_key_is_made()
    {
        _patients.Do(new Note("1"));
        Append(Encrypted(2, "no-such", "{}"));
        _patients.Keys.Lose(PatientRig.A);
        Rig.Restart();
        Assert.Contains("bring the key back", Rig.Failure<CommandRejectedException>(_patients.Ask(new RepairEntity<Patient>(Ada.Skip(1).Skip(2)))).Reason, StringComparison.Ordinal);
        Assert.Contains("bring the key back", Assert.Throws<CommandRejectedException>(() => Offline(Ada.Skip(1).Skip(2), _patients.Type)).Reason, StringComparison.Ordinal);
        // Nor by who does not know that it is encrypted.
        Assert.Throws<CommandRejectedException>(() => Offline(Ada.Skip(1).Skip(2), PatientRig.TypeOf(null)));
        Assert.Throws<CommandRejectedException>(() => Offline(Ada.Skip(2), type: null));
        Assert.Same(EntityKey.None, KeyOf());
        Assert.Equal(2, Rig.History("patient", "a").Count);
    }

    [Fact]
    public void Without_a_grid_it_is_encrypted_too()
    {
        _patients.Do(new Note("1"));
        Append(Encrypted(2, "no-such", "{}"));
        Assert.Equal(3, Offline(Ada.Replace(2, "noted", $$"""{"Text":"{{Word}}"}"""), _patients.Type).Sequence);
        Rig.Restart();
        Assert.Equal($"[1][{Word}]", _patients.Notes());
        Assert.All(Rig.History("patient", "a"), e => AssertHidden(e.Payload));
    }

    [Fact]
    public async Task With_the_key_it_is_inspected_in_clear_and_a_preflight_knows_its_repairs()
    {
        _patients.Do(new Note("1"));
        Append(Encrypted(2, "noted", """{"Text":"2" oops"""));
        var fault = (await Past.InspectAsync()).Fault!;
        Assert.Equal("""{"Text":"2" oops""", Encoding.UTF8.GetString(fault.Events.Single(e => e.Sequence == 2).Payload.Span));
        Assert.Equal(1, await Quarantined());

        _patients.Do(new RepairEntity<Patient>(Ada.Skip(2)));

        var repair = Assert.Single((await Past.InspectAsync()).Repairs);
        Assert.Equal((3L, Ada.Why), (repair.Sequence, repair.Repair.Why));
        Assert.Equal("[1]", (await Past.StateAtAsync<string>(3)).State);
        Assert.Equal(0, await Quarantined());

        async Task<long> Quarantined() => Assert.Single((await JournalPreflight.RunAsync(Rig.Journal, [_patients.Type])).Types).QuarantinedEntities;
    }

    [Fact]
    public async Task Who_was_forgotten_is_not_repaired()
    {
        _patients.Do(new Note("1"));
        Append(Encrypted(2, "no-such", "{}"));
        _patients.Keys.Forget(PatientRig.A);
        Rig.Restart();
        Rig.Failure<EntityForgottenException>(_patients.Ask(new RepairEntity<Patient>(Ada.Skip(2))));
        Assert.Throws<EntityForgottenException>(() => Offline(Ada.Skip(2), _patients.Type));
        await Assert.ThrowsAsync<EntityForgottenException>(() => Past.InspectAsync());
        Assert.Equal(2, Rig.History("patient", "a").Count);
    }

    [Fact]
    public void Who_is_forgotten_while_a_repair_is_tried_is_not_repaired_and_whoever_waits_is_told()
    {
        _patients.Do(new Note("1"));
        Append(Encrypted(2, "no-such", "{}"));
        Rig.Failure<QuarantinedException>(_patients.Ask(new GetNotes()));
        Rig.Store.OnCall = call => call == StoreCall.Read ? CallFault.Hold : CallFault.None;
        var repair = _patients.Ask(new RepairEntity<Patient>(Ada.Skip(2)));
        var waits = _patients.Ask(new GetNotes());
        Rig.Run();
        _patients.Keys.Forget(PatientRig.A);
        Assert.Equal(default, _patients.Do(new ForgetEntity<Patient>()));
        Rig.Failure<EntityForgottenException>(waits);
        Rig.Store.OnCall = static _ => CallFault.None;
        while (Rig.Store.HeldCount > 0)
        {
            Rig.Store.ReleaseNext();
            Rig.Run();
        }
        Rig.Failure<EntityForgottenException>(repair);
        _patients.AssertForgotten();
        Assert.Equal(2, Rig.History("patient", "a").Count);
    }

    [Fact]
    public void Who_is_forgotten_while_a_repair_is_written_stays_forgotten()
    {
        _patients.Do(new Note("1"));
        Append(Encrypted(2, "no-such", "{}"));
        Rig.Failure<QuarantinedException>(_patients.Ask(new GetNotes()));
        Rig.Store.OnAppend = static _ => AppendFault.HoldCommit;
        var repair = _patients.Ask(new RepairEntity<Patient>(Ada.Skip(2)));
        var waits = _patients.Ask(new GetNotes());
        Rig.Run();
        _patients.Keys.Forget(PatientRig.A);
        var forget = _patients.Ask(new ForgetEntity<Patient>());
        Rig.Failure<EntityForgottenException>(waits);
        Rig.Store.OnAppend = static _ => AppendFault.None;
        Rig.Store.ReleaseNext();
        Rig.Result(forget);
        Assert.Equal(3, Rig.Result(repair).Sequence);
        _patients.AssertForgotten();
    }

    private static void AssertHidden(ReadOnlyMemory<byte> payload)
    {
        Assert.True(EncryptedPayload.IsEncrypted(payload.Span));
        Assert.False(PlainText.Holds(payload.Span, Word) || PlainText.Holds(payload.Span, "importer wrote"));
    }

    private EntityKey KeyOf() => _patients.Keys.FindAsync(PatientRig.A, default).Result;

    private JournalEvent Encrypted(long sequence, string manifest, string payload)
    {
        var clear = StoredHistory.Event(PatientRig.A, sequence, manifest, payload);
        var output = new ArrayBufferWriter<byte>();
        new EntityCipher(PatientRig.A, KeyOf()).Encrypt(clear.Payload.Span, PayloadPlace.Event(sequence, manifest, clear.AtUnixMs), output);
        return clear with { Payload = output.WrittenMemory };
    }

    private void Append(params JournalEvent[] events)
    {
        Rig.Journal.Append(Rig.Grid, events);
        Rig.Restart();
    }

    private RepairReceipt Offline(Repair repair, EntityType? type) => Rig.Now(JournalRepair.RunAsync(
        Rig.Journal, ShardId.Of(PatientRig.A, Rig.Grid.ShardCount), type, PatientRig.A, repair, new Guid("aaaaaaaa-0000-0000-0000-00000000000f"), Rig.Clock.GetUtcNow(), default));
}
