using SampleNodes;

namespace WordCount;

/// <summary>What the command line asks for.</summary>
/// <param name="Paths">Full paths; none: the generated text.</param>
/// <param name="Top">How many words are shown as bars.</param>
/// <param name="Json">The full path of the JSON file, or null.</param>
/// <param name="Csv">The full path of the CSV file, or null.</param>
/// <param name="Workers">How many parts are counted at a time, on each node; null: as many as there are processors, over all nodes of this host.</param>
/// <param name="Job">The id that the user gave, or null.</param>
/// <param name="Data">The full path of the folder for jobs and the generated text.</param>
/// <param name="Seed">The seed of the generated text.</param>
/// <param name="Nodes">On which nodes.</param>
/// <param name="KillOwner">Whether it is the node that has accepted the job which is killed, if one is.</param>
public sealed record CountOptions(
    IReadOnlyList<string> Paths, int Top, string? Json, string? Csv, int? Workers, string? Job, string Data, ulong Seed, NodeRequest Nodes, bool KillOwner)
{
    /// <summary>The workers of each node.</summary>
    public int WorkersOfNode => Workers ?? Math.Max(1, Math.Min(Environment.ProcessorCount, CommandLine.WorkersMax) / Math.Max(1, Nodes.Nodes ?? 1));

    /// <summary>Where the grid of a job is kept: in its own folder, or, if the nodes run already, where these keep all jobs.</summary>
    public StoreChoice StoreOf(JobFolder folder) => Nodes.Store.Or(Nodes.Nodes == 0 ? Database : folder.Database);

    /// <summary>Where nodes that are started by hand keep all jobs.</summary>
    public string Database => Path.Join(Data, "grid.db");
}
