namespace ActorGrid.Actors;

/// <summary>An ask of an actor, whatever the reply is.</summary>
internal interface IAsk : IAsker
{
    /// <summary>Who was asked.</summary>
    ActorRef Target { get; }

    /// <summary>What the asker holds.</summary>
    Task Reply { get; }
}
