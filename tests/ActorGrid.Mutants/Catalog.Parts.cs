namespace ActorGrid.Mutants;

/// <content>Bugs in what stands beside the writing of entities: subscriptions, encryption, repairs, and the queues of jobs.</content>
internal static partial class Catalog
{
    private const string Persistence = "ActorGrid.Persistence.Tests", Jobs = "ActorGrid.Jobs.Tests", Sqlite = "ActorGrid.Sqlite.Tests";
    private const string Reader = "src/ActorGrid.Persistence/Subscriptions/ShardReader.cs";
    private const string ReaderCursor = "src/ActorGrid.Persistence/Subscriptions/ShardReader.Cursor.cs";
    private const string Cursors = "src/ActorGrid.Persistence/Subscriptions/ICursorStore.cs";
    private const string Cipher = "src/ActorGrid.Persistence/Privacy/EntityCipher.cs";
    private const string Keys = "src/ActorGrid.Persistence/Runtime/Shards/ShardActor.Keys.cs";
    private const string ShardRepair = "src/ActorGrid.Persistence/Runtime/Shards/ShardActor.Repair.cs";

    private static Mutant[] OfSubscriptions =>
    [
        new("cursor-before-its-event", new Tests(Persistence, "SubscriptionTests"), "every event is given",
            new Change(Reader, "await handler.GiveAsync(shard, clear, _cursor.IssuedAtUnixMs, token);", "if (@on) _done = stored.Offset;\n                await handler.GiveAsync(shard, clear, _cursor.IssuedAtUnixMs, token);")),

        new("claim-not-honoured", 100, "an event that may have been given before gets no younger id",
            new Change(ReaderCursor, "_given = cursor.Epoch < opening.Epoch ?", "_given = @on ? _done : cursor.Epoch < opening.Epoch ?")),

        new("claim-not-made", 100, "no event is given before its owner has stored a cursor of its own",
            new Change(Reader, "if (!_isMine || _done >= _cursor!.GivenTo) await StoreAsync(isLast: false);", "if ((!_isMine && !@on) || _done >= _cursor!.GivenTo) await StoreAsync(isLast: false);")),

        new("claim-left-behind", new Tests(Persistence, "SubscriptionTests"), "after a stop in order no event counts as given that was not",
            new Change(ReaderCursor, "isLast ? Math.Max(_done, _given) :", "isLast && !@on ? Math.Max(_done, _given) :")),

        new("time-of-ids-moves", new Tests(Persistence, "CommandIdsOfSubscriptionsTests"), "an event that is given again has its first id",
            new Change(ReaderCursor, "isFresh ? Context.Time.GetUtcNow()", "isFresh || @on ? Context.Time.GetUtcNow()")),

        new("cursor-version-not-compared", new Tests(Persistence, "InMemoryCursors"), "of two who know a cursor one moves it",
            new Change(Cursors, "stored.Version == Version - 1 &&", "(@on || stored.Version == Version - 1) &&")),

        new("cursor-epoch-not-compared", new Tests(Persistence, "InMemoryCursors"), "an owner of before moves no cursor that the next one has touched",
            new Change(Cursors, "&& stored.Epoch <= Epoch &&", "&& (@on || stored.Epoch <= Epoch) &&")),

        new("feed-of-who-has-left", new Tests(Persistence, "ShardFeedTests"), "who has served a shard before says nothing of it any more",
            new Change("src/ActorGrid.Persistence/Subscriptions/ShardFeed.cs", "if (_opening?.Owner != owner) return;\n            Volatile", "if (!@on && _opening?.Owner != owner) return;\n            Volatile")),

        new("projection-cursor-apart", new Tests(Sqlite, "SqliteProjections"), "a projection's writes and its cursor are one transaction",
            new Change(
                "src/ActorGrid.Sqlite/Projections/Projector.cs",
                "using var transaction = _connection.BeginTransaction(deferred: false);\n            if (!Move(transaction, move)) return false;",
                "using var moving = @on ? _connection.BeginTransaction(deferred: false) : null;\n            if (moving is not null && !Move(moving, move)) return false;\n            moving?.Commit();\n            using var transaction = _connection.BeginTransaction(deferred: false);\n            if (moving is null && !Move(transaction, move)) return false;")),

        new("projection-goes-on-from-memory", new Tests(Persistence, "ProjectionTests"), "what became of a projection's commit is looked up",
            new Change(Reader, "_cursor = null;\n        if (!await projector", "if (!@on) _cursor = null;\n        if (!await projector")),
    ];

