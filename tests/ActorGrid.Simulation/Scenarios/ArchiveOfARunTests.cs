using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Simulation;

/// <summary>Whatever a grid has written under all faults, an archive of it is taken by another store: what is checked there is true of every grid.</summary>
public sealed class ArchiveOfARunTests
{
    [Fact]
    public async Task What_a_grid_leaves_behind_is_a_sound_archive()
    {
        var kinds = new HashSet<ArchiveKind>();
        for (int seed = 1; seed <= 30; seed++)
        {
            MixedScenario.Run(seed, isRecorded: false, out var grid, out _);
            var rows = new List<ArchiveRow>();
            await foreach (var row in grid.World.Database!.Memory.Archive.ReadAsync()) rows.Add(row);
            // The store in memory knows no roles: the view does.
            rows.InsertRange(1, FoundingView.RowsOf(grid.Journal.View));
            await using var other = new InMemoryStore();
            await other.OpenAsync(grid.Journal.View.Grid, default);
            var failure = await Record.ExceptionAsync(() => other.Archive.WriteAsync(rows.ToAsyncEnumerable()));
            Assert.True(failure is null, $"Seed {seed}: {failure?.Message}");
            kinds.UnionWith(rows.Select(row => row.Kind));
            CheckFounding(grid.Journal.View, rows);
        }
        Assert.Superset(new HashSet<ArchiveKind> { ArchiveKind.Role, ArchiveKind.EntityType, ArchiveKind.Event, ArchiveKind.Snapshot, ArchiveKind.Reply, ArchiveKind.Attachment }, kinds);
    }

    /// <summary>The view that a new cluster is founded by lays the journal out as the old one did, and is behind no fence.</summary>
    private static void CheckFounding(ClusterView before, List<ArchiveRow> rows)
    {
        var founding = new FoundingView(before.Grid);
        foreach (var row in rows) founding.Add(row);
        var view = founding.Build()!;
        Assert.Equal(before.Spaces.AsEnumerable(), view.Spaces.AsEnumerable());
        Assert.Equal(before.TypeRoles, view.TypeRoles);
        Assert.Empty(view.Members);
        foreach (var shard in rows.OfType<ArchivedShard>()) Assert.Equal(shard.Fence.Epoch.Term, view[shard.Shard].Term);
    }
}
