using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>A store that misbehaves by script: it wraps another one and refuses, loses, delays and holds what the test says.</summary>
/// <remarks>
/// <para>Over an <see cref="InMemoryStore"/> every call that is not held has ended when it returns, and what is released runs on in the
/// thread that releases it, so that a test or a simulation stays deterministic. The scripts are called in the caller's thread.</para>
/// <para>Not safe to use from several threads at once, unless the scripts are and nothing is held.</para>
/// </remarks>
/// <param name="inner">The store that does the work; disposed with this one.</param>
public sealed class FaultyStore(IGridStore inner) : IGridStore
{
    private readonly Queue<TaskCompletionSource> _held = [];
    private readonly Queue<IReadOnlyList<ShardAppend>> _late = [];
    private FaultyJournal? _journal;

    /// <summary>Decides what becomes of an append; all go through by default.</summary>
    public Func<IReadOnlyList<ShardAppend>, AppendFault> OnAppend { get; set; } = static _ => AppendFault.None;

    /// <summary>Decides what becomes of any other call; all go through by default.</summary>
    public Func<StoreCall, CallFault> OnCall { get; set; } = static _ => CallFault.None;

    /// <summary>How many calls wait for <see cref="ReleaseNext"/>.</summary>
    public int HeldCount => _held.Count;

    /// <summary>How many appends have answered <c>Unknown</c> and are yet to be tried.</summary>
    public int LateCount => _late.Count;

    /// <inheritdoc/>
    public IEventJournal Journal => _journal ??= new FaultyJournal(this, inner);

    /// <inheritdoc/>
    public ISnapshotStore Snapshots => _journal ??= new FaultyJournal(this, inner);

    /// <inheritdoc/>
    public ICursorStore Cursors => _journal ??= new FaultyJournal(this, inner);

    /// <summary>That of the store within: no script is asked about it.</summary>
    public IGridArchive Archive => inner.Archive;

    /// <summary>Lets the call that was held first go on.</summary>
    /// <exception cref="InvalidOperationException">No call is held.</exception>
    public void ReleaseNext() => _held.Dequeue().SetResult();

    /// <summary>Tries the late appends now, in their order; those whose fence was raised meanwhile come to nothing.</summary>
    public async Task LandLateAppendsAsync(CancellationToken cancellationToken = default)
    {
        while (_late.TryDequeue(out var appends)) await inner.Journal.AppendAsync(appends, cancellationToken);
    }

    /// <inheritdoc/>
    public Task OpenAsync(GridIdentity identity, CancellationToken cancellationToken) => CallAsync(
        StoreCall.Open,
        async () =>
        {
            await inner.OpenAsync(identity, cancellationToken);
            return true;
        });

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => inner.DisposeAsync();

    internal async Task<T> CallAsync<T>(StoreCall call, Func<Task<T>> body)
    {
        var fault = OnCall(call);
        if (fault == CallFault.Fail) throw Fault($"{call} failed by script.");
        if (fault == CallFault.Hold) await HoldAsync();
        if (call == StoreCall.RaiseFences) await LandLateAppendsAsync();
        var result = await body();
        if (call == StoreCall.Read) await LandLateAppendsAsync();
        return fault == CallFault.LoseAnswer ? throw Fault($"The answer to {call} was lost by script.") : result;
    }

    internal Task HoldAsync()
    {
        // Continuations run inside ReleaseNext, in its thread: that is the point here.
        var gate = new TaskCompletionSource();
        _held.Enqueue(gate);
        return gate.Task;
    }

    internal void AddLate(IReadOnlyList<ShardAppend> appends) => _late.Enqueue(appends);

    internal static StoreException Fault(string message) => new(message, isTransient: true);
}
