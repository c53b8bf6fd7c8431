using System.Globalization;
using ActorGrid.Actors;

namespace ActorGrid.Jobs;

/// <summary>How a node runs jobs.</summary>
public sealed record JobRunnerOptions
{
    /// <summary>How many parts, of all jobs together, run at a time on the node: 1 to 1,024. By default the number of processors.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>How many jobs are worked on in turn: 1 to 10,000; 64 by default. Others wait in line. Once so many are in turn, up to as many again may join them, one for each priority and submitter that would
    /// have none.</summary>
    public int JobsMax { get; init; } = 64;

    /// <summary>How many jobs that have not ended the node may have, those in line included; further ones are refused with <see cref="Actors.OverloadedException"/>: 1 to 10,000,000; 100,000 by default. A node has
    /// the jobs whose shards it owns; those that come with a shard are never refused.</summary>
    public int JobsOpenMax { get; init; } = 100_000;

    /// <summary>How many of these may be of one submitter: from 1; 100,000 by default. Jobs without a submitter are of one.</summary>
    public int JobsOpenPerSubmitterMax { get; init; } = 100_000;

    /// <summary>
    /// How many partial results may wait to become durable before no further part is begun: 1 to 10,000. By default twice the number of
    /// workers. With the parts that run, it bounds the partial results in memory that are not combined yet.
    /// </summary>
    public int RecordingMax { get => field == 0 ? 2 * Workers : field; init; }

    /// <summary>The name of the node in the failures of jobs, not empty. By default <c>local</c>.</summary>
    public string NodeName { get; init; } = "local";

    /// <summary>
    /// Makes the dispatcher of a worker, given its number from 0 on; whoever made it disposes it. Null, the default: a thread of its own
    /// for each worker.
    /// </summary>
    public Func<int, Dispatcher>? WorkerDispatcher { get; init; }

    internal void Check()
    {
        Check(Workers is >= 1 and <= 1024, nameof(Workers), Workers, "1 to 1,024");
        Check(JobsMax is >= 1 and <= 10_000, nameof(JobsMax), JobsMax, "1 to 10,000");
        Check(JobsOpenMax is >= 1 and <= 10_000_000, nameof(JobsOpenMax), JobsOpenMax, "1 to 10,000,000");
        Check(JobsOpenPerSubmitterMax >= 1, nameof(JobsOpenPerSubmitterMax), JobsOpenPerSubmitterMax, "1 or more");
        Check(RecordingMax is >= 1 and <= 10_000, nameof(RecordingMax), RecordingMax, "1 to 10,000");
        Check(!string.IsNullOrWhiteSpace(NodeName), nameof(NodeName), NodeName, "a name");
    }

    private static void Check(bool isGood, string name, object value, string allowed)
    {
        if (!isGood)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"JobRunnerOptions.{name} is '{value}'; it must be {allowed}."), name);
        }
    }
}
