using ActorGrid.Cluster;

namespace ActorGrid.Sqlite.Tests;

/// <summary>The kernel is the witness of a process that has gone.</summary>
public sealed class PresenceTests : IAsyncLifetime
{
    private static readonly Guid Child = new("cccccccc-0000-0000-0000-000000000003");

    private readonly SharedFile _file = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _file.DisposeAsync();

    [SkippableFact]
    public async Task A_process_is_present_until_it_is_killed()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows cannot stop a process.");
        var store = await _file.OpenAsync();
        using var child = new ChildProcess("lease", _file.FilePath, Child.ToString());
        await child.FirstLineAsync();
        Assert.True(await IsPresentAsync(store));
        // A process that is stopped has not gone.
        child.Signal("STOP");
        Assert.True(await IsPresentAsync(store));
        child.Kill();
        await child.EndAsync();
        Assert.False(await IsPresentAsync(store));
        Assert.True(File.Exists(FileOf(Child)));
        // Nobody asks about it: it is forgotten, and so is its file.
        var view = await store.Cluster.ReadViewAsync(default);
        var next = new ClusterView
        {
            Version = 1,
            Grid = view.Grid,
            Members = view.Members,
            Shards = view.Shards,
            Spaces = view.Spaces,
            TypeRoles = view.TypeRoles,
            Revoked = view.Revoked,
        };
        Assert.True(await store.Cluster.WriteViewAsync(next, [], default));
        Assert.Empty(await store.Cluster.ReadLeasesAsync(default));
        Assert.False(File.Exists(FileOf(Child)));
    }

    [Fact]
    public async Task What_nobody_holds_is_swept_when_the_file_is_opened()
    {
        var first = await _file.OpenAsync();
        await first.Cluster.OpenLeaseAsync(Child, default);
        var left = new Guid(1, 2, 3, new byte[8]);
        await File.WriteAllTextAsync(FileOf(left), "");
        var second = await _file.OpenAsync();
        Assert.Single(await second.Cluster.ReadLeasesAsync(default), row => row.IsPresent);
        Assert.False(File.Exists(FileOf(left)));
        Assert.True(File.Exists(FileOf(Child)));
    }

    /// <summary>What the child does: it opens a lease, says so, and waits for its end.</summary>
    internal static async Task<int> HoldAsync(string path, Guid incarnation)
    {
        await using var store = new SqliteStore(new SqliteStoreOptions { Path = path, IsShared = true });
        await store.OpenAsync(TestGrid.Identity, default);
        await store.Cluster.OpenLeaseAsync(incarnation, default);
        Console.WriteLine("held");
        await new TaskCompletionSource<int>().Task;
        return 0;
    }

    private static async Task<bool> IsPresentAsync(SqliteStore store) => Assert.Single(await store.Cluster.ReadLeasesAsync(default)).IsPresent;

    private string FileOf(Guid incarnation) => Path.Combine(Presence.FolderOf(_file.FilePath), incarnation.ToString("N"));
}
