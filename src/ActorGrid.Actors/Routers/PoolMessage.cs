namespace ActorGrid.Actors;

/// <summary>What a pool's own actor is told.</summary>
internal abstract record PoolMessage
{
    /// <summary>A routee has stopped.</summary>
    public sealed record Gone(ActorRef Routee) : PoolMessage;

    /// <summary>Have that many routees.</summary>
    public sealed record Resize(int Routees) : PoolMessage;

    /// <summary>Nobody sends to this one any more: let it come to its end.</summary>
    public sealed record Retire(ActorRef Routee) : PoolMessage;

    /// <summary>Let all come to their end, and then stop.</summary>
    public sealed record Close : PoolMessage;

    /// <summary>Look whether the size is right.</summary>
    public sealed record Look : PoolMessage;
}
