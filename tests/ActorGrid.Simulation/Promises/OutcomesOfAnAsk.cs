using System.Text.Json.Serialization;
using ActorGrid.Actors;
using ActorGrid.Persistence;
using ActorGrid.Testing;

namespace ActorGrid.Simulation;

/// <summary>Each row of the table of outcomes, for an ask from the node of the owner, from another node and from a client: it is the same wherever it is asked.</summary>
public sealed partial class OutcomesOfAnAsk
{
    public enum From
    {
        Owner,
        OtherNode,
        Client,
    }

    public static IEnumerable<object[]> Callers => Enum.GetValues<From>().Select(from => new object[] { from });

    [Theory]
    [MemberData(nameof(Callers))]
    public void What_an_entity_or_its_owner_refuses_reaches_the_caller_and_nothing_was_written(From from) => Stage.Play(Options(), async grid =>
    {
        var entity = await EntityAsync(grid, from);
        Assert.Equal(1, await entity.AskAsync(new Note("fine")));
        await Assert.ThrowsAsync<CommandRejectedException>(() => entity.AskAsync(new Note("")));
        await Assert.ThrowsAsync<CommandFailedException>(() => entity.AskAsync(new Note("throw")));
        await Assert.ThrowsAsync<CommandFailedException>(() => entity.AskAsync(new Note("break")));
        var now = grid.Time.GetUtcNow();
        await Assert.ThrowsAsync<OutcomeUnknownException>(() => entity.AskAsync(new Note("old"), Under(CommandId.New(now - TimeSpan.FromMinutes(11), grid.Random))));
        await Assert.ThrowsAsync<InvalidCommandIdException>(() => entity.AskAsync(new Note("new"), Under(CommandId.New(now + TimeSpan.FromMinutes(2), grid.Random))));
        var used = CommandId.New(now, grid.Random);
        Assert.Equal(2, await entity.AskAsync(new Note("used"), Under(used)));
        await Assert.ThrowsAsync<InvalidCommandIdException>(() => entity.AskAsync(new Tally(), Under(used)));
        Assert.Equal(2, await entity.AskAsync(new Tally()));
    });

    [Theory]
    [MemberData(nameof(Callers))]
    public void A_refusal_is_known_under_its_id_after_a_move_and_after_a_death(From from) => Stage.Play(Options(), async grid =>
    {
        var entity = await EntityAsync(grid, from);
        var under = Under(CommandId.New(grid.Time.GetUtcNow(), grid.Random));
        string reason = (await Assert.ThrowsAsync<CommandRejectedException>(() => entity.AskAsync(new Refusal(), under))).Message;
        foreach (bool kills in new[] { false, true })
        {
            var owner = OwnerOf(grid);
            if (kills) owner.Kill();
            else await owner.StopAsync();
            await owner.StartAsync();
            var refused = await Assert.ThrowsAsync<CommandRejectedException>(() => grid.Entity<Notebook>("a").AskAsync(new Refusal(), under));
            Assert.Equal(reason, refused.Message);
        }
    });

    [Theory]
    [MemberData(nameof(Callers))]
    public void A_store_that_refuses_is_told_to_the_caller_and_nothing_was_written(From from) => Stage.Play(Options(), async grid =>
    {
        var entity = await EntityAsync(grid, from);
        grid.FailNext(OwnerOf(grid), StoreOperation.Append, StoreFault.RefusedForGood);
        var under = Under(CommandId.New(grid.Time.GetUtcNow(), grid.Random));
        await Assert.ThrowsAsync<StoreException>(() => entity.AskAsync(new Note("refused"), under));
        Assert.Equal(0, await entity.AskAsync(new Tally()));
        Assert.Equal(1, await entity.AskAsync(new Note("refused"), under));
    });

    [Theory]
    [MemberData(nameof(Callers))]
    public void A_shard_that_has_too_much_in_hand_refuses_what_may_be_sent_again(From from) => Stage.Play(
        Options() with { EntityHost = new EntityHostOptions { CommandsPerShardMax = 4 } },
        async grid =>
        {
            var entity = await EntityAsync(grid, from);
            var under = Enumerable.Range(0, 20).Select(_ => Under(CommandId.New(grid.Time.GetUtcNow(), grid.Random))).ToArray();
            var asks = under.Select((options, i) => entity.AskAsync(new Note($"{i}"), options)).ToArray();
            int written = 0;
            for (int i = 0; i < asks.Length; i++)
            {
                try
                {
                    await asks[i];
                    written++;
                    under[i] = null!;
                }
                catch (OverloadedException)
                {
                    // Sent again below.
                }
            }
            Assert.InRange(written, 4, 19);
            Assert.Equal(written, await entity.AskAsync(new Tally()));
            foreach (var again in under.Where(options => options is not null)) Assert.Equal(++written, await entity.AskAsync(new Note("again"), again));
        });

