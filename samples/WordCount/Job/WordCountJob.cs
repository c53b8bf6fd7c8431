using System.Text.Json.Serialization;
using ActorGrid.Jobs;

namespace WordCount;

/// <summary>Counts the words of files: parts are slices of them, and results are tables.</summary>
/// <param name="Paths">What was asked for: full paths of files and folders.</param>
/// <param name="Files">The files found there, as they were then.</param>
public sealed record WordCountJob(IReadOnlyList<string> Paths, IReadOnlyList<InputFile> Files) : Job<InputPart, WordTable, WordTable>
{
    /// <summary>The name of the job type in the journal.</summary>
    public const string TypeName = "word-count";

    /// <summary>A part is never the culprit when its process goes down: no number of kills makes the job fail.</summary>
    public static JobOptions Options { get; } = new() { LossesMax = 1000 };

    public override ValueTask<IReadOnlyList<InputPart>> SplitAsync(CancellationToken cancellationToken) => new(Splitter.Split(Files));

    public override ValueTask<WordTable> RunAsync(InputPart part, JobContext context)
    {
        WordTable table = new();
        SliceReader reader = new(table);
        long done = 0;
        try
        {
            foreach (FileSlice slice in part.Slices)
                reader.Count(slice, read => context.Report(done += read), context.CancellationToken);
            return new(table);
        }
        catch (InputException e)
        {
            // A file that is gone or has changed is so in every further attempt.
            throw new JobPartException(e.Message, isPermanent: true);
        }
    }

    public override WordTable Combine(WordTable left, WordTable right)
    {
        // The smaller into the larger: the order of words means nothing.
        (WordTable large, WordTable small) = left.DistinctWords >= right.DistinctWords ? (left, right) : (right, left);
        large.Merge(small);
        return large;
    }

    public override WordTable Result(WordTable total) => total;

    public override WordTable Empty() => new();

    public override long Weight(InputPart part) => part.Length;
}

[JsonSerializable(typeof(WordCountJob))]
[JsonSerializable(typeof(InputPart))]
internal sealed partial class WordCountJson : JsonSerializerContext;
