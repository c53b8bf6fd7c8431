using System.Globalization;

namespace ActorGrid.Cluster.Tests;

/// <summary>A view as text: two views with the same text are the same.</summary>
internal static class ViewText
{
    public static string Show(ClusterView view) => string.Join('\n',
    [
        string.Create(CultureInfo.InvariantCulture, $"{view.Version} {view.Grid}"),
        .. view.Members.Select(m => $"{m.Incarnation} {m.Name} {m.Endpoint} {m.Host ?? "-"} [{string.Join(',', m.Roles)}] {m.Weight} {m.Version} {m.Status} {m.JoinedAt}"),
        .. view.Shards.Select(shard => shard.ToString()),
        .. view.Spaces.Select(space => space.ToString()),
        .. view.TypeRoles.Select(type => type.ToString()),
        $"{view.Lease}",
        .. view.Revoked.Select(revoked => revoked.ToString()),
        .. view.Departures.Select(departure => departure.ToString()),
    ]);
}
