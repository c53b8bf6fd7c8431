using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>An append on its way: how it ended is an outcome for each shard, never an exception.</summary>
internal sealed class AppendCall(
    SimulatedDatabase database, SimulatedProcess process, IReadOnlyList<ShardAppend> appends, CancellationToken cancellation)
    : StoreCall<IReadOnlyList<AppendOutcome>>(database, process, StoreOperation.Append, cancellation)
{
    private readonly SimulatedDatabase _database = database;
    private IReadOnlyList<ShardAppend> _appends = appends;

    protected override bool IsPerformedWhenCancelled => false;

    protected override Task<IReadOnlyList<AppendOutcome>> Perform() => _database.Memory.Journal.AppendAsync(_appends, CancellationToken.None);

    protected override void Refuse(StoreException error) => TrySetResult(OutcomesOf(AppendStatus.Refused, error));

    protected override void Lose(StoreException error) => TrySetResult(OutcomesOf(AppendStatus.Unknown, error));

    protected override void DetachFromCaller() => _appends = [.. _appends.Select(FaultyJournal.Copy)];

    protected override void OnPerformed(IReadOnlyList<AppendOutcome> result)
    {
        var world = Process.World;
        for (int i = 0; i < result.Count; i++)
        {
            var (append, outcome) = (_appends[i], result[i]);
            world.Trace.Add(new TraceEntry(
                world.NowTicks, TraceKind.Appended, Process.Machine.Number, append.Shard.Value, append.ExpectedOffset + append.Events.Count,
                (long)outcome.Status, world.Trace.IsRecorded ? new AppendText(append, outcome) : null));
            if (outcome.Status == AppendStatus.Committed) world.Progressed();
            foreach (var observer in _database.Observers) observer.OnAppend(Process, append, outcome);
        }
    }

    private AppendOutcome[] OutcomesOf(AppendStatus status, StoreException error) =>
        [.. _appends.Select(append => new AppendOutcome(append.Shard, status, Error: error))];
}
