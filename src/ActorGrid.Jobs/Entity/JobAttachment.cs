using System.Globalization;
using ActorGrid.Actors;
using ActorGrid.Persistence;

namespace ActorGrid.Jobs;

/// <summary>The names of a job's attachments.</summary>
internal static class JobAttachment
{
    public const string Job = "job", Parts = "parts", Result = "result";

    public static string Partial(int part) => string.Create(CultureInfo.InvariantCulture, $"partial/{part}");

    /// <summary>Reads one that has to be there.</summary>
    /// <exception cref="CodecException">It is not there.</exception>
    /// <exception cref="StoreException">The store could not be read.</exception>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(
        IEventJournal journal, EntityId job, string name, CancellationToken cancellationToken) =>
        await journal.ReadAttachmentAsync(job, name, cancellationToken)
            ?? throw new CodecException($"The attachment '{name}' of {job} is not in the journal.");
}
