namespace ActorGrid.Sqlite;

/// <summary>Something to be done with the view and the leases.</summary>
internal abstract class ClusterRequest
{
    /// <summary>Whether it writes, and how durably.</summary>
    public required Durability Writes { get; init; }

    /// <summary>Ends the wait for the turn.</summary>
    public required CancellationToken Cancellation { get; init; }

    /// <summary>Does it; in a transaction, if it writes.</summary>
    public abstract void Execute(ClusterTables tables);

    public abstract void Complete();

    public abstract void Fail(Exception error);

    public abstract void Cancel();
}

/// <summary>What a request writes.</summary>
internal enum Durability
{
    /// <summary>Nothing.</summary>
    Reads,

    /// <summary>What outlives the process, and need not outlive the host: with the host, all holders of leases have gone.</summary>
    OutlivesProcess,

    /// <summary>What outlives the host.</summary>
    OutlivesHost,
}

/// <summary>A request with its result.</summary>
internal sealed class ClusterRequest<T>(Func<ClusterTables, T> body) : ClusterRequest
{
    // The continuations are the callers' code: they must not run on the thread of the store.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Task => _completion.Task;

    public override void Execute(ClusterTables tables) => _result = body(tables);

    public override void Complete() => _completion.SetResult(_result!);

    public override void Fail(Exception error) => _completion.SetException(error);

    public override void Cancel() => _completion.SetCanceled(Cancellation);
}
