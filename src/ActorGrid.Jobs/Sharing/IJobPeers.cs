using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>What the job runner needs of the cluster that its node is in.</summary>
/// <remarks>Safe to use from any thread.</remarks>
internal interface IJobPeers
{
    /// <summary>The incarnation of this node; empty while it is between two.</summary>
    Guid Self { get; }

    /// <summary>The other members, in an order that is the same on each look while they are the same.</summary>
    IReadOnlyList<JobPeer> Peers { get; }

    /// <summary>Begins to hand over what peers send to the jobs of this node, and to tell of changes of <see cref="Peers"/>. Called from any
    /// thread; what is called must neither block nor throw. The memory of a message is valid for the call only.</summary>
    void Start(Action<Guid, ReadOnlyMemory<byte>> onMessage, Action onChanged);

    /// <summary>Sends to the jobs of a node, which may be a client.</summary>
    /// <returns>False if it cannot be reached now, or has not taken what was sent before. What was sent may be lost.</returns>
    bool Send(Guid peer, ReadOnlySpan<byte> message);

    /// <summary>The member that owns the shard of a job at present, as far as is known; empty if none, or if it is this node.</summary>
    Guid OwnerOf(EntityId job);
}

/// <summary>Another member.</summary>
/// <param name="Incarnation">Who it is.</param>
/// <param name="Name">What people call it.</param>
/// <param name="IsReachable">Whether there is a link to it at this moment.</param>
internal readonly record struct JobPeer(Guid Incarnation, string Name, bool IsReachable);
