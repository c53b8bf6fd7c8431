using System.Globalization;
using System.Runtime.InteropServices;
using ActorGrid;
using ActorGrid.Cluster;
using Microsoft.Extensions.Logging;

namespace SampleNodes;

/// <summary>Runs a node until it is told to stop.</summary>
public static class JoinCommand
{
    /// <summary>Joins, says so, and leaves at Ctrl+C, or when the process that has started this one is gone.</summary>
    /// <param name="join">How to join.</param>
    /// <param name="store">Where the grid is kept.</param>
    /// <param name="schema">Whose tables they are, in a database.</param>
    /// <param name="configure">What the node consists of, but for its store and where it listens.</param>
    /// <param name="say">Gets a line for people.</param>
    public static async Task RunAsync(JoinRequest join, StoreChoice store, string schema, Action<GridBuilder> configure, Action<string> say)
    {
        // Not disposed: the pipe may end while the node does.
        var stop = new CancellationTokenSource();
        // Ctrl+C goes to all processes of a terminal; a node that was started by another leaves when that one says so.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => End(context, isMeant: !join.IsChild));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => End(context, isMeant: true));
        if (join.IsChild) ParentPipe.Watch(stop.Cancel);
        try
        {
            await using var host = await GridHost.StartAsync(Node, log: LogLevel.Warning, cancel: stop.Token);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, host.Stopping);
            await ShowAsync(host.Grid, say, either.Token);
            say("leaving");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // It was told to stop before it was up.
        }

        void Node(GridBuilder grid)
        {
            configure(grid);
            store.Apply(grid, schema).Listen(join.Host, join.Port).Configure(options =>
            {
                options.Cluster.Name = join.Name;
                options.Cluster.AllowPlaintextBeyondLoopback = join.AllowPlaintext;
            });
        }

        void End(PosixSignalContext signal, bool isMeant)
        {
            // A second time it ends the program at once.
            signal.Cancel = !stop.IsCancellationRequested;
            if (isMeant) stop.Cancel();
        }
    }

    /// <summary>Says who is there, each time that this changes.</summary>
    private static async Task ShowAsync(IGrid grid, Action<string> say, CancellationToken stop)
    {
        string? last = null;
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            do
            {
                if (grid.View is { } view && Line(view) is var line && line != last) say(last = line);
            }
            while (await again.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // It is time to leave.
        }
    }

    private static string Line(ClusterView view) => string.Create(CultureInfo.InvariantCulture, $"{view.Members.Length} nodes: ") + string.Join(
        ", ", view.Members.OrderBy(m => m.Name, StringComparer.Ordinal).Select(m => m.Status == MemberStatus.Up ? $"{m.Name} at {m.Endpoint}" : $"{m.Name} ({m.Status})"));
}
