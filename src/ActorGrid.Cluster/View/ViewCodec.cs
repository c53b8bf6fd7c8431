namespace ActorGrid.Cluster;

/// <summary>
/// A view as bytes: the difference from an earlier one, or whole, which is the difference from the view that nobody has joined yet. Members are named by their
/// place in the list, and only shards that differ are told, so that a difference is small.
/// </summary>
public static partial class ViewCodec
{
    /// <summary>The most bytes that are decoded. A grid of 65,536 shards and 4,096 members takes less than 1 MiB.</summary>
    public const int BytesMax = 16 * 1024 * 1024;

    /// <summary>The version of the layout, the first byte.</summary>
    private const byte Format = 3;

    /// <summary>A view whole.</summary>
    public static byte[] Encode(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return EncodeDelta(ClusterView.Empty(view.Grid), view);
    }

    /// <summary>What has changed from one view to a later one of the same grid, over any number of versions.</summary>
    /// <exception cref="ArgumentException">The views are of different grids, or the first is the later one.</exception>
    public static byte[] EncodeDelta(ClusterView from, ClusterView to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        if (from.Grid != to.Grid || from.Version > to.Version)
        {
            throw new ArgumentException($"View {to.Version} of {to.Grid} does not come after view {from.Version} of {from.Grid}.", nameof(to));
        }
        var writer = new ViewWriter();
        writer.Byte(Format);
        writer.Text(to.Grid.Name);
        writer.Number(to.Grid.ShardCount);
        writer.Number(from.Version);
        writer.Number(to.Version);
        WriteMembers(writer, from, to);
        WriteSpaces(writer, from, to);
        writer.Number(to.Lease?.Duration.Ticks ?? 0);
        writer.Number(to.Lease?.Drift.Ticks ?? 0);
        writer.List(to.Revoked, static (writer, revoked) =>
        {
            writer.Guid(revoked.Incarnation);
            writer.Number(revoked.Number);
        });
        writer.List([.. to.Departures.Where(departure => departure.Version > from.Version)], WriteDeparture);
        WriteShards(writer, from, to);
        return writer.ToArray();
    }

    private static void WriteMembers(ViewWriter writer, ClusterView from, ClusterView to)
    {
        writer.List([.. from.Members.Where(member => to.Find(member.Incarnation) is null)], (writer, gone) => writer.Number(from.IndexOf(gone.Incarnation)));
        var changed = Enumerable.Range(0, to.Members.Length).Where(i => from.Find(to.Members[i].Incarnation) is var was && was != to.Members[i]);
        writer.List([.. changed], (writer, index) =>
        {
            writer.Number(index);
            WriteMember(writer, to.Members[index]);
        });
    }

    private static void WriteMember(ViewWriter writer, Member member)
    {
        writer.Guid(member.Incarnation);
        writer.Text(member.Name);
        writer.Text(member.Endpoint);
        writer.Text(member.Host ?? "");
        writer.List(member.Roles, static (writer, role) => writer.Text(role));
        writer.Number(member.Weight);
        writer.Number(member.Version);
        writer.Byte((byte)member.Status);
        writer.Number(member.JoinedAt);
    }

    private static void WriteSpaces(ViewWriter writer, ClusterView from, ClusterView to)
    {
        writer.List(to.Spaces[from.Spaces.Length..], static (writer, space) => writer.Text(space.Role));
        writer.List([.. to.TypeRoles.Where(type => !from.TypeRoles.ContainsKey(type.Key))], static (writer, type) =>
        {
            writer.Text(type.Key);
            writer.Text(type.Value);
        });
    }

    private static void WriteDeparture(ViewWriter writer, Departure departure)
    {
        writer.Guid(departure.Incarnation);
        writer.Text(departure.Name);
        writer.Text(departure.Endpoint);
        writer.Byte((byte)departure.Cause);
        writer.Number(departure.Version);
    }

    /// <summary>For each shard that differs: how many are skipped before it, its owner, by how much its term has grown, and where it moves.</summary>
    private static void WriteShards(ViewWriter writer, ClusterView from, ClusterView to)
    {
        var changed = Enumerable.Range(0, to.Shards.Length).Where(i => Before(from, i) != to.Shards[i]);
        int after = 0;
        writer.List([.. changed], (writer, index) =>
        {
            writer.Number(index - after);
            writer.Number(to.IndexOf(to.Shards[index].Owner) + 1);
            writer.Number(to.Shards[index].Term - Before(from, index).Term);
            writer.Number(to.IndexOf(to.Shards[index].Next) + 1);
            after = index + 1;
        });
    }

    private static ShardOwnership Before(ClusterView from, int index) => index < from.Shards.Length ? from.Shards[index] : default;
}
