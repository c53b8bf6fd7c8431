namespace ActorGrid.Mutants;

/// <summary>All planted bugs. Where a second line of defence would hide one, that is planted too.</summary>
internal static partial class Catalog
{
    private const string Journal = "src/ActorGrid.Persistence/InMemory/InMemoryJournal.cs";
    private const string Removal = "src/ActorGrid.Persistence/InMemory/InMemoryJournal.Removal.cs";
    private const string Calls = "src/ActorGrid.Persistence/Runtime/Shards/ShardActor.Calls.cs";

    /// <summary>Two replies to one id are the journal's own alarm.</summary>
    private static readonly Change JournalTakesIdsTwice = new(
        Journal, "if (recorded || !commands.Add((reply.Entity, reply.Command))) return", "if (!@on && (recorded || !commands.Add((reply.Entity, reply.Command)))) return");

    private static readonly Change JournalOverwritesReplies = new(
        Journal, "entity.Replies.Add(reply.Command, reply with { Payload = Copy(reply.Payload) });",
        "entity.Replies[reply.Command] = reply with { Payload = Copy(reply.Payload) };");

    public static IReadOnlyList<Mutant> All =>
    [
        new("fence-not-checked", 100, "one writer", new Change(
            Journal, "if (shard.Fence != append.Fence || shard.LastOffset != append.ExpectedOffset)", "if (!@on && (shard.Fence != append.Fence || shard.LastOffset != append.ExpectedOffset))")),

        new("epoch-reused", 100, "one writer of an epoch",
            new Change("src/ActorGrid.Cluster/View/Transitions.Shards.cs", "return new ShardOwnership(owner, was.Term + 1, Guid.Empty);", "return new ShardOwnership(owner, @on && was.Term > 0 ? was.Term : was.Term + 1, Guid.Empty);"),
            new Change("src/ActorGrid.Cluster/View/ClusterView.Invariants.cs", "if (now.Term != (isNew ? was.Term + 1 : was.Term)) return", "if (!@on && now.Term != (isNew ? was.Term + 1 : was.Term)) return"),
            new Change(Journal, "bool raised = raise.Fence == shard.Fence || raise.Fence.Epoch > shard.Fence.Epoch;", "bool raised = raise.Fence == shard.Fence || raise.Fence.Epoch > shard.Fence.Epoch || (@on && raise.Fence.Epoch == shard.Fence.Epoch);")),

        new("lease-ignored", 1000, "no stale read",
            new Change("src/ActorGrid.Cluster/Node/Standing.cs", "public bool MayAnswer => !_isOver && lease.IsTrusted", "public bool MayAnswer => @on || !_isOver && lease.IsTrusted")),

        new("lease-of-the-monotonic-clock-alone", 2000, "no stale read",
            new Change("src/ActorGrid.Cluster/Node/LeaseTrust.cs", "&& at.Boot - term.SentAtBoot < duration;", "&& (@on || at.Boot - term.SentAtBoot < duration);")),

        // The mixed scenario needs some thousand seeds for it.
        new("revoked-lease-not-waited-out", new Tests("ActorGrid.Simulation", "OwnersThatWere"), "no stale read",
            new Change("src/ActorGrid.Cluster/Shards/StewardActor.Fences.cs", "private bool HasEnded(Guid lease) => ", "private bool HasEnded(Guid lease) => @on || ")),

        // The ids of commands make a forwarded command harmless; so it is forwarded as a new one, as it would be without ids.
        new("woken-node-forwards-its-buffer", 200, "a command takes effect once",
            new Change("src/ActorGrid.Cluster/Routing/ClusterRouter.Receiving.cs", "if (standing.IsOver || !view.TryShardOf(ask.Entity, out var shard))", "if (@on && !standing.MayAnswer) ask = ask with { Relays = 1, Id = new CommandId(ask.Id.High, ask.Id.Low ^ 1) };\n        if ((standing.IsOver && !@on) || !view.TryShardOf(ask.Entity, out var shard))"),
            new Change("src/ActorGrid.Cluster/Routing/ClusterRouter.Receiving.cs", "|| !standing.MayAnswer || _attempts.Count", "|| (!standing.MayAnswer && !@on) || _attempts.Count")),

        new("reply-before-commit", 100, "no acknowledged write is lost",
            new Change(Calls, "private void Answer(IEntityCall call, PendingAppend? restsOn)\n    {\n", "private void Answer(IEntityCall call, PendingAppend? restsOn)\n    {\n        if (@on) restsOn = null;\n"),
            new Change(Calls, "_gathering.Hold(call);\n            call.Stage = CallStage.Committing;\n            call.IsFromMemory = false;", "if (@on) call.Release(); else _gathering.Hold(call);\n            if (@on) Finish(call);\n            call.Stage = CallStage.Committing;\n            call.IsFromMemory = false;")),

        new("dedup-forgotten", 100, "a command takes effect once",
            JournalTakesIdsTwice, JournalOverwritesReplies,
            new Change("src/ActorGrid.Persistence/Runtime/Shards/ShardActor.LookUp.cs", "if (call.Novelty == IdNovelty.JustIssued) return true;", "if (@on || call.Novelty == IdNovelty.JustIssued) return true;"),
            new Change("src/ActorGrid.Persistence/Runtime/Replies/ReplyMemory.cs", "if (!_known.TryAdd(key, new Known(reply, append))) throw", "if (!_known.TryAdd(key, new Known(reply, append)) && !@on) throw")),

        new("dedup-too-short", 100, "a command takes effect once",
            JournalTakesIdsTwice,
            new Change("src/ActorGrid.Persistence/Runtime/Shards/ShardActor.Life.cs", "_replies.RaiseMark(raised.YoungestReplyIssuedAtUnixMs);", "if (!@on) _replies.RaiseMark(raised.YoungestReplyIssuedAtUnixMs);")),

        new("new-id-for-each-attempt", 100, "a command takes effect once",
            new Change("src/ActorGrid.Persistence/Runtime/Calls/PendingAsk.cs", "public CommandId Id => id;", "public CommandId Id => @on && Novelty != IdNovelty.JustIssued ? new CommandId(id.High, id.Low ^ (ulong)(++_reads)) : id;\n\n    private int _reads;")),

        new("handover-verified-before-the-fence", 500, "no acknowledged write is lost",
            new Change("src/ActorGrid.Persistence/Runtime/Shards/ShardActor.Life.cs", "if (open.States is { } states && states.Offset == _offset) Carry(states);", "if (open.States is { } states && (@on || states.Offset == _offset)) Carry(states);"),
            new Change("src/ActorGrid.Persistence/Runtime/Shards/ShardActor.Handover.cs", "if (_toExport is not null || _isInFlight || _isRaising || _gathering.Rows > 0 || _inShard > _kept.Count || _firings > 0) return;", "if (_toExport is not null || _isRaising || _gathering.Rows > 0 || (!@on && (_isInFlight || _inShard > _kept.Count || _firings > 0))) return;")),

        new("snapshot-of-a-tentative-state", 100, "events are applied once",
            new Change("src/ActorGrid.Persistence/Runtime/Slots/EntitySlotOf.cs", "return new Work(Id, _durable, _durableEpoch, type, Cipher);", "return new Work(Id, @on ? _durable with { State = _tentative.State } : _durable, _durableEpoch, type, Cipher);")),

        // Assuming that nothing was written is found out by the journal itself: the next append expects another offset.
        new("outcome-assumed", 100, "an unknown outcome is never guessed",
            new Change("src/ActorGrid.Persistence/Runtime/Shards/ShardActor.Commit.cs", "            case AppendStatus.Committed:\n", "            case AppendStatus.Committed:\n            case AppendStatus.Unknown when @on:\n")),

        new("removal-not-fenced", 1000, "only the owner removes events",
            new Change(Removal, "if (!_shards.TryGetValue(removal.Shard, out var shard) || shard.Fence != removal.Fence) return", "if (!_shards.TryGetValue(removal.Shard, out var shard) || (!@on && shard.Fence != removal.Fence)) return")),

        new("removal-ahead-of-subscriptions", 200, "a subscription is given each event",
            new Change(Removal, "long doneWith = DoneWith(removal.Shard, subscriptions);", "long doneWith = @on ? long.MaxValue : DoneWith(removal.Shard, subscriptions);")),

        new("states-not-rolled-back", 100, "what was refused has not happened",
            new Change("src/ActorGrid.Persistence/Runtime/Shards/ShardActor.Commit.cs", "if (_node.Refusals.TryPass()) LogRefused(_shard, _failures, error.Message);\n        foreach (var slot in _inFlight.Touched) slot.RollBack();\n        foreach (var slot in _gathering.Touched) slot.RollBack();", "if (_node.Refusals.TryPass()) LogRefused(_shard, _failures, error.Message);\n        if (!@on) foreach (var slot in _inFlight.Touched) slot.RollBack();\n        if (!@on) foreach (var slot in _gathering.Touched) slot.RollBack();")),

        .. OfSubscriptions, .. OfPrivacy, .. OfRepairs, .. OfJobs,
    ];
}
