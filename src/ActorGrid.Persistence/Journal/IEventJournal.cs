namespace ActorGrid.Persistence;

/// <summary>
/// The journal: the arbiter of who may write. It keeps one row per shard, <c>(fence, last offset)</c>, and what is appended under it.
/// </summary>
/// <remarks>
/// <para>Safe to use from any thread. Calls for different shards may run side by side; a shard's owner has at most one append in
/// flight.</para>
/// <para>The invariant: an append of a shard is committed if and only if, within the same transaction, the shard's row held exactly the
/// writer's fence and the offset that the writer expected. So there are no two writers of an epoch, and offsets have no gaps.</para>
/// <para>Memory that is passed in belongs to the journal until the returned task has ended; memory that is returned belongs to the
/// caller.</para>
/// </remarks>
public interface IEventJournal
{
    /// <summary>The fences as they are now, one for each shard that ever had an owner, in no stated order.</summary>
    /// <exception cref="StoreException">The store could not be read.</exception>
    Task<IReadOnlyList<(ShardId Shard, Fence Fence)>> ReadFencesAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Raises fences: from the moment of the commit no append under an earlier fence of these shards can be committed any more, and all
    /// that was committed before is visible to reads that begin after this call has ended.
    /// </summary>
    /// <param name="raises">The shards, each once, with the fence that they shall have. All are raised in one commit, those that can
    /// be.</param>
    /// <param name="cancellationToken">Ends the wait; the fences may have been raised all the same.</param>
    /// <returns>An outcome for each, in the order of <paramref name="raises"/>.</returns>
    /// <exception cref="StoreException">Nothing is known of the outcome. Raising the same fences again is harmless.</exception>
    Task<IReadOnlyList<FenceOutcome>> RaiseFencesAsync(IReadOnlyList<FenceRaise> raises, CancellationToken cancellationToken);

    /// <summary>Appends to several shards in one commit. Each shard is judged apart: one that is fenced costs the others nothing.</summary>
    /// <param name="appends">What to append, each shard once, with sequence numbers that go on from those stored for each entity.</param>
    /// <param name="cancellationToken"> Ends the wait before the commit was tried (an <see cref="OperationCanceledException"/>, nothing is
    /// written); it does not interrupt a commit.
    /// </param>
    /// <returns>
    /// An outcome for each, in the order of <paramref name="appends"/>. I/O failures are outcomes, not exceptions, since what matters is
    /// whether something was written. An append whose sequence numbers do not go on, or whose replies are recorded already, is refused for
    /// good.
    /// </returns>
    /// <exception cref="ArgumentException">A limit is passed, a shard is not of the grid or named twice; nothing is written.</exception>
    Task<IReadOnlyList<AppendOutcome>> AppendAsync(IReadOnlyList<ShardAppend> appends, CancellationToken cancellationToken);

    /// <summary>Reads what several entities recover from, in one round trip: the snapshot and the events after it, or a later page of
    /// events.</summary>
    /// <returns>A page for each, in the order of <paramref name="reads"/>. An entity that was never written has an empty page.</returns>
    /// <exception cref="StoreException">The store could not be read.</exception>
    Task<IReadOnlyList<EntityPage>> ReadEntitiesAsync(IReadOnlyList<EntityRead> reads, CancellationToken cancellationToken);

