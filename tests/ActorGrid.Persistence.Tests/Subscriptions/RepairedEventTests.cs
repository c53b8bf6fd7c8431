using ActorGrid.Testing;

namespace ActorGrid.Persistence.Tests;

/// <summary>A subscription stands still at an event that cannot be read, until a repair of the entity says what counts.</summary>
public sealed class RepairedEventTests
{
    private static readonly Repair Ada = new("ada", "The importer wrote rubbish.");

    [Fact]
    public void A_subscription_goes_on_as_the_repair_says()
    {
        var rig = Standing();
        rig.Node.Do("ledger", "a", new RepairEntity<Ledger>(Ada.Skip(2).Replace(3, "added", """{"Number":30}""")));
        rig.Advance(60);
        Assert.Equal(["a:30", "a:4"], rig.TakeGiven());
        rig.Advance(2);
        Assert.Equal(5, rig.CursorOf("a").Offset);
        Assert.Equal([3L, 4L], rig.Envelopes.TakeLast(2).Select(e => e.Sequence));
    }

    [Fact]
    public void A_later_process_passes_them_without_a_pause()
    {
        var rig = Standing();
        rig.Node.Do("ledger", "a", new RepairEntity<Ledger>(Ada.Skip(2).Replace(3, "added", """{"Number":30}""")));
        rig.TakeGiven();
        rig.Node.Restart();
        rig.Node.Run();
        Assert.Equal(["a:30", "a:4"], rig.TakeGiven());
    }

    [Fact]
    public void A_replacement_that_cannot_be_read_stands_still_until_a_later_repair()
    {
        var rig = Standing();
        rig.Node.Journal.Append(
            rig.Node.Grid, EntityId.Create("ledger", "a"), ("$repair", $$"""{"by":"x","why":"y","steps":[{"sequence":2,"act":"replace","name":"nor-such","payload":"e30="},{"sequence":3,"act":"skip"}]}"""));
        rig.Node.Restart();
        rig.Advance(60);
        Assert.Empty(rig.TakeGiven());
        rig.Node.Do("ledger", "a", new RepairEntity<Ledger>(Ada.Skip(2)));
        rig.Advance(60);
        Assert.Equal(["a:4"], rig.TakeGiven());
    }

    [Fact]
    public void A_repair_of_an_encrypted_entity_is_read_with_its_key()
    {
        var keys = new InMemoryKeyStore();
        var rig = Standing(keys);
        rig.Node.Do("ledger", "a", new RepairEntity<Ledger>(Ada.Skip(2).Replace(3, "added", """{"Number":30}""")));
        Assert.True(EncryptedPayload.IsEncrypted(rig.Node.History("ledger", "a")[4].Payload.Span));
        rig.Advance(60);
        Assert.Equal(["a:30", "a:4"], rig.TakeGiven());
    }

    [Fact]
    public void A_key_store_that_never_answers_is_waited_for_no_longer_than_others_wait_for_it()
    {
        var keys = new InMemoryKeyStore();
        var rig = Standing(keys);
        rig.Node.Do("ledger", "a", new RepairEntity<Ledger>(Ada.Skip(2).Skip(3)));
        keys.OnCall = static (_, _) => new ValueTask(new TaskCompletionSource().Task);
        rig.Advance(60);
        Assert.Empty(rig.TakeGiven());
        keys.OnCall = null;
        rig.Advance(60);
        Assert.Equal(["a:4"], rig.TakeGiven());
    }

    [Fact]
    public void What_cannot_be_read_of_who_was_forgotten_is_passed()
    {
        var keys = new InMemoryKeyStore();
        var rig = Standing(keys);
        keys.Forget(EntityId.Create("ledger", "a"));
        rig.Advance(60);
        // These were stored in clear.
        Assert.Equal(["a:4"], rig.TakeGiven());
    }

    [Fact]
    public void What_a_repair_puts_in_the_place_of_an_event_is_not_given_once_its_entity_was_forgotten()
    {
        var keys = new InMemoryKeyStore();
        var rig = Standing(keys);
        rig.Handler = static (e, _) => e.Sequence == 2 ? Task.FromException(new IOException("The mail server is away.")) : Task.CompletedTask;
        rig.Node.Do("ledger", "a", new RepairEntity<Ledger>(Ada.Replace(2, "added", """{"Number":20}""").Skip(3)));
        rig.Advance(60);
        Assert.Equal(["a:20"], rig.TakeGiven().Distinct());
        // The reader has it in hand, and tries it again and again.
        keys.Forget(EntityId.Create("ledger", "a"));
        rig.Advance(60);
        // This one was stored in clear.
        Assert.Equal(["a:4"], rig.TakeGiven());
    }

    [Fact]
    public void A_projection_gets_all_of_a_page_as_the_repairs_say()
    {
        var given = new List<int>();
        var rig = new Rig([EntityType.Create<Ledger>("ledger", LedgerJson.Default)], subscriptions: [new ListedProjection(given)]);
        rig.Journal.Append(rig.Grid, LedgerRig.A, Enumerable.Range(1, 20).Select(i => (i % 3 == 0 ? "no-such" : "added", $$"""{"Number":{{i}}}""")));
        rig.Restart();
        rig.Advance(TimeSpan.FromMinutes(1));
        // Those of the page that come before the first that cannot be read do not wait for it.
        Assert.Equal([1, 2], given);
        var repair = Ada.Skip(3);
        foreach (int i in new[] { 6, 9, 12, 15, 18 }) repair = repair.Replace(i, "added", $$"""{"Number":{{i * 10}}}""");
        rig.Do("ledger", "a", new RepairEntity<Ledger>(repair));
        rig.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(Enumerable.Range(1, 20).Where(i => i != 3).Select(i => i % 3 == 0 ? i * 10 : i), given);
    }

    /// <summary>The second and the third of four events cannot be read.</summary>
    private static SubscriptionRig Standing(IEntityKeyStore? keys = null)
    {
        var rig = new SubscriptionRig(keys: keys);
        rig.Node.Journal.Append(
            rig.Node.Grid, EntityId.Create("ledger", "a"), ("added", """{"Number":1}"""), ("no-such", "{}"), ("added", "{oops"), ("added", """{"Number":4}"""));
        rig.Node.Restart();
        rig.Advance(60);
        Assert.Equal(["a:1"], rig.TakeGiven());
        return rig;
    }
}