    [Theory]
    [MemberData(nameof(Callers))]
    public void An_entity_that_its_owner_cannot_recover_is_quarantined_and_the_others_are_not(From from) => Stage.Play(Options(), async grid =>
    {
        Notebook.Forgets = false;
        Assert.Equal(1, await (await EntityAsync(grid, from)).AskAsync(new Note("secret")));
        Assert.Equal(1, await grid.Entity<Notebook>("b").AskAsync(new Note("public")));
        // As a new version of the application that knows an event less.
        Notebook.Forgets = true;
        foreach (var node in grid.Nodes) node.Kill();
        foreach (var node in grid.Nodes) await node.StartAsync();
        var entity = await EntityAsync(grid, from);
        var quarantined = await Assert.ThrowsAsync<QuarantinedException>(() => entity.AskAsync(new Tally()));
        Assert.Contains("notebook/a", quarantined.Message, StringComparison.Ordinal);
        Assert.Contains("forgotten", quarantined.Message, StringComparison.Ordinal);
        Assert.Equal(2, await grid.Entity<Notebook>("b").AskAsync(new Note("more")));
        Notebook.Forgets = false;
    });

    [Theory]
    [MemberData(nameof(Callers))]
    public void An_ask_that_cannot_be_answered_ends_by_its_deadline_and_says_where_it_was(From from) => Stage.Play(Options(), async grid =>
    {
        var entity = await EntityAsync(grid, from);
        await entity.AskAsync(new Note("first"));
        var owner = OwnerOf(grid);
        using var outage = grid.StoreAway();
        using var cut = from == From.Owner ? null : grid.Cut([owner], grid.Others(owner));
        foreach (double seconds in new[] { 0.3, 2, 8 })
        {
            var askedAt = grid.Elapsed;
            var timeout = TimeSpan.FromSeconds(seconds);
            var error = await Assert.ThrowsAnyAsync<Exception>(() => entity.AskAsync(new Note("late"), new AskOptions { Timeout = timeout }));
            Assert.InRange(grid.Elapsed - askedAt, TimeSpan.Zero, timeout + TimeSpan.FromMilliseconds(100));
            Assert.Contains(from == From.Owner ? "notebook/a" : "node", Assert.IsType<AskTimeoutException>(error).Message, StringComparison.Ordinal);
        }
    });

    [Theory]
    [MemberData(nameof(Callers))]
    public void A_caller_may_give_up(From from) => Stage.Play(Options(), async grid =>
    {
        var entity = await EntityAsync(grid, from);
        using var outage = grid.StoreAway();
        using var patience = new CancellationTokenSource();
        var ask = entity.AskAsync(new Note("given up"), cancellationToken: patience.Token);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ask);
    });

    [Fact]
    public void A_node_that_has_stopped_asks_no_more() => Stage.Play(Options(), async grid =>
    {
        var life = await grid.Nodes[0].Started;
        await life.Process.RunAsync(async () =>
        {
            await life.Node.StopAsync();
            await Assert.ThrowsAnyAsync<OwnershipLostException>(() => life.Node.Router.AskAsync(NotebookId, new Tally()));
        });
        grid.Nodes[0].Kill();
    });

    private static SimulatedGridOptions Options() => new() { ShardCount = 4, Configure = grid => grid.AddEntity<Notebook>("notebook", NotebookJson.Default) };

    private static AskOptions Under(CommandId id) => new() { CommandId = id };

    private static EntityId NotebookId => EntityId.Create("notebook", "a");

    private static SimulatedNode OwnerOf(SimulatedGrid grid) => grid.NodeOf(grid.Journal.View[grid.Journal.View.ShardOf(NotebookId)].Owner);

    private static async Task<EntityRef<Notebook>> EntityAsync(SimulatedGrid grid, From from)
    {
        await grid.DelayAsync(TimeSpan.FromMilliseconds(grid.Random.Next(1000)));
        return from switch
        {
            From.Owner => grid.Entity<Notebook>("a", OwnerOf(grid)),
            From.OtherNode => grid.Entity<Notebook>("a", grid.Others(OwnerOf(grid))[0]),
            _ => grid.Entity<Notebook>("a"),
        };
    }

    public sealed record Note(string Text) : ICommand<Notebook, int>;

    public sealed record Refusal : ICommand<Notebook, Done>;

    public sealed record Tally : ICommand<Notebook, int>;

    [JsonDerivedType(typeof(Noted), "noted")]
    public abstract record NotebookEvent;

    public sealed record Noted(string Text) : NotebookEvent;

    /// <summary>Counts notes, and fails as it is told.</summary>
    public sealed class Notebook : Entity<Notebook, int, NotebookEvent>
    {
        public Notebook()
        {
            On<Note, int>("note", (_, c, _) => c.Text switch
            {
                "" => Reject("A note has words."),
                "throw" => throw new InvalidOperationException("As asked."),
                _ => Persist(new Noted(c.Text)).Reply(count => count),
            });
            On<Refusal, Done>("refusal", (_, _, at) => Reject($"Refused at {at.Now:O}."));
            On<Tally, int>("tally", (count, _, _) => Answer(count));
        }

        /// <summary>Stands for what a version knows; a world runs on one thread.</summary>
        [field: ThreadStatic]
        public static bool Forgets { get; set; }

        public override int Initial => 0;

        public override int Apply(int state, NotebookEvent e) => e switch
        {
            Noted { Text: "secret" } when Forgets => throw new InvalidOperationException("It was forgotten."),
            Noted { Text: "break" } => throw new InvalidOperationException("As asked."),
            Noted => state + 1,
            _ => throw Unknown(e),
        };
    }

    [JsonSerializable(typeof(Note))]
    [JsonSerializable(typeof(Refusal))]
    [JsonSerializable(typeof(Tally))]
    [JsonSerializable(typeof(NotebookEvent))]
    [JsonSerializable(typeof(int))]
    public sealed partial class NotebookJson : JsonSerializerContext;
}
