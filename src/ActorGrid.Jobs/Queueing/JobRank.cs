namespace ActorGrid.Jobs;

/// <summary>What a job's turn depends on.</summary>
/// <param name="Priority">How urgent it is.</param>
/// <param name="Submitter">Whose it is; empty: nobody has said.</param>
internal readonly record struct JobRank(JobPriority Priority, string Submitter);
