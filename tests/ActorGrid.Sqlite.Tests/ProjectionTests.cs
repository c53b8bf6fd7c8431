using ActorGrid.Conformance;
using ActorGrid.Persistence;

namespace ActorGrid.Sqlite.Tests;

public sealed class SqliteProjections : SqliteProjectionConformance { protected override string NewFile(out ITestDatabase database) => (((TemporaryFile)(database = new TemporaryFile())).FilePath); }

public sealed class SharedProjections : SqliteProjectionConformance { protected override string NewFile(out ITestDatabase database) => (((SharedFile)(database = new SharedFile())).FilePath); }

/// <summary>Projections into tables of the file.</summary>
public abstract class SqliteProjectionConformance : ProjectionConformance
{
    private string _path = "";

    protected abstract string NewFile(out ITestDatabase database);

    protected override ITestDatabase NewDatabase()
    {
        _path = NewFile(out var database);
        return database;
    }

    protected override Subscription NewProjection(Action during) => Totals.NewProjection(during);

    protected override Task<long> ReadTotalAsync() => Task.FromResult(Totals.Read(_path));

    [Fact]
    public async Task What_comes_behind_a_projection_is_written_too()
    {
        var events = await WriteTallyAsync(10);
        using var gate = new ManualResetEventSlim();
        var projecting = ProjectAsync(NewProjection(() => gate.Wait(TimeSpan.FromSeconds(30))), Move(1, 10), events);
        // They have gathered behind it, with a second projection among them.
        var appends = Enumerable.Range(0, 5).Select(i => AppendAsync(New(10 + i) with { Events = Events(Alice, 1 + i, 1) })).ToList();
        var again = ProjectAsync(NewProjection(static () => { }), Move(2, 10), events);
        appends.Add(AppendAsync(New(15) with { Events = Events(Alice, 6, 1) }));
        gate.Set();
        Assert.True(await projecting);
        foreach (var append in appends) Assert.Equal(AppendStatus.Committed, (await append).Status);
        Assert.True(await again);
        Assert.Equal(110, await ReadTotalAsync());
    }
}
