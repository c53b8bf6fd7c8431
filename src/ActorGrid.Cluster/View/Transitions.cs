using System.Collections.Immutable;

namespace ActorGrid.Cluster;

/// <summary>
/// The ways in which a view changes: pure functions that assert what they rest on. They leave the version alone, so that one proposal can be made of several;
/// <see cref="Seal"/> makes it the successor of the view that it began with.
/// </summary>
internal static partial class Transitions
{
    /// <summary>Makes a changed view the successor of the one that the changes began with, and asserts that it is sound.</summary>
    public static ClusterView Seal(ClusterView before, ClusterView changed)
    {
        var next = changed.Change(version: before.Version + 1);
        next.CheckSuccessorOf(before);
        return next;
    }

    /// <summary>A node asks to be a member. The entity types that it registers get the shards of their role.</summary>
    public static ClusterView Join(ClusterView view, Member member, ImmutableSortedDictionary<string, string> typeRoles)
    {
        Require(view.Find(member.Incarnation) is null, member.Incarnation, "is a member already");
        Require(view.Members.Length < ClusterView.MembersMax, member.Incarnation, "would be one member too many");
        Require(view.Members.All(other => other.Endpoint != member.Endpoint), member.Incarnation, "has the endpoint of another member");
        Require(!IsRevoked(view, member.Incarnation), member.Incarnation, "was declared dead");
        var joining = member with { Status = MemberStatus.Joining, JoinedAt = view.Version + 1 };
        return AddSpaces(view.Change(members: view.Members.Add(joining), typeRoles: view.TypeRoles.SetItems(typeRoles)));
    }

    /// <summary>Whoever joins a grid that nobody is in says what a lease means there.</summary>
    public static ClusterView Agree(ClusterView view, LeaseTerms lease)
    {
        if (view.Lease == lease) return view;
        if (view.Lease is not null && !(view.Members.IsEmpty && view.Revoked.IsEmpty)) throw new InvalidOperationException($"Leases of {view.Lease} are held, not of {lease}.");
        return view.Change(lease: lease);
    }

    /// <summary>A member that joins has been reached by enough of the others.</summary>
    public static ClusterView Up(ClusterView view, Guid incarnation) => SetStatus(view, incarnation, MemberStatus.Joining, MemberStatus.Up);

    /// <summary>A member begins to leave: nothing moves to it any more.</summary>
    public static ClusterView Leave(ClusterView view, Guid incarnation) =>
        CancelMoves(SetStatus(view, incarnation, MemberStatus.Up, MemberStatus.Leaving));

    /// <summary>A member that owns nothing, and was never Up or is Leaving, is one no more.</summary>
    public static ClusterView Remove(ClusterView view, Guid incarnation)
    {
        Require(view.Find(incarnation) is { Status: not MemberStatus.Up }, incarnation, "is not Joining or Leaving");
        Require(view.Shards.All(shard => shard.Owner != incarnation), incarnation, "still owns shards");
        return Depart(view, [new Death(incarnation, DepartureCause.Left, 0)]);
    }

    /// <summary>Members are declared dead. Their shards have no owner then, and what moves to them stays where it is. The leases of those that may still
    /// trust theirs are kept in mind.</summary>
    public static ClusterView Die(ClusterView view, IReadOnlyList<Death> deaths)
    {
        foreach (var death in deaths)
        {
            Require(view.Find(death.Incarnation) is not null, death.Incarnation, "is no member");
            Require(death.Cause != DepartureCause.Left, death.Incarnation, "has not died");
        }
        var revoked = deaths.Where(death => death.Cause == DepartureCause.Silent).Select(death => new RevokedLease(death.Incarnation, death.LeaseNumber));
        return CancelMoves(Disown(Depart(view, deaths).Change(revoked: view.Revoked.AddRange(revoked))));
    }

    /// <summary>Revoked leases have certainly ended.</summary>
    public static ClusterView Settle(ClusterView view, IReadOnlyCollection<Guid> incarnations)
    {
        foreach (var incarnation in incarnations) Require(IsRevoked(view, incarnation), incarnation, "has no revoked lease");
        return view.Change(revoked: view.Revoked.RemoveAll(revoked => incarnations.Contains(revoked.Incarnation)));
    }

    private static ClusterView Depart(ClusterView view, IReadOnlyList<Death> deaths)
    {
        var gone = deaths.Select(death => death.Incarnation).ToHashSet();
        var departures = deaths.Select(death => Departure(view.Find(death.Incarnation)!, death.Cause, view.Version + 1));
        return view.Change(
            members: view.Members.RemoveAll(member => gone.Contains(member.Incarnation)),
            departures: [.. view.Departures.Concat(departures).TakeLast(ClusterView.DeparturesMax)]);
    }

    private static Departure Departure(Member member, DepartureCause cause, long version) =>
        new(member.Incarnation, member.Name, member.Endpoint, cause, version);

    private static ClusterView SetStatus(ClusterView view, Guid incarnation, MemberStatus from, MemberStatus to)
    {
        int index = view.IndexOf(incarnation);
        Require(index >= 0 && view.Members[index].Status == from, incarnation, $"is not {from}");
        return view.Change(members: view.Members.SetItem(index, view.Members[index] with { Status = to }));
    }

    private static ClusterView AddSpaces(ClusterView view)
    {
        var (spaces, shards) = (view.Spaces, view.Shards);
        // In the order of the roles' names, so that the numbers do not hang on anything else.
        foreach (string role in view.TypeRoles.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (spaces.Any(space => space.Role == role)) continue;
            spaces = spaces.Add(new ShardSpace(role, shards.Length));
            shards = shards.AddRange(new ShardOwnership[view.Grid.ShardCount]);
        }
        return view.Change(spaces: spaces, shards: shards);
    }

    private static bool IsRevoked(ClusterView view, Guid incarnation) => view.Revoked.Any(revoked => revoked.Incarnation == incarnation);

    private static void Require(bool condition, Guid member, string fault)
    {
        if (!condition) throw new InvalidOperationException($"{member} {fault}.");
    }
}

/// <summary>That a member is one no more.</summary>
/// <param name="Incarnation">Which one.</param>
/// <param name="Cause">Why.</param>
/// <param name="LeaseNumber">The number of its lease, as far as it is known.</param>
internal readonly record struct Death(Guid Incarnation, DepartureCause Cause, long LeaseNumber);
