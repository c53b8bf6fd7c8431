using System.Diagnostics;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>The activity of an ask.</summary>
internal static class AskTrace
{
    /// <summary>The activity ends where the ask does, and not where the caller comes to take note of it.</summary>
    public static void Begin(Task ask, EntityId entity, string command)
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