    /// <summary>
    /// Removes events of several entities, in one commit. Of each a prefix of its history: from its first event on, up to the first that was not decided before the time given, lies in another shard, is not
    /// done with by every cursor that is stored for the shard, or is the one that the snapshot rests on. Each entity is judged apart: nothing of it is removed unless its shard's row holds the writer's fence and
    /// the stored snapshot is the one that is named. All of that is found out within the transaction that removes.
    /// </summary>
    /// <remarks>What was removed is recorded (<see cref="EntityPage.RemovedTo"/>, <see cref="ShardPage.RemovedTo"/>), so that any other gap is damage. Since the event of the snapshot stays, the last sequence number
    /// of an entity, the last offset of a shard, and the list of entities are what they were. A store may leave events for a later call whose place it would have to look for.</remarks>
    /// <param name="removals">What to remove, each entity once.</param>
    /// <param name="subscriptions">Names of subscriptions that keep all events of a shard for which no cursor of theirs is stored yet.</param>
    /// <param name="cancellationToken">Ends the wait; events may have been removed all the same.</param>
    /// <returns>An outcome for each, in the order of <paramref name="removals"/>.</returns>
    /// <exception cref="ArgumentException">An entity is named twice, a shard is not of the grid, or a number is out of range; nothing is removed.</exception>
    /// <exception cref="StoreException">Nothing is known of the outcome, and it may take effect until the fence of the shard is raised. Removing again is harmless.</exception>
    Task<IReadOnlyList<RemovalOutcome>> RemoveEventsAsync(IReadOnlyList<EventRemoval> removals, IReadOnlyList<string> subscriptions, CancellationToken cancellationToken);

    /// <summary>Reads the events of a shard in the order of their offsets, which have no gaps but where events were removed.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="afterOffset">Only events with a greater offset; 0 reads from the first, whose offset is 1 if it was not removed.</param>
    /// <param name="eventsMax">At most so many, from 1.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <returns>A page; one with less than <paramref name="eventsMax"/> events is the last.</returns>
    /// <exception cref="StoreException">The store could not be read.</exception>
    Task<ShardPage> ReadShardAsync(ShardId shard, long afterOffset, int eventsMax, CancellationToken cancellationToken);

    /// <summary>Looks for the reply recorded for a command of an entity, and at the same moment at how far replies are forgotten: what is
    /// not found, and was issued after that, was never recorded.</summary>
    /// <exception cref="StoreException">The store could not be read.</exception>
    Task<ReplyLookUp> FindReplyAsync(EntityId entity, CommandId command, CancellationToken cancellationToken);

    /// <summary>
    /// Forgets up to <paramref name="repliesMax"/> replies whose commands were issued before a time, the oldest first, and first of all
    /// records that time (see <see cref="FenceOutcome.RepliesForgottenBeforeUnixMs"/>; it never moves back).
    /// </summary>
    /// <returns>How many were forgotten; less than the bound means that there are no more.</returns>
    /// <exception cref="StoreException">The store could not be written; trying again is harmless.</exception>
    Task<int> ForgetRepliesAsync(long issuedBeforeUnixMs, int repliesMax, CancellationToken cancellationToken);

    /// <summary>Reads the timers of a shard in the order of <see cref="TimerPosition"/>: by due time, then entity type, key and
    /// name.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="after">Only timers after this one in that order; null reads from the first.</param>
    /// <param name="timersMax">At most so many, from 1.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="StoreException">The store could not be read.</exception>
    Task<IReadOnlyList<TimerRecord>> ReadTimersAsync(ShardId shard, TimerPosition? after, int timersMax, CancellationToken cancellationToken);

    /// <summary>Reads an attachment of an entity, or null if there is none of that name.</summary>
    /// <exception cref="StoreException">The store could not be read.</exception>
    Task<ReadOnlyMemory<byte>?> ReadAttachmentAsync(EntityId entity, string name, CancellationToken cancellationToken);

    /// <summary>Lists the names of the types of all entities that have at least one event, in ordinal order of their UTF-8 bytes, whether or not anybody still has code for
    /// them.</summary>
    /// <exception cref="StoreException">The store could not be read.</exception>
    Task<IReadOnlyList<string>> ListEntityTypesAsync(CancellationToken cancellationToken);

    /// <summary>Lists the entities of a type that have at least one event, by key in ordinal order of its UTF-8 bytes.</summary>
    /// <param name="type">The name of the entity type.</param>
    /// <param name="afterKey">Only keys after this one; null lists from the first.</param>
    /// <param name="keysMax">At most so many, from 1.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="StoreException">The store could not be read.</exception>
    Task<IReadOnlyList<string>> ListEntitiesAsync(string type, string? afterKey, int keysMax, CancellationToken cancellationToken);
}
