namespace ActorGrid.Failover;

/// <summary>What a run is made of.</summary>
/// <param name="Nodes">How many nodes the grid begins with.</param>
/// <param name="Load">What the client does.</param>
/// <param name="Warmup">How long the load runs before the fault.</param>
/// <param name="Store">The store.</param>
/// <param name="Directory">Where the files and logs of the run are.</param>
/// <param name="Victim">Which node is hit, from 0 on; taken modulo the number of nodes.</param>
internal sealed record StageOptions(int Nodes, LoadOptions Load, TimeSpan Warmup, StoreChoice Store, string Directory, int Victim)
{
    /// <summary>The load in words.</summary>
    public string Describe() => FormattableString.Invariant(
        $"{Nodes} nodes and a client, {Load.Entities:n0} entities, each asked every {Load.Every.TotalMilliseconds:f0} ms (writes and reads in turn), deadline {Load.Deadline.TotalSeconds:f0} s");
}
