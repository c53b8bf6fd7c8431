namespace ActorGrid.Persistence;

/// <summary>
/// Holds a key for each entity of the types that are encrypted. It is the application's: where keys lie, who may read them, how they are backed up and how one is destroyed
/// is decided there.
/// </summary>
/// <remarks>
/// <para>Called from the actors of a node, up to 16 calls at a time, once or twice for each recovery of an entity; also by <see cref="EntityHistory"/> and <see cref="JournalPreflight"/>,
/// from the context of their caller. All nodes of a grid need the same keys.</para>
/// <para>A call that throws is tried again, at growing intervals up to 1 s, for as long as somebody waits for the entity. The token is cancelled after 10 s; a call that goes on after that
/// keeps its place among the 16.</para>
/// <para><b>The contract.</b> Both methods give the same key for an entity for as long as it has one, to every node, whatever is killed: so a new key is durable before it is given. Once an
/// entity was forgotten, both answer <see cref="EntityKey.Forgotten"/> for it, for ever; a new person gets a new entity. A key that was lost and not forgotten is an error to throw, or
/// <see cref="EntityKey.None"/> of <see cref="FindAsync"/>, and never a new key: what was written under the old one could not be read with it.</para>
/// </remarks>
public interface IEntityKeyStore
{
    /// <summary>Gives the key of an entity, and makes none.</summary>
    /// <returns>A key, <see cref="EntityKey.None"/> if it never had one, or <see cref="EntityKey.Forgotten"/>.</returns>
    ValueTask<EntityKey> FindAsync(EntityId entity, CancellationToken cancellationToken);

    /// <summary>Gives the key of an entity, and makes one if it never had one. Called only for entities of which nothing encrypted was found.</summary>
    /// <returns>A key, which is durable by now, or <see cref="EntityKey.Forgotten"/>.</returns>
    ValueTask<EntityKey> GetOrCreateAsync(EntityId entity, CancellationToken cancellationToken);
}
