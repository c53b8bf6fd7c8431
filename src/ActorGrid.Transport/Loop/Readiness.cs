using System.Threading.Tasks.Sources;

namespace ActorGrid.Transport;

/// <summary>One wait after the other for something on a loop. Who waits goes on where it is completed: on the loop.</summary>
internal sealed class Readiness : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _core;

    public bool IsWaiting { get; private set; }

    public ValueTask WaitAsync()
    {
        if (IsWaiting) throw new InvalidOperationException("Somebody waits for this already.");
        _core.Reset();
        IsWaiting = true;
        return new ValueTask(this, _core.Version);
    }

    /// <summary>Ends the wait, if there is one.</summary>
    public void Complete()
    {
        if (!IsWaiting) return;
        IsWaiting = false;
        _core.SetResult(true);
    }

    /// <summary>Ends the wait with an error, if there is one.</summary>
    public void Fail(Exception error)
    {
        if (!IsWaiting) return;
        IsWaiting = false;
        _core.SetException(error);
    }

    public void GetResult(short token) => _core.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
