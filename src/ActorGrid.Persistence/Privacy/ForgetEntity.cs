using System.Buffers;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>
/// Drops an encrypted entity from memory after its key was destroyed in the key store. Send it when the store answers <see cref="EntityKey.Forgotten"/>: the owner of the entity asks the store, drops what it has
/// of the entity, and replies once all that was decided before is settled. While the store still has a key it is rejected, and nothing changes.
/// </summary>
/// <remarks>Every type with <see cref="EntityOptions.Keys"/> understands it. Sent again it does no harm. It is no event, and has no handler.</remarks>
/// <typeparam name="TEntity">The entity class.</typeparam>
public sealed record ForgetEntity<TEntity> : ICommand<TEntity, Done>, IForgetEntity
    where TEntity : Entity;

/// <summary>The command to forget, whatever the class of the entity is.</summary>
internal interface IForgetEntity;

/// <summary>The command has no parts.</summary>
internal sealed class ForgetEntityCodec<TEntity>() : MessageCodec<ForgetEntity<TEntity>>(Name)
    where TEntity : Entity
{
    /// <summary>No handler of a user has a name that begins with <c>$</c>.</summary>
    public const string Name = "$forget";

    public override void Encode(ForgetEntity<TEntity> message, IBufferWriter<byte> output)
    {
    }

    public override ForgetEntity<TEntity> Decode(ReadOnlySpan<byte> payload) =>
        payload.IsEmpty ? new ForgetEntity<TEntity>() : throw new CodecException($"'{Name}' has no parts, and came with {payload.Length} bytes.");
}
