namespace ActorGrid.Persistence;

/// <summary>Calls of a store. Their faults travel in the task, even those of a store that throws before it returns one.</summary>
internal static class StoreTask
{
    public static Task<T> From<T>(Func<Task<T>> call)
    {
        try
        {
            return call();
        }
        catch (Exception e)
        {
            return Task.FromException<T>(e);
        }
    }
}