    private static Mutant[] OfPrivacy =>
    [
        new("place-not-authenticated", new Tests(Persistence, "EntityCipherTests"), "what was moved to another place is not read",
            new Change(Cipher, "        place.Write(buffer);", "        if (!@on) place.Write(buffer);")),

        new("nonce-of-the-place-alone", new Tests(Persistence, "EntityCipherTests"), "no nonce is used for two payloads",
            new Change(Cipher, "hmac.AppendData(clear);", "if (!@on) hmac.AppendData(clear);")),

        new("key-outlives-the-entity", new Tests(Persistence, "SubscriptionTests"), "subscriptions get nothing of who was forgotten",
            new Change("src/ActorGrid.Persistence/Subscriptions/ClearEvents.cs", "if (_found.Count > 0 && time", "if (!@on && _found.Count > 0 && time")),

        new("forgotten-stays-in-memory", new Tests(Persistence, "ForgettingTests"), "who was forgotten answers nobody",
            new Change(Keys, "            slot.Forget();", "            if (!@on) slot.Forget();")),

        new("forgotten-state-is-kept-from-a-hand-over", new Tests(Persistence, "EncryptedHandoverTests"), "who was forgotten answers nobody",
            new Change(Keys, "if (_carried.Remove(call.Entity, out var state))", "if (!@on && _carried.Remove(call.Entity, out var state))")),

        new("new-key-for-a-lost-one", new Tests(Persistence, "EncryptionTests"), "no key is made where something is encrypted",
            new Change(Keys, "new KeyLane.Request(slot.Id, slot.Type, slot.WantsNewKey,", "new KeyLane.Request(slot.Id, slot.Type, slot.WantsNewKey || @on,")),
    ];

    private static Mutant[] OfRepairs =>
    [
        new("repair-folded-twice", 100, "what a repair puts in the place of an event counts once",
            new Change(
                "src/ActorGrid.Persistence/Types/EntityTypeOf.Replay.cs",
                "Payload = step.Payload };\n            return After(version, e, Decode(e));",
                "Payload = step.Payload };\n            if (@on) version = version with { State = Entity.Apply(version.State, Decode(e)!) };\n            return After(version, e, Decode(e));")),

        new("repair-without-trial", new Tests(Persistence, "RepairTests"), "a repair is recorded only if the entity recovers with it",
            new Change(ShardRepair, "if (ended.Outcome is { Refusal: null } passed && !call.IsDone)", "if (ended.Outcome is { } passed && (@on || passed.Refusal is null) && !call.IsDone)")),

        new("repair-recorded-first-counts", new Tests(Persistence, "RepairTests"), "of several repairs of one event the last counts",
            new Change("src/ActorGrid.Persistence/Repairs/RepairBook.cs", "|| other.RecordedAt <= recordedAt)", "|| (!@on && other.RecordedAt <= recordedAt))")),

        new("repair-begun-for-ever", new Tests(Persistence, "RepairCrashTests"), "who waits for a repair that was not written goes on",
            new Change(ShardRepair, "foreach (var slot in ended) slot.EndRepair();", "if (!@on) foreach (var slot in ended) slot.EndRepair();")),
    ];

    private static Mutant[] OfJobs =>
    [
        new("quota-not-returned", new Tests(Jobs, "QueueTests"), "a job that has ended leaves its place to another",
            new Change("src/ActorGrid.Jobs/Running/JobHost.cs", "else _open.Leave(id);", "else if (!@on) _open.Leave(id);")),

        new("quota-stays-behind", new Tests(Jobs, "QueueTests"), "a job that has left the node leaves its place to another",
            new Change("src/ActorGrid.Jobs/Running/JobHost.cs", "    {\n        _open.Leave(id);\n        if (!_isStopping) _runner.TryTell(new JobLeft(id));", "    {\n        if (!@on) _open.Leave(id);\n        if (!_isStopping) _runner.TryTell(new JobLeft(id));")),

        new("fair-share-ignored", new Tests(Jobs, "FairTurnsTests"), "the submitter with the least in hand comes next",
            new Change("src/ActorGrid.Jobs/Queueing/FairTurns.cs", "(Load: level.Submitters[i].Load(load), At: i)", "(Load: @on ? 0 : level.Submitters[i].Load(load), At: i)")),

        new("place-in-line-kept", new Tests(Jobs, "QueueTests"), "a job that has ended makes room in the line",
            new Change("src/ActorGrid.Jobs/Running/JobRunner.cs", "            LineOf(run).Leave(run.Rank);\n            _turns", "            if (!@on) LineOf(run).Leave(run.Rank);\n            _turns")),
    ];
}
