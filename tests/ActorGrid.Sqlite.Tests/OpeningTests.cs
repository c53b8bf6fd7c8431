using System.Diagnostics;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite.Tests;

/// <summary>Files that cannot be worked on: a clear error that names the file, and the file as it was.</summary>
public sealed class OpeningTests : IAsyncLifetime
{
    private readonly TemporaryFile _file = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _file.DisposeAsync();

    [Fact]
    public async Task A_file_of_a_newer_schema_is_left_to_newer_code()
    {
        await TestGrid.MakeAsync(_file.FilePath);
        TestGrid.Query(_file.FilePath, "PRAGMA user_version = 7");
        TestGrid.Query(_file.FilePath, "UPDATE meta SET value = '7' WHERE key = 'oldest_reader'");
        await AssertRefusedAsync("schema version 7");
    }

    [Fact]
    public async Task A_file_of_a_newer_schema_that_still_allows_this_code_is_opened()
    {
        await TestGrid.MakeAsync(_file.FilePath);
        TestGrid.Query(_file.FilePath, "PRAGMA user_version = 7");
        await using var store = await TestGrid.OpenAsync(_file.FilePath);
        Assert.Equal(10, await TestGrid.CountAsync(store));
    }

    [Fact]
    public async Task A_file_whose_maker_was_killed_before_it_had_a_log_is_made_by_the_next()
    {
        string draft = _file.FilePath + "-draft";
        using (var database = Database.Open(draft, readOnly: false, TimeSpan.FromSeconds(5)))
        {
            database.Execute("PRAGMA cache_size = 1");
            database.Execute("BEGIN IMMEDIATE");
            database.Execute("CREATE TABLE begun (x BLOB)");
            // More than fits in memory: so some of it is in the file, and the journal tells how to take it back.
            database.Execute("WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO begun SELECT randomblob(2000) FROM n");
            File.Copy(draft, _file.FilePath);
            File.Copy(draft + "-journal", _file.FilePath + "-journal");
            database.Rollback();
        }
        await using (var store = await TestGrid.OpenAsync(_file.FilePath)) await TestGrid.RaiseAsync(store);
        Assert.Null(TestGrid.Query(_file.FilePath, "SELECT name FROM sqlite_schema WHERE name = 'begun'"));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused()
    {
        await File.WriteAllTextAsync(_file.FilePath, string.Concat(Enumerable.Repeat("My shopping list. ", 1000)));
        await AssertRefusedAsync("not a SQLite database");
    }

    [Fact]
    public async Task A_database_of_another_application_is_refused()
    {
        TestGrid.Query(_file.FilePath, "CREATE TABLE invoice (id INTEGER)");
        await AssertRefusedAsync("another application");
    }

    [Theory]
    [InlineData(3 * 4096)]
    [InlineData((20 * 4096) + 100)]
    public async Task A_truncated_file_is_refused(int length)
    {
        await TestGrid.MakeAsync(_file.FilePath, 5000);
        await using (var file = File.OpenWrite(_file.FilePath)) file.SetLength(length);
        await AssertRefusedAsync("damaged");
    }

    [Fact]
    public async Task A_file_with_garbage_in_the_middle_is_refused()
    {
        await TestGrid.MakeAsync(_file.FilePath, 5000);
        await using (var file = File.OpenWrite(_file.FilePath))
        {
            byte[] garbage = new byte[8192];
            new Random(4).NextBytes(garbage);
            file.Position = file.Length / 2 / 4096 * 4096;
            await file.WriteAsync(garbage);
        }
        await AssertRefusedAsync("damaged");
    }

    [Fact]
    public async Task Damage_beyond_the_bounded_check_is_reported_when_it_is_read()
    {
        await TestGrid.MakeAsync(_file.FilePath, 5000);
        await using (var file = File.OpenWrite(_file.FilePath))
        {
            file.Position = file.Length / 2 / 4096 * 4096;
            await file.WriteAsync(new byte[4096]);
        }
        await using var store = await TestGrid.OpenAsync(new SqliteStoreOptions { Path = _file.FilePath, OpenCheckTime = TimeSpan.Zero });
        var error = await Assert.ThrowsAsync<StoreException>(() => TestGrid.CountAsync(store));
        Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
        // What is not damaged is read as before.
        Assert.Single((await store.Journal.ReadEntitiesAsync([new EntityRead(TestGrid.Alice, 0, 1)], default))[0].Events);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(10)]
    public async Task An_event_that_is_gone_from_the_log_is_damage_wherever_it_stood(int position)
    {
        await TestGrid.MakeAsync(_file.FilePath);
        await using var store = await TestGrid.OpenAsync(_file.FilePath);
        TestGrid.Query(_file.FilePath, $"DELETE FROM event WHERE position = {position}");
        var byEntity = await Assert.ThrowsAsync<StoreException>(() => TestGrid.CountAsync(store));
        var byShard = await Assert.ThrowsAsync<StoreException>(() => store.Journal.ReadShardAsync(TestGrid.Shard, 0, 100, default));
        Assert.All([byEntity, byShard], error => Assert.Contains("damaged", error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_file_of_another_grid_is_refused()
    {
        await TestGrid.MakeAsync(_file.FilePath);
        await AssertRefusedAsync("grid 'test'", new GridIdentity("other", 4));
        await AssertRefusedAsync("of 4 shards", new GridIdentity("test", 8));
    }

    [Fact]
    public async Task A_file_in_use_is_refused_until_it_is_free()
    {
        await using (var first = await TestGrid.OpenAsync(_file.FilePath)) await AssertRefusedAsync("in use");
        await using var second = await TestGrid.OpenAsync(_file.FilePath);
    }

    [Fact]
    public async Task A_file_in_use_is_in_use_by_whatever_name_it_is_called()
    {
        string link = _file.FilePath + ".link", linkToLink = Path.Combine(_file.Folder, "again.link");
        File.CreateSymbolicLink(link, Path.GetFileName(_file.FilePath));
        File.CreateSymbolicLink(linkToLink, link);
        await using var first = await TestGrid.OpenAsync(linkToLink);

        foreach (string name in new[] { _file.FilePath, link })
        {
            await using var second = new SqliteStore(name);
            var error = await Assert.ThrowsAsync<StoreException>(() => second.OpenAsync(TestGrid.Identity, default));
            Assert.Contains($"'{_file.FilePath}' is in use", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_file_in_use_is_refused_where_the_framework_locks_no_files()
    {
        await using var first = await TestGrid.OpenAsync(_file.FilePath);
        using var second = new ChildProcess(new Dictionary<string, string>(StringComparer.Ordinal) { ["DOTNET_SYSTEM_IO_DISABLEFILELOCKING"] = "1" }, "open", _file.FilePath);
        Assert.Contains("is in use", Assert.Single(await second.EndAsync()), StringComparison.Ordinal);
    }

    /// <summary>A child process that says what comes of opening a file.</summary>
    internal static async Task<int> OpenAsync(string path)
    {
        try
        {
            await using var store = await TestGrid.OpenAsync(path);
            await Console.Out.WriteLineAsync("It is open.");
        }
        catch (StoreException e)
        {
            await Console.Out.WriteLineAsync(e.Message);
        }
        return 0;
    }

    [Fact]
    public async Task A_folder_that_does_not_exist_is_made_and_one_that_cannot_be_is_an_error()
    {
        string path = Path.Combine(_file.Folder, "a", "b", "grid.db");
        await TestGrid.MakeAsync(path);
        Assert.True(File.Exists(path));
        await File.WriteAllTextAsync(Path.Combine(_file.Folder, "file"), "x");
        await AssertRefusedAsync("cannot be made", path: Path.Combine(_file.Folder, "file", "grid.db"));
        await AssertRefusedAsync("is a folder", path: Path.Combine(_file.Folder, "a"));
    }

    [SkippableFact]
    public async Task A_read_only_disk_is_an_error_that_says_so()
    {
        string disk = Path.Combine(_file.Folder, "disk");
        using var mount = TemporaryDisk.Mount(disk, megabytes: 8);
        string path = Path.Combine(disk, "grid.db");
        await TestGrid.MakeAsync(path);
        mount.RemountReadOnly();
        await AssertRefusedAsync("cannot be written", path: path);
    }

    [Fact]
    public async Task An_empty_file_becomes_a_new_grid()
    {
        await File.WriteAllTextAsync(_file.FilePath, "");
        await TestGrid.MakeAsync(_file.FilePath);
    }

    [Fact]
    public async Task Options_out_of_range_are_named()
    {
        var error = Assert.Throws<ArgumentException>(() => new SqliteStore(new SqliteStoreOptions { Path = "x", ReaderCount = 0 }));
        Assert.Contains("ReaderCount", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new SqliteStore(""));
        await using var store = new SqliteStore(_file.FilePath);
        Assert.Throws<InvalidOperationException>(() => store.Journal);
        await store.OpenAsync(TestGrid.Identity, default);
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.OpenAsync(TestGrid.Identity, default));
        await store.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => TestGrid.CountAsync(store));
    }

    private async Task AssertRefusedAsync(string says, GridIdentity? grid = null, string? path = null)
    {
        path ??= _file.FilePath;
        bool isThere = File.Exists(path);
        byte[] before = isThere && !IsLocked(path) ? await File.ReadAllBytesAsync(path) : [];
        await using var store = new SqliteStore(path);
        var error = await Assert.ThrowsAsync<StoreException>(() => store.OpenAsync(grid ?? TestGrid.Identity, default));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        if (before.Length > 0) Assert.Equal(Convert.ToHexString(before), Convert.ToHexString(await File.ReadAllBytesAsync(path)));
    }

    private static bool IsLocked(string path) => File.Exists(path + "-wal") && new FileInfo(path + "-wal").Length > 0;
}

/// <summary>A small disk in memory.</summary>
internal sealed class TemporaryDisk : IDisposable
{
    private readonly string _path;

    private TemporaryDisk(string path) => _path = path;

    /// <summary>Mounts it, or reports the test as skipped.</summary>
    public static TemporaryDisk Mount(string path, int megabytes)
    {
        Skip.IfNot(OperatingSystem.IsLinux() && string.Equals(Environment.UserName, "root", StringComparison.Ordinal), "Only root on Linux may mount a small disk.");
        Directory.CreateDirectory(path);
        Skip.IfNot(Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", path) == 0, "A small disk cannot be mounted here.");
        return new TemporaryDisk(path);
    }

    public void RemountReadOnly() => Assert.Equal(0, Run("mount", "-o", "remount,ro", _path));

    public void Dispose() => Assert.Equal(0, Run("umount", _path));

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(30)), $"{program} did not end.");
        return process.ExitCode;
    }
}
