namespace ActorGrid.Persistence;

/// <summary>The store could not do what it was asked; the message says why and what to do about it.</summary>
/// <param name="message">What happened, and the remedy.</param>
/// <param name="isTransient">Whether the same call may go well a little later without anybody doing anything.</param>
/// <param name="innerException">The cause, if there is one.</param>
public sealed class StoreException(string message, bool isTransient, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Whether the same call may go well a little later without anybody doing anything.</summary>
    public bool IsTransient { get; } = isTransient;
}
