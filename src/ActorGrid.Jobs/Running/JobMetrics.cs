using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace ActorGrid.Jobs;

/// <summary>What the runner counts, on the meter <c>ActorGrid</c>.</summary>
internal static class JobMetrics
{
    private static readonly Meter Meter = new("ActorGrid");

    public static readonly Counter<long> PartsRun =
        Meter.CreateCounter<long>("actorgrid.jobs.parts.run", "{part}", "Parts whose partial result is durable.");

    public static readonly Counter<long> AttemptsFailed =
        Meter.CreateCounter<long>("actorgrid.jobs.attempts.failed", "{attempt}", "Attempts of a part or a split that failed.");

    public static readonly Counter<long> AttemptsRetried =
        Meter.CreateCounter<long>("actorgrid.jobs.attempts.retried", "{attempt}", "Attempts of a part or a split that were not the first.");

    public static readonly Counter<long> LogsLost =
        Meter.CreateCounter<long>("actorgrid.jobs.logs.lost", "{entry}", "Entries of the job runner's log that a provider failed to take.");

    public static readonly Counter<long> WorkLost =
        Meter.CreateCounter<long>("actorgrid.jobs.work.lost", "{attempt}", "Attempts that went down with another node, or out of its reach.");

    public static readonly Counter<long> MessagesLost =
        Meter.CreateCounter<long>("actorgrid.jobs.messages.lost", "{message}", "Messages to the jobs of other nodes that were dropped.");

    public static readonly Counter<long> MessagesRefused =
        Meter.CreateCounter<long>("actorgrid.jobs.messages.refused", "{message}", "Messages from the jobs of other nodes that were malformed or of another version.");

    public static readonly Gauge<long> PartsWaiting =
        Meter.CreateGauge<long>("actorgrid.jobs.parts.waiting", "{part}", "Parts of the jobs in hand that are not done.");

    /// <summary>Makes the instruments known to listeners, who else would not see them before something is counted for the first time.</summary>
    public static void Publish() => RuntimeHelpers.RunClassConstructor(typeof(JobMetrics).TypeHandle);

    public static KeyValuePair<string, object?> Of(JobRun run) => new("actorgrid.job.type", run.TypeName);
}
