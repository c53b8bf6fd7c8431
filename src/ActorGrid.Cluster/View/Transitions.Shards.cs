using System.Collections.Immutable;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

/// <summary>How shards change hands.</summary>
internal static partial class Transitions
{
    /// <summary>Shards without an owner get one each.</summary>
    public static ClusterView Assign(ClusterView view, IReadOnlyList<Placement> placements) => Place(view, placements, static (was, owner) =>
    {
        Require(was.Owner == Guid.Empty, owner, "is given a shard that has an owner");
        return new ShardOwnership(owner, was.Term + 1, Guid.Empty);
    });

    /// <summary>Shards set out for other owners, once the present ones have released them.</summary>
    public static ClusterView Move(ClusterView view, IReadOnlyList<Placement> placements) => Place(view, placements, static (was, next) =>
    {
        Require(was is { IsMoving: false } && was.Owner != Guid.Empty && was.Owner != next, next, "cannot be where that shard moves to");
        return was with { Next = next };
    });

    /// <summary>The owner has finished with shards: each belongs to the one that it moves to, or to nobody if its owner leaves and none could take it.</summary>
    public static ClusterView Release(ClusterView view, Guid owner, IReadOnlyList<ShardId> shards)
    {
        var changed = view.Shards.ToBuilder();
        foreach (var shard in shards)
        {
            var was = changed[shard.Value];
            Require(was.Owner == owner, owner, $"does not own {shard}");
            Require(was.IsMoving || view.IsToBeReleased(shard), owner, $"has no reason to release {shard}");
            changed[shard.Value] = new ShardOwnership(was.Next, was.IsMoving ? was.Term + 1 : was.Term, Guid.Empty);
        }
        return view.Change(shards: changed.MoveToImmutable());
    }

    private static ClusterView Place(ClusterView view, IReadOnlyList<Placement> placements, Func<ShardOwnership, Guid, ShardOwnership> change)
    {
        if (placements.Count == 0) return view;
        var changed = view.Shards.ToBuilder();
        foreach (var (shard, target) in placements)
        {
            Require(view.Find(target) is { } member && member.CanOwn(view.SpaceOf(shard).Role), target, $"cannot own {shard}");
            changed[shard.Value] = change(changed[shard.Value], target);
        }
        return view.Change(shards: changed.MoveToImmutable());
    }

    /// <summary>What moves to somebody who is not Up any more stays where it is.</summary>
    private static ClusterView CancelMoves(ClusterView view) => Map(view, was =>
        was.IsMoving && view.Find(was.Next) is not { Status: MemberStatus.Up } ? was with { Next = Guid.Empty } : was);

    /// <summary>What belongs to somebody who is no member any more belongs to nobody, and moves nowhere. The term stays: nobody owns the shard in it again.</summary>
    private static ClusterView Disown(ClusterView view) => Map(view, was =>
        was.Owner != Guid.Empty && view.IndexOf(was.Owner) < 0 ? new ShardOwnership(Guid.Empty, was.Term, Guid.Empty) : was);

    private static ClusterView Map(ClusterView view, Func<ShardOwnership, ShardOwnership> change)
    {
        ImmutableArray<ShardOwnership>.Builder? changed = null;
        for (int i = 0; i < view.Shards.Length; i++)
        {
            var after = change(view.Shards[i]);
            if (after == view.Shards[i]) continue;
            changed ??= view.Shards.ToBuilder();
            changed[i] = after;
        }
        return changed is null ? view : view.Change(shards: changed.MoveToImmutable());
    }
}

/// <summary>A shard and the member that it is given to.</summary>
internal readonly record struct Placement(ShardId Shard, Guid Target);
