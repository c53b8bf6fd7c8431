namespace ActorGrid.Testing;

/// <summary>A probe did not get what the test expects.</summary>
public sealed class ProbeException : Exception
{
    internal ProbeException(string message)
        : base(message)
    {
    }
}
