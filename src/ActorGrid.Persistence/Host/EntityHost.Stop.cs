using System.Diagnostics;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

public sealed partial class EntityHost
{
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(10);

    private async Task FinishAsync(CancellationToken cancellationToken)
    {
        try
        {
            await StopActorsAsync(cancellationToken);
            _stopping.TrySetResult();
        }
        catch (Exception e)
        {
            _stopping.TrySetException(e);
        }
        finally
        {
            _meter.Dispose();
        }
    }

    private async Task StopActorsAsync(CancellationToken cancellationToken)
    {
        // When the patience ends the shards drop what they have; that ends the wait below too.
        using var patience = cancellationToken.UnsafeRegister(
            static host =>
            {
                foreach (var seat in ((EntityHost)host!)._shards) seat.Actor.Tell(StopNow.Instance);
            },
            this);
        List<TaskCompletionSource> idle = [.. _shards.Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
        for (int i = 0; i < idle.Count; i++) _shards[i].Actor.Tell(new StopWhenIdle(idle[i]));
        // One after the other: combined tasks would go on outside the caller's context, which a simulation has to hold.
        foreach (var done in idle) await done.Task;
        foreach (var seat in _shards) await seat.Actor.StopAsync(DrainTimeout, CancellationToken.None);
        foreach (var lane in _lanes) await lane.StopAsync(DrainTimeout, CancellationToken.None);
    }

    /// <summary>The activity ends where the ask does, and not where the caller comes to take note of it.</summary>
    private static void Trace(Task ask, EntityId entity, string command)
    {
        var outer = Activity.Current;
        if (NodeMeter.Activities.StartActivity("actorgrid.ask", ActivityKind.Client) is not { } activity) return;
        activity.SetTag("actorgrid.entity", entity.ToString()).SetTag("actorgrid.command", command);
        Activity.Current = outer;
        _ = ask.ContinueWith(
            static (ended, traced) =>
            {
                using var activity = (Activity)traced!;
                if (!ended.IsCompletedSuccessfully) activity.SetStatus(ActivityStatusCode.Error, ended.Exception?.InnerException?.Message ?? "Cancelled.");
            },
            activity, CancellationToken.None, TaskContinuationOptions.None, InlineScheduler.Instance);
    }
}
