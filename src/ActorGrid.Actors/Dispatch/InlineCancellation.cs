namespace ActorGrid.Actors;

/// <summary>Ends tokens of user code. It is called by actors of their own, that nobody waits for: what is registered on a token may block.</summary>
internal static class InlineCancellation
{
    /// <summary>Cancels, and runs what was registered within the call: <see cref="CancellationTokenSource.CancelAsync"/> would run it on the thread pool, where nothing of a grid runs.</summary>
    /// <returns>What that has thrown; null: nothing.</returns>
    public static AggregateException? CancelInline(this CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
            return null;
        }
        catch (AggregateException thrown)
        {
            return thrown;
        }
    }
}
