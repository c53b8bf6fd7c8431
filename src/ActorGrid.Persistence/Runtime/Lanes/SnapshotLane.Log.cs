using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorGrid.Persistence;

internal sealed partial class SnapshotLane
{
    /// <summary>Set at the start: an actor has no context before.</summary>
    private ILogger _logger = NullLogger.Instance;

    [LoggerMessage(1, LogLevel.Warning, "The snapshot of {Entity} was left out: {Waiting} wait already")]
    private partial void LogLeftOut(EntityId entity, int waiting);

    [LoggerMessage(2, LogLevel.Warning, "{Count} snapshots were not saved")]
    private partial void LogFailed(int count, Exception error);

    [LoggerMessage(3, LogLevel.Warning, "The snapshot of {Entity} has {Bytes} bytes, more than {BytesMax}; it was left out")]
    private partial void LogTooLarge(EntityId entity, int bytes, int bytesMax);

    [LoggerMessage(5, LogLevel.Error, "The snapshot of {Entity} after event {Sequence} does not come back as it went, so it was not saved, and no event is removed: {Difference}")]
    private partial void LogMismatch(EntityId entity, long sequence, string difference);

    [LoggerMessage(4, LogLevel.Error, "The state of {Entity} cannot be encoded; its snapshot was left out")]
    private partial void LogNotEncoded(EntityId entity, Exception error);
}
