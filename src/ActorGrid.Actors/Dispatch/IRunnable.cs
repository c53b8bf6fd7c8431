namespace ActorGrid.Actors;

/// <summary>A unit of work for a <see cref="Dispatcher"/>. It runs once for each time that it was scheduled.</summary>
public interface IRunnable
{
    /// <summary>Does the work. It must return soon, and must not throw: it has to handle its own failures.</summary>
    void Run();
}
