namespace ActorGrid.Persistence;

/// <summary>What the reader of a shard is told.</summary>
internal interface IReaderMessage;

/// <summary>The node serves the shard.</summary>
/// <param name="Epoch">Since when.</param>
/// <param name="Last">The offset of its last event by then.</param>
/// <param name="Token">Ends when that is over.</param>
internal sealed record ReaderOpened(Epoch Epoch, long Last, CancellationToken Token) : IReaderMessage;

/// <summary>What the user's code had registered on a token that ended has thrown.</summary>
internal sealed record ReaderFault(Exception Error) : IReaderMessage;

internal sealed class ReaderTick : IReaderMessage
{
    /// <summary>There is more.</summary>
    public static readonly ReaderTick Wake = new();

    /// <summary>It is this reader's turn among those of the subscription.</summary>
    public static readonly ReaderTick Go = new();

    /// <summary>The pause after a failure is over.</summary>
    public static readonly ReaderTick Retry = new();

    /// <summary>The cursor was not stored for a while.</summary>
    public static readonly ReaderTick Store = new();

    /// <summary>The shard has left the node.</summary>
    public static readonly ReaderTick Leave = new();

    /// <summary>The subscription ends on this node.</summary>
    public static readonly ReaderTick Stop = new();
}
