namespace ActorGrid.Jobs;

/// <summary>What a part is given to run with.</summary>
public sealed class JobContext
{
    private long _unitsDone;

    /// <summary>Makes a context; the grid does this for each attempt, and tests of a job may.</summary>
    /// <param name="jobId">The id of the job.</param>
    /// <param name="part">The number of the part, from 0.</param>
    /// <param name="attempt">The number of the attempt, from 1.</param>
    /// <param name="cancellationToken">Is cancelled when the job is, or when the part has run into
    /// <see cref="JobOptions.PartTimeout"/>.</param>
    public JobContext(string jobId, int part, int attempt, CancellationToken cancellationToken)
    {
        JobId = jobId;
        Part = part;
        Attempt = attempt;
        CancellationToken = cancellationToken;
    }

    /// <summary>The id of the job.</summary>
    public string JobId { get; }

    /// <summary>The number of the part, from 0, in the order in which the job was split.</summary>
    public int Part { get; }

    /// <summary>The number of the attempt, from 1.</summary>
    public int Attempt { get; }

    /// <summary>
    /// Is cancelled when the job is cancelled or fails, when the part has run into <see cref="JobOptions.PartTimeout"/>, and when the node
    /// stops. A part that ignores it holds its worker until it returns, and nothing else.
    /// </summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>How many units of its weight the part has reported as done.</summary>
    internal long UnitsDone => Volatile.Read(ref _unitsDone);

    /// <summary>Says how many units of its weight the part has done so far. Cheap enough for every few thousand bytes; safe from any
    /// thread.</summary>
    /// <param name="unitsDone">The total of this attempt up to now, not the difference to the last report.</param>
    public void Report(long unitsDone) => Volatile.Write(ref _unitsDone, unitsDone);
}
