namespace ActorGrid.Failover;

/// <summary>A node of the grid: a process that can be started, again too, under the same name and address.</summary>
/// <remarks>Used by one caller at a time.</remarks>
internal sealed class Node(int number, ChildSettings settings, string directory, string[]? prefix) : IAsyncDisposable
{
    private ChildProcess? _process;

    /// <summary>Counts from 1.</summary>
    public int Number => number;

    public string Name => settings.Name;

    public bool IsRunning => _process is { HasExited: false };

    private ChildProcess Running => _process ?? throw new InvalidOperationException($"{Name} was not started.");

    /// <summary>Starts it, and ends when it is a member of the grid.</summary>
    public async Task StartAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _process = new ChildProcess(Name, ["node", settings.ToJson()], directory, prefix);
        await _process.WaitForAsync(Child.Ready);
    }

    public void Signal(Signal signal) => Running.Signal(signal);

    /// <summary>Ends it as <c>kill -9</c> does, and waits until the kernel has buried it.</summary>
    public async Task KillAsync()
    {
        Signal(Failover.Signal.Kill);
        await Running.WaitForExitAsync();
    }

    /// <summary>Lets it leave in order.</summary>
    public async Task LeaveAsync()
    {
        await Running.TellAsync(Child.Leave);
        await Running.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
    }
}
