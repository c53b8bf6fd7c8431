using System.Collections.Immutable;
using ActorGrid.Persistence;

namespace ActorGrid.Cluster;

public static partial class ViewCodec
{
    /// <summary>The version that the difference starts from; null if the bytes hold a view whole.</summary>
    /// <exception cref="InvalidDataException">The bytes are no view.</exception>
    public static long? BaseVersion(ReadOnlySpan<byte> bytes)
    {
        var reader = new ViewReader(Bounded(bytes));
        ReadGrid(ref reader);
        return reader.Number() is var version and > 0 ? version : null;
    }

    /// <summary>Reads what <see cref="Encode"/> or <see cref="EncodeDelta"/> wrote.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="grid">The grid that the view must be of.</param>
    /// <param name="known">The view that a difference starts from; not needed for a whole one.</param>
    /// <returns>A sound view.</returns>
    /// <exception cref="InvalidDataException">The bytes are damaged, of a newer format, of another grid, or a difference from another version.</exception>
    public static ClusterView Decode(ReadOnlySpan<byte> bytes, GridIdentity grid, ClusterView? known = null)
    {
        ArgumentNullException.ThrowIfNull(grid);
        var reader = new ViewReader(Bounded(bytes));
        var (name, shardCount) = ReadGrid(ref reader);
        if (name != grid.Name || shardCount != grid.ShardCount) throw new InvalidDataException($"The view is of the grid '{name}' of {shardCount} shards, not of {grid}.");
        long since = reader.Number();
        var from = since == 0 ? ClusterView.Empty(grid) : known;
        if (from?.Version != since || from.Grid != grid)
        {
            throw new InvalidDataException($"The view is the difference from version {since}, and not from {(known is null ? "none" : known.Version)}.");
        }
        long version = reader.Number();
        if (version < since) throw new InvalidDataException($"The difference goes back from version {since} to {version}.");
        var view = Read(ref reader, from, version);
        reader.End();
        return view.Fault() is { } fault ? throw new InvalidDataException($"The view {version} is unsound: {fault}.") : view;
    }

    private static ReadOnlySpan<byte> Bounded(ReadOnlySpan<byte> bytes) => bytes.Length <= BytesMax
        ? bytes
        : throw new InvalidDataException($"A view of {bytes.Length} bytes is refused; at most {BytesMax} are read.");

    private static (string Name, int ShardCount) ReadGrid(ref ViewReader reader)
    {
        byte format = reader.Byte();
        if (format != Format) throw new InvalidDataException($"The view has format {format}; this version reads {Format}. Run the version of ActorGrid that wrote it.");
        return (reader.Text(GridIdentity.NameLengthMax), reader.Number(GridIdentity.ShardCountMax));
    }

    private static ClusterView Read(ref ViewReader reader, ClusterView from, long version)
    {
        var members = ReadMembers(ref reader, from);
        var spaces = from.Spaces.ToBuilder();
        int spacesMax = Math.Max(ClusterView.ShardsMax / from.Grid.ShardCount, 1);
        for (int n = reader.Number(spacesMax - spaces.Count); n > 0; n--)
        {
            spaces.Add(new ShardSpace(reader.Text(Member.RoleLengthMax), spaces.Count * from.Grid.ShardCount));
        }
        var typeRoles = from.TypeRoles.ToBuilder();
        for (int n = reader.Number(ClusterView.EntityTypesMax); n > 0; n--) typeRoles[reader.Text(EntityId.TypeLengthMax)] = reader.Text(Member.RoleLengthMax);
        var (duration, drift) = (reader.Number(), reader.Number());
        var revoked = ImmutableArray.CreateBuilder<RevokedLease>(reader.Count(17));
        for (int n = revoked.Capacity; n > 0; n--) revoked.Add(new RevokedLease(reader.Guid(), reader.Number()));
        var departures = from.Departures.ToBuilder();
        for (int n = reader.Count(20); n > 0; n--) departures.Add(ReadDeparture(ref reader));
        return from.Change(
            version: version,
            members: members,
            shards: ReadShards(ref reader, from, members, spaces.Count * from.Grid.ShardCount),
            spaces: spaces.ToImmutable(),
            typeRoles: typeRoles.ToImmutable(),
            lease: duration > 0 ? new LeaseTerms(TimeSpan.FromTicks(duration), TimeSpan.FromTicks(drift)) : null,
            revoked: revoked.MoveToImmutable(),
            departures: [.. departures.TakeLast(ClusterView.DeparturesMax)]);
    }

    private static ImmutableArray<Member> ReadMembers(ref ViewReader reader, ClusterView from)
    {
        var gone = new HashSet<int>();
        for (int n = reader.Count(1); n > 0; n--) gone.Add(reader.Number(from.Members.Length - 1));
        var members = new List<Member>(from.Members.Length);
        for (int i = 0; i < from.Members.Length; i++)
        {
            if (!gone.Contains(i)) members.Add(from.Members[i]);
        }
        for (int n = reader.Count(25); n > 0; n--)
        {
            int index = reader.Number(Math.Min(members.Count, ClusterView.MembersMax - 1));
            var member = ReadMember(ref reader);
            if (index == members.Count) members.Add(member);
            else members[index] = member;
        }
        return [.. members];
    }

    private static Member ReadMember(ref ViewReader reader)
    {
        var (incarnation, name, endpoint) = (reader.Guid(), reader.Text(Member.NameLengthMax), reader.Text(Member.EndpointLengthMax));
        string host = reader.Text(Member.HostLengthMax);
        string[] roles = new string[reader.Number(Member.RolesMax)];
        for (int i = 0; i < roles.Length; i++) roles[i] = reader.Text(Member.RoleLengthMax);
        return new Member
        {
            Incarnation = incarnation,
            Name = name,
            Endpoint = endpoint,
            Host = host.Length > 0 ? host : null,
            Roles = [.. roles],
            Weight = reader.Number(Member.WeightMax),
            Version = reader.Number(int.MaxValue),
            Status = (MemberStatus)reader.Byte((byte)MemberStatus.Leaving),
            JoinedAt = reader.Number(),
        };
    }

    private static Departure ReadDeparture(ref ViewReader reader) => new(
        reader.Guid(),
        reader.Text(Member.NameLengthMax),
        reader.Text(Member.EndpointLengthMax),
        (DepartureCause)reader.Byte((byte)DepartureCause.Silent),
        reader.Number());

    private static ImmutableArray<ShardOwnership> ReadShards(ref ViewReader reader, ClusterView from, ImmutableArray<Member> members, int count)
    {
        var shards = ImmutableArray.CreateBuilder<ShardOwnership>(count);
        shards.AddRange(from.Shards);
        shards.Count = count;
        int index = -1;
        for (int n = reader.Count(4); n > 0; n--)
        {
            index = checked(index + 1 + reader.Number(count - 1));
            if (index >= count) throw new InvalidDataException($"There is no shard {index} in a grid of {count}.");
            var owner = ReadMemberAt(ref reader, members);
            long term = reader.Number();
            if (term > long.MaxValue - shards[index].Term) throw new InvalidDataException("A term has no end.");
            shards[index] = new ShardOwnership(owner, shards[index].Term + term, ReadMemberAt(ref reader, members));
        }
        return shards.MoveToImmutable();
    }

    private static Guid ReadMemberAt(ref ViewReader reader, ImmutableArray<Member> members) =>
        reader.Number(members.Length) is var place and > 0 ? members[place - 1].Incarnation : Guid.Empty;
}
