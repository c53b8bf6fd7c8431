using System.Diagnostics;
using ActorGrid.Actors;

namespace ActorGrid.Persistence;

/// <summary>The span and the duration of an ask, from the caller's side.</summary>
internal static class AskTrace
{
    /// <summary>Whether somebody wants either. An ask that nobody follows pays for this look alone.</summary>
    public static bool IsWanted => Spans.AreWanted || NodeMeter.ClientCallDuration.Enabled;

    /// <summary>Follows an ask to its end, wherever its caller comes to take note of that.</summary>
    /// <returns>What its owner goes on with; null if it has no span.</returns>
    public static CallTrace? Begin(Task ask, EntityId entity, EntityType type, object command, TimeProvider time)
    {
        string method = type.MethodOf(command.GetType());
        var span = Spans.StartCall(method, entity, ActivityKind.Client);
        _ = ask.ContinueWith(
            static (ended, followed) => ((Followed)followed!).End(ended),
            new Followed(span, method, time, time.GetTimestamp()), CancellationToken.None, TaskContinuationOptions.None, InlineScheduler.Instance);
        // Without a span of its own, since the caller's trace is not recorded, the owner has to learn of that: or it would begin a trace.
        var context = span?.Context ?? Activity.Current?.Context ?? default;
        return Spans.AreWanted && Spans.IsIdentified(context) ? new CallTrace(context) : null;
    }

    private sealed class Followed(Activity? span, string method, TimeProvider time, long askedAt)
    {
        public void End(Task ask)
        {
            var error = ask.Exception?.InnerException;
            string? errorType = ask.IsCompletedSuccessfully ? null : (error?.GetType() ?? typeof(OperationCanceledException)).FullName;
            NodeMeter.OnAsked(method, time.GetElapsedTime(askedAt), errorType);
            if (span is not null) Spans.End(span, errorType, error?.Message);
        }
    }
}
