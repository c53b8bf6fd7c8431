using ActorGrid.Conformance;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite.Tests;

public sealed class SqliteFences : FenceConformance { protected override ITestDatabase NewDatabase() => new TemporaryFile(); }

public sealed class SqliteAppends : AppendConformance { protected override ITestDatabase NewDatabase() => new TemporaryFile(); }

public sealed class SqliteReads : ReadConformance { protected override ITestDatabase NewDatabase() => new TemporaryFile(); }

public sealed class SqliteReplies : ReplyConformance { protected override ITestDatabase NewDatabase() => new TemporaryFile(); }

public sealed class SqliteTimers : TimerConformance { protected override ITestDatabase NewDatabase() => new TemporaryFile(); }

public sealed class SqliteSnapshots : SnapshotConformance { protected override ITestDatabase NewDatabase() => new TemporaryFile(); }

public sealed class SqliteCursors : CursorConformance { protected override ITestDatabase NewDatabase() => new TemporaryFile(); }

public sealed class SqliteArchives : ArchiveConformance { protected override ITestDatabase NewDatabase() => new TemporaryFile(); }

public sealed class SqliteOpening : OpeningConformance { protected override ITestDatabase NewDatabase() => new TemporaryFile(); }

public sealed class SqlitePrivacy : PrivacyConformance { protected override ITestDatabase NewDatabase() => new TemporaryFile(); }

public sealed class SqliteConcurrency : ConcurrencyConformance { protected override ITestDatabase NewDatabase() => new TemporaryFile(); }

public sealed class SqliteModel : ModelConformance { protected override ITestDatabase NewDatabase() => new TemporaryFile { RunsMax = 1 }; }

public sealed class SqliteRetention : RetentionConformance { protected override ITestDatabase NewDatabase() => new TemporaryFile { RunsMax = 1 }; }

/// <summary>A file in a folder of its own, which goes with the test.</summary>
internal sealed class TemporaryFile : ITestDatabase
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("actorgrid-sqlite-");

    public string Folder => _folder.FullName;

    public string FilePath => Path.Combine(Folder, "grid.db");

    /// <summary>How many runs a store holds in memory; with 1, what was committed before a transaction can be removed in it.</summary>
    public int RunsMax { get; init; }

    public IGridStore NewStore() => new SqliteStore(new SqliteStoreOptions { Path = FilePath, RunsMax = RunsMax });

    /// <summary>The file, and what may lie beside it, byte for byte.</summary>
    public async Task<byte[]> DumpAsync()
    {
        using var all = new MemoryStream();
        foreach (string path in Directory.GetFiles(Folder).Order(StringComparer.Ordinal)) all.Write(await File.ReadAllBytesAsync(path));
        return all.ToArray();
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return default;
    }
}
