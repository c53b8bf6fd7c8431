using ActorGrid.Persistence;
using Microsoft.Data.Sqlite;

namespace ActorGrid.Sqlite;

/// <summary>A transaction of a projection: it is never done together with others.</summary>
internal sealed class ProjectionRequest(CursorMove move, Action<SqliteTransaction>? project) : WriteRequest
{
    // The continuations are the callers' code: they must not run on the writer's thread.
    private readonly TaskCompletionSource<bool> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _moved;

    public Task<bool> Task => _completion.Task;

    /// <summary>Does it, in a transaction of its own.</summary>
    public void Execute(Projector projector) => _moved = projector.Project(move, project);

    public override void Execute(JournalWriter writer, bool apart) => throw new InvalidOperationException("A projection has a transaction of its own.");

    public override void Complete() => _ = _completion.TrySetResult(_moved);

    public override void Refuse(Exception error) => _ = _completion.TrySetException(error);

    public override void Lose(StoreException error) => _ = _completion.TrySetException(error);

    public override void Cancel() => _ = _completion.TrySetCanceled(Cancellation);
}
