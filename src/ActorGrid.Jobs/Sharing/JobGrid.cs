namespace ActorGrid.Jobs;

/// <summary>What the runner of a node of a cluster has to do with the other nodes.</summary>
/// <param name="Peers">The other nodes.</param>
/// <param name="Table">Which of them are there.</param>
/// <param name="Post">How they are told.</param>
/// <param name="Giver">The work of this node that they do.</param>
/// <param name="Taker">Their work that this node does.</param>
/// <param name="Keeper">The worker that never runs parts, so that a job here is opened, split and combined though all other workers are busy for
/// long.</param>
internal sealed record JobGrid(IJobPeers Peers, PeerTable Table, JobPost Post, WorkGiver Giver, WorkTaker Taker, int Keeper);
