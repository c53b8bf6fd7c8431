using ActorGrid.Actors;
using ActorGrid.Cluster;
using ActorGrid.Persistence;

namespace ActorGrid.Testing;

/// <summary>A node of a simulated grid: a machine, and the process that runs on it.</summary>
/// <remarks>For scripts of the simulation.</remarks>
public sealed class SimulatedNode
{
    private readonly SimulatedGrid _grid;
    private readonly int _number;
    private readonly string _endpoint;
    private NodeLife? _life;
    private TaskCompletionSource<NodeLife> _started = new();
    private bool _isLeaving;

    internal SimulatedNode(SimulatedGrid grid, int number, string name, bool isClient)
    {
        _grid = grid;
        _number = number;
        _endpoint = isClient ? "" : name;
        Machine = grid.World.AddMachine(name);
    }

    /// <summary>Its name, which is also its endpoint.</summary>
    public string Name => Machine.Name;

    /// <summary>Whether its process runs; it may stand still.</summary>
    public bool IsRunning => Machine.IsRunning;

    /// <summary>The newest view that it knows; null if it is down, or has not started yet.</summary>
    public ClusterView? View => Current?.Node.View;

    internal SimulatedMachine Machine { get; }

    internal Guid? Incarnation => View?.Members.FirstOrDefault(member => member.Endpoint == _endpoint)?.Incarnation;

    /// <summary>What runs on it now; null: nothing yet.</summary>
    internal NodeLife? Current => _life is { Process.IsDead: false } life ? life : null;

    /// <summary>Its process dies, with all that it had in memory; its machine refuses at its address. Does nothing if none runs.</summary>
    public void Kill() => Machine.Kill();

    /// <summary>Its machine is gone from the network without a word, with the process. Does nothing if none runs.</summary>
    public void Lose() => Machine.Kill(isLost: true);

    /// <summary>Starts a process on it, if none runs, and waits until that is a part of the grid.</summary>
    public async Task StartAsync()
    {
        BeginStart();
        await _started.Task;
    }

    /// <summary>The node leaves the grid in order, and its process ends. Does nothing if none runs.</summary>
    /// <exception cref="ProcessDiedException">It died on the way.</exception>
    public async Task StopAsync()
    {
        if (!IsRunning) return;
        var life = await _started.Task;
        _isLeaving = true;
        await life.Process.RunAsync(life.StopAsync);
        if (life.Process == Machine.Process) Machine.Kill();
    }

    /// <summary>Its process stands still for that long.</summary>
    public void Pause(TimeSpan duration)
    {
        if (Machine.Process is not { IsDead: false } process) return;
        process.Stop();
        _grid.World.After(duration, process.GoOn);
    }

    /// <summary>Its machine is suspended for that long: gone from the network, its monotonic clock standing still.</summary>
    public void Suspend(TimeSpan duration)
    {
        Machine.Suspend();
        _grid.World.After(duration, Machine.Wake);
    }

    /// <summary>Its time of day jumps.</summary>
    public void JumpClock(TimeSpan by) => Machine.Clock.Jump(by);

    /// <summary>Runs something in its process.</summary>
    /// <typeparam name="T">The result.</typeparam>
    /// <param name="body">Gets the grid as that process sees it.</param>
    /// <exception cref="ProcessDiedException">The process died first, or none runs.</exception>
    public Task<T> RunAsync<T>(Func<IGrid, Task<T>> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return RunAsync((NodeLife life) => body(life.Grid));
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Whether it is on its way out.</summary>
    internal bool IsLeaving => _isLeaving && IsRunning;

    internal Task<NodeLife> Started => _started.Task;

    internal async Task<T> RunAsync<T>(Func<NodeLife, Task<T>> body)
    {
        if (!IsRunning) throw new ProcessDiedException(Name);
        var life = await _started.Task;
        return await life.Process.RunAsync(() => body(life));
    }

    internal void BeginStart()
    {
        if (IsRunning) return;
        _isLeaving = false;
        _life = null;
        _started = new TaskCompletionSource<NodeLife>();
        var process = Machine.Start();
        var started = _started;
        _grid.World.Post(() => StartInAsync(process, started));
    }

    /// <summary>Leaves, with that much patience; comes back later.</summary>
    internal void BeginLeave(TimeSpan comesBackAfter)
    {
        if (_isLeaving || Current is not { } life) return;
        _isLeaving = true;
        _grid.World.Say(TraceKind.Fault, "leaves", Machine.Number);
        _grid.World.Post(() => LeaveAsync(life, comesBackAfter));
    }

    private async Task LeaveAsync(NodeLife life, TimeSpan comesBackAfter)
    {
        var world = _grid.World;
        // Whoever stops a process in order kills it in the end.
        world.After(TimeSpan.FromSeconds(8), () => End(life));
        try
        {
            await life.Process.RunAsync(life.StopAsync);
            _grid.LeavesEnded++;
        }
        catch (ProcessDiedException)
        {
            return;
        }
        End(life);

        void End(NodeLife leaving)
        {
            if (leaving.Process.IsDead || leaving.Process != Machine.Process) return;
            Machine.Kill();
            world.After(comesBackAfter, BeginStart);
        }
    }

    private async Task StartInAsync(SimulatedProcess process, TaskCompletionSource<NodeLife> started)
    {
        try
        {
            var life = await process.RunAsync(() => NodeLife.StartAsync(process, _grid.Options, _number, _endpoint));
            _life = life;
            started.TrySetResult(life);
        }
        catch (ProcessDiedException died)
        {
            // Whoever waits for this start waits for the next one in vain as well: he is told.
            started.TrySetException(died);
            _ = started.Task.Exception;
        }
        catch (Exception e) when (e is StoreException or AskTimeoutException or TimeoutException)
        {
            started.TrySetException(new ProcessDiedException(Name));
            _ = started.Task.Exception;
            // A process that cannot start ends, and its supervisor starts another.
            if (process.IsDead) return;
            process.World.Say(TraceKind.Fault, process.World.Trace.IsRecorded ? $"cannot start: {e.Message}" : "", Machine.Number);
            Machine.Kill();
            process.World.After(TimeSpan.FromMilliseconds(500), BeginStart);
        }
        catch (Exception e)
        {
            process.World.Fail(new InvalidOperationException($"{Name} does not start: {e.Message}", e));
        }
    }
}
