namespace ActorGrid.Sqlite.Tests;

/// <summary>A file of an older version is brought forward when it is opened, in one transaction.</summary>
public sealed class MigrationTests : IAsyncLifetime
{
    private static readonly Migration Second = new(5, OldestReader: 1, "CREATE TABLE extra (x INTEGER); INSERT INTO extra VALUES (42)");
    private static readonly Migration Broken = new(6, OldestReader: 6, "INSERT INTO extra VALUES (43); INSERT INTO nowhere VALUES (1)");
    private readonly TemporaryFile _file = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _file.DisposeAsync();

    [Fact]
    public void Versions_count_up_from_one() =>
        Assert.Equal(Enumerable.Range(1, Migration.All.Count), Migration.All.Select(step => step.Version));

    [Fact]
    public async Task An_older_file_is_migrated_with_its_data_and_stays_open_to_the_readers_it_allows()
    {
        await TestGrid.MakeAsync(_file.FilePath);
        await OpenAsync([.. Migration.All, Second]);
        Assert.Equal("42", TestGrid.Query(_file.FilePath, "SELECT x FROM extra"));
        Assert.Equal("5", TestGrid.Query(_file.FilePath, "PRAGMA user_version"));
        await OpenAsync(Migration.All);
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_the_file_as_it_was()
    {
        await TestGrid.MakeAsync(_file.FilePath);
        await Assert.ThrowsAsync<Persistence.StoreException>(() => OpenAsync([.. Migration.All, Second, Broken]));
        Assert.Equal("4", TestGrid.Query(_file.FilePath, "PRAGMA user_version"));
        Assert.Equal("0", TestGrid.Query(_file.FilePath, "SELECT count(*) FROM sqlite_schema WHERE name = 'extra'"));
        await OpenAsync(Migration.All);
    }

    private async Task OpenAsync(IReadOnlyList<Migration> migrations)
    {
        await using var store = new SqliteStore(new SqliteStoreOptions { Path = _file.FilePath }, migrations);
        await store.OpenAsync(TestGrid.Identity, default);
        Assert.Equal(10, await TestGrid.CountAsync(store));
    }
}
