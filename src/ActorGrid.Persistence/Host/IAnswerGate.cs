namespace ActorGrid.Persistence;

/// <summary>Says whether this node may answer from memory: whether no other node can own its shards at this moment.</summary>
/// <remarks>Thread-safe, and cheap: asked for every reply that rests on no append.</remarks>
internal interface IAnswerGate
{
    bool MayAnswer { get; }
}
