using System.Diagnostics;

namespace ActorGrid.Persistence;

public sealed partial class EntityHost
{
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(10);

    private async Task FinishAsync(CancellationToken cancellationToken)
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
        _meter.Dispose();
        _stopping.TrySetResult();
    }

    private static async Task<TReply> TracedAsync<TReply>(Task<TReply> ask, EntityId entity, string command)
    {
        using var activity = NodeMeter.Activities.StartActivity("actorgrid.ask", ActivityKind.Client);
        activity?.SetTag("actorgrid.entity", entity.ToString()).SetTag("actorgrid.command", command);
        try
        {
            return await ask;
        }
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
    }
}
