using System.Runtime.CompilerServices;

namespace ActorGrid.Actors;

/// <summary>Takes the outcome of value tasks that have completed. A source behind a value task is told by it that it may be used again.</summary>
internal static class CompletedTasks
{
#pragma warning disable VSTHRD002 // The callers know that the task has completed, so nothing waits.
    public static void TakeOutcome(this ValueTask completed) => completed.GetAwaiter().GetResult();

    public static void TakeOutcome(this ValueTaskAwaiter completed) => completed.GetResult();
#pragma warning restore VSTHRD002
}
