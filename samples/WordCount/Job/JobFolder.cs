using System.Buffers;
using System.Text.Json;

namespace WordCount;

/// <summary>
/// The folder of one job: its database, and the submission as it was when the job began. Kept apart from the database, so that a count
/// that goes on finds the same files, and can say which of them changed, before anything runs.
/// </summary>
public sealed class JobFolder
{
    private const string SubmissionName = "submission.json";
    private const int IdLengthMax = 64;

    private static readonly SearchValues<char> IdCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    private readonly string _submission;

    /// <summary>Names the folder; makes nothing.</summary>
    public JobFolder(string data, string jobId)
    {
        JobId = jobId;
        Path = System.IO.Path.Join(data, jobId);
        _submission = System.IO.Path.Join(Path, SubmissionName);
    }

    /// <summary>The id of the job.</summary>
    public string JobId { get; }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The database with the journal of the job.</summary>
    public string Database => System.IO.Path.Join(Path, "grid.db");

    /// <summary>Whether the job was begun earlier.</summary>
    public bool HasBegun => File.Exists(_submission);

    /// <summary>Why this is no job id, or null.</summary>
    public static string? Refuse(string jobId) =>
        jobId.Length is 0 or > IdLengthMax || jobId[0] == '.' || jobId.AsSpan().ContainsAnyExcept(IdCharacters)
            ? $"'{jobId}' is no job id: 1 to {IdLengthMax} ASCII letters, digits, '-', '_' and '.', the first no '.'."
            : null;

    /// <summary>Writes down what the job is to count, whole or not at all.</summary>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public void Begin(WordCountJob job)
    {
        string unfinished = _submission + ".unfinished";
        try
        {
            Directory.CreateDirectory(Path);
            using (FileStream file = File.Create(unfinished))
            {
                JsonSerializer.Serialize(file, job, WordCountJson.Default.WordCountJob);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, _submission, overwrite: true);
        }
        catch (Exception e) when (FileFault.Is(e))
        {
            if (Directory.Exists(Path))
                Directory.Delete(Path, recursive: true);     // a job that never began leaves nothing
            throw new InputException(
                $"Cannot write to the job's folder '{Path}': {FileFault.Reason(e, Path)}. Choose another with --data.", e);
        }
    }

    /// <summary>Reads what the job counts, and makes sure that all of it is as it was.</summary>
    /// <exception cref="InputException">The job counts something else, or a file changed: it is named.</exception>
    public WordCountJob GoOn(IReadOnlyList<string> paths)
    {
        WordCountJob job = Read();
        if (!job.Paths.SequenceEqual(paths))
        {
            throw new InputException(
                $"The job '{JobId}' counts {Shown(job.Paths)}, not {Shown(paths)}. Give it the same paths, or use another --job.");
        }

        foreach (InputFile file in job.Files)
            SliceReader.Check(file);
        return job;
    }

    /// <summary>Removes the folder with all that is in it.</summary>
    public void Delete() => Directory.Delete(Path, recursive: true);

    private WordCountJob Read()
    {
        try
        {
            using FileStream file = File.OpenRead(_submission);
            return JsonSerializer.Deserialize(file, WordCountJson.Default.WordCountJob) ?? throw new JsonException("It is null.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InputException($"Cannot go on with the job '{JobId}': '{_submission}' is unusable: {e.Message}", e);
        }
    }

    private static string Shown(IReadOnlyList<string> paths) => string.Join(", ", paths.Select(path => $"'{path}'"));
}
