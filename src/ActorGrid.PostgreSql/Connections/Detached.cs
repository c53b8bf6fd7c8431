namespace ActorGrid.PostgreSql;

/// <summary>Calls begin on the thread of an actor, whose context their continuations must not come back to: it would wait its turn for each.</summary>
internal static class Detached
{
    public static Task<T> Run<T>(Func<Task<T>> body)
    {
        var context = SynchronizationContext.Current;
        if (context is null) return body();
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return body();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }
}
