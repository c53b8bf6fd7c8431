using System.Runtime.CompilerServices;

namespace ActorGrid.Actors;

/// <summary>Tells whether somebody awaits a task. A reply that nobody awaits holds nobody up, so a cycle of calls is none without this; and tasks do not tell.</summary>
/// <remarks>It looks at a private field of <see cref="Task"/>, as debuggers do. A runtime that has no such field, or uses it otherwise, is noticed at first use: from then on nothing counts as
/// awaited, no cycle is found, and its asks end at their deadlines.</remarks>
internal static class AwaitedTask
{
    /// <summary>Whether that can be told on this runtime.</summary>
    public static bool IsKnown { get; } = Try();

    /// <summary>Whether an asynchronous method awaits exactly this task, and has to wait. Combinations (WhenAll, WhenAny, WaitAsync) do not count: they are tasks themselves, and may end before
    /// this one does.</summary>
    public static bool IsAwaited(Task task) => IsKnown && !task.IsCompleted && IsAwait(Continuation(task)) && !task.IsCompleted;

    private static bool IsAwait(object? continuation) => continuation is not (null or Task);

    private static bool Try()
    {
        try
        {
            var plain = new TaskCompletionSource();
            bool before = IsAwait(Continuation(plain.Task));
            plain.Task.GetAwaiter().UnsafeOnCompleted(static () => { });
            bool after = IsAwait(Continuation(plain.Task));
            var combined = new TaskCompletionSource();
            _ = Task.WhenAny(combined.Task, plain.Task);
            return !before && after && !IsAwait(Continuation(combined.Task));
        }
        catch (MissingFieldException)
        {
            return false;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "m_continuationObject")]
    private static extern ref object? Continuation(Task task);
}
