using System.Globalization;

namespace ActorGrid.Cluster;

/// <summary>What holds of every view, and of every step from one to the next.</summary>
public sealed partial class ClusterView
{
    /// <summary>Asserts that the view is sound.</summary>
    /// <exception cref="InvalidOperationException">It is not; the message says what is wrong.</exception>
    public void Check()
    {
        if (Fault() is { } fault) throw new InvalidOperationException($"View {Version} of the grid {Grid} is unsound: {fault}.");
    }

    /// <summary>Asserts that the view is sound, and one step from another.</summary>
    /// <exception cref="InvalidOperationException">It is not; the message says what is wrong.</exception>
    public void CheckSuccessorOf(ClusterView before)
    {
        ArgumentNullException.ThrowIfNull(before);
        Check();
        if (FaultAfter(before) is { } fault) throw new InvalidOperationException($"View {Version} cannot follow view {before.Version}: {fault}.");
    }

    /// <summary>What is wrong with the view; null: nothing.</summary>
    internal string? Fault() => Version < 0 ? "its version is negative" : FaultOfMembers() ?? Lease?.Fault() ?? FaultOfSpaces() ?? FaultOfShards() ?? FaultOfRevoked();

    private string? FaultOfMembers()
    {
        if (Members.Length > MembersMax) return Say($"it has {Members.Length} members; at most {MembersMax} are allowed");
        var endpoints = new HashSet<string>(Members.Length, StringComparer.Ordinal);
        long joinedAt = 0;
        for (int i = 0; i < Members.Length; i++)
        {
            var member = Members[i];
            if (member.Fault() is { } fault) return fault;
            if (IndexOf(member.Incarnation) != i) return $"{member.Incarnation} is a member twice";
            if (!endpoints.Add(member.Endpoint)) return $"two members have the endpoint {member.Endpoint}";
            if (member.JoinedAt < joinedAt || member.JoinedAt > Version) return $"{member.Name} is out of the order of age";
            joinedAt = member.JoinedAt;
        }
        return Departures.Length <= DeparturesMax ? null : "too many departures are kept";
    }

    private string? FaultOfSpaces()
    {
        if (Spaces.IsEmpty || Spaces[0] != new ShardSpace("", 0)) return "its first shards have a role";
        if (Shards.Length != (long)Spaces.Length * Grid.ShardCount) return Say($"it has {Shards.Length} shards for {Spaces.Length} spaces");
        if (Shards.Length > Math.Max(ShardsMax, Grid.ShardCount)) return Say($"it has {Shards.Length} shards; at most {ShardsMax} are allowed");
        if (TypeRoles.Count > EntityTypesMax) return Say($"it has {TypeRoles.Count} entity types; at most {EntityTypesMax} are allowed");
        var roles = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < Spaces.Length; i++)
        {
            if (Spaces[i].First != i * Grid.ShardCount || !roles.Add(Spaces[i].Role)) return $"the space of the role '{Spaces[i].Role}' is out of place";
        }
        foreach (var (type, role) in TypeRoles)
        {
            if (!roles.Contains(role)) return $"the role '{role}' of the entity type '{type}' has no shards";
        }
        return null;
    }

    private string? FaultOfShards()
    {
        for (int i = 0; i < Shards.Length; i++)
        {
            var (owner, term, next) = Shards[i];
            string role = Spaces[i / Grid.ShardCount].Role;
            if (term < 0 || (owner != Guid.Empty && term < 1)) return Say($"shard {i} is owned in term {term}");
            if (owner != Guid.Empty && !(Find(owner) is { Status: not MemberStatus.Joining } holder && holder.Plays(role)))
            {
                return Say($"shard {i} is owned by {owner}, who is no member that may own it");
            }
            if (next != Guid.Empty && (owner == Guid.Empty || owner == next || !(Find(next) is { } target && target.CanOwn(role))))
            {
                return Say($"shard {i} of {owner} moves to {next}, who cannot take it over");
            }
        }
        return null;
    }

    private string? FaultOfRevoked()
    {
        var seen = new HashSet<Guid>();
        foreach (var revoked in Revoked)
        {
            if (!seen.Add(revoked.Incarnation)) return $"the lease of {revoked.Incarnation} is revoked twice";
            if (Find(revoked.Incarnation) is not null) return $"the lease of the member {revoked.Incarnation} is revoked";
        }
        return null;
    }

    private string? FaultAfter(ClusterView before)
    {
        if (Grid != before.Grid) return $"it is of the grid {Grid}, not of {before.Grid}";
        if (Version != before.Version + 1) return "versions count by 1";
        if (!Spaces.AsSpan().StartsWith(before.Spaces.AsSpan())) return "shards of a role are gone or have moved";
        if (before.Lease is not null && Lease != before.Lease && !(before.Members.IsEmpty && before.Revoked.IsEmpty))
        {
            return $"leases of {before.Lease} are held, and would last {Lease}";
        }
        foreach (var (type, role) in before.TypeRoles)
        {
            if (!TypeRoles.TryGetValue(type, out string? now) || now != role) return $"the role of the entity type '{type}' has changed";
        }
        foreach (var departure in Departures)
        {
            if (Find(departure.Incarnation) is not null) return $"{departure.Name} is a member again under an incarnation that has departed";
        }
        return FaultOfTerms(before);
    }

    /// <summary>The term grows by 1 when another becomes the owner, and at no other time.</summary>
    private string? FaultOfTerms(ClusterView before)
    {
        for (int i = 0; i < Shards.Length; i++)
        {
            var (was, now) = (i < before.Shards.Length ? before.Shards[i] : default, Shards[i]);
            bool isNew = now.Owner != Guid.Empty && now.Owner != was.Owner;
            if (now.Term != (isNew ? was.Term + 1 : was.Term)) return Say($"the owner of shard {i} goes from {was} to {now}");
        }
        return null;
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
