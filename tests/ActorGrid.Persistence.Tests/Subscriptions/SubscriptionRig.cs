namespace ActorGrid.Persistence.Tests;

/// <summary>A node with ledgers and a subscription to them, whose handler does what a test says.</summary>
internal sealed class SubscriptionRig
{
    public SubscriptionRig(SubscriptionOptions? options = null, EntityHostOptions? entities = null, IEntityKeyStore? keys = null) => Node = new Rig(
        [EntityType.Create<Ledger>("ledger", LedgerJson.Default, new EntityOptions { Keys = keys }), EntityType.Create<Account>("account", AccountJson.Default)],
        entities,
        [Subscription.Create<Ledger, LedgerEvent>("numbers", OnEventAsync, options)]);

    public Rig Node { get; }

    /// <summary>What was given, in order: the key, a colon, and the number.</summary>
    public List<string> Given { get; } = [];

    public List<EventEnvelope<LedgerEvent>> Envelopes { get; } = [];

    /// <summary>What the handler does with an event, after it was noted.</summary>
    public Func<EventEnvelope<LedgerEvent>, CancellationToken, Task> Handler { get; set; } = static (_, _) => Task.CompletedTask;

    /// <summary>The cursor of the shard of an entity.</summary>
    public Cursor CursorOf(string key) =>
        Rig.Now(Node.Tap.Cursors.ReadAsync([new CursorKey("numbers", ShardId.Of(EntityId.Create("ledger", key), Node.Grid.ShardCount))], default))[0];

    /// <summary>Ends with the token, and not before.</summary>
    public static Task Never(CancellationToken token)
    {
        var never = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        token.UnsafeRegister(static (source, token) => ((TaskCompletionSource)source!).TrySetCanceled(token), never);
        return never.Task;
    }

    public void Add(string key, params int[] numbers)
    {
        foreach (int number in numbers) Node.Do<Ledger, int>("ledger", key, new Add(number));
        Node.Run();
    }

    public void Advance(double seconds) => Node.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>What was given since the last call.</summary>
    public string[] TakeGiven()
    {
        string[] given = [.. Given];
        Given.Clear();
        return given;
    }

    private Task OnEventAsync(EventEnvelope<LedgerEvent> e, CancellationToken cancellationToken)
    {
        Given.Add($"{e.Entity.Key}:{((Added)e.Event).Number}");
        Envelopes.Add(e);
        return Handler(e, cancellationToken);
    }
}
