namespace ActorGrid.Jobs;

/// <summary>A part, or the split, of a job cannot be done. Thrown by a job that knows whether trying again makes sense.</summary>
/// <param name="message">What is wrong; it becomes a part of what the job's caller reads.</param>
/// <param name="isPermanent">Whether it would come back in every further attempt, so that the job fails at once.</param>
/// <param name="innerException">The cause, if there is one.</param>
public sealed class JobPartException(string message, bool isPermanent = false, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>Whether it would come back in every further attempt.</summary>
    public bool IsPermanent { get; } = isPermanent;
}
